"""The example vendor's live check."""

from __future__ import annotations

from shared.http.vendor_http import VendorHttp
from shared.vendors.live_check import CheckedDestination, Findings
from tests.support.vendor_fakes import soon
from tests.vendors.example.live_check import check
from tests.vendors.example.mailroom import MailroomConnection, UpsertOptions
from tests.vendors.example.twin import MailroomTwin


def test_the_search_is_tried_and_the_mailbox_is_not(http: VendorHttp) -> None:
    with MailroomTwin() as twin:
        connection = MailroomConnection.of_secret("mailroom", twin.connection())
        found = Findings()

        check(CheckedDestination(connection, UpsertOptions(), (), {}, http, soon()), found)

    assert {finding.about: finding.result for finding in found.all} == {"search": "fits", "mailbox": "untried"}
    assert twin.writes() == []
