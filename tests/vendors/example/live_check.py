"""Mailroom: what `relay check --live` can try beside the key."""

from __future__ import annotations

from shared.vendors.live_check import CheckedDestination, Findings
from tests.vendors.example.mailroom import MailroomClient

NOBODY = "nobody@example.com"


def check(destination: CheckedDestination, found: Findings) -> None:
    """Try the search."""
    client = MailroomClient(destination.http, destination.connection, destination.deadline)
    with found.needed("search"):
        if not any(hit["email"] == NOBODY for hit in client.find(NOBODY)):
            found.fits("search", "an address that nobody has finds nobody")
    found.untried("mailbox", "no call lists the account's mailboxes")
