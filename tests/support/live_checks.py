"""A live check of one destination, as `relay check --live` makes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from shared.contact import Channel
from shared.http.vendor_http import VendorHttp
from shared.vendors.live_check import CheckedDestination, Finding, Findings, live_check_of
from shared.vendors.registry import ACTIONS
from tests.support.vendor_fakes import soon


def live_check(
    vendor: str,
    action: str,
    secret: Mapping[str, Any],
    http: VendorHttp,
    *,
    custom_fields: Collection[str | int] = (),
    values: Mapping[str, tuple[str, ...]] | None = None,
    granted: frozenset[Channel] = frozenset(),
    **options: Any,
) -> list[Finding]:
    """Return what the vendor's check finds about a destination with these options."""
    spec = ACTIONS[vendor, action]
    connection = spec.connection.of_secret(vendor, secret)
    settings = spec.options(**options)
    destination = CheckedDestination(connection, settings, custom_fields, values or {}, http, soon(), granted)
    found = Findings()
    check = live_check_of(vendor)
    assert check is not None
    check(destination, found)
    return found.all


def told(findings: Collection[Finding], about: str) -> str:
    """Return all that was found about one thing, as lines of `<result>: <text>`."""
    return "\n".join(f"{finding.result}: {finding.text}" for finding in findings if finding.about == about)
