from __future__ import annotations

from local.twins.higherlogic.twin import HigherLogicTwin
from shared.http.vendor_http import VendorHttp
from tests.support.live_checks import live_check


def test_everything_that_the_form_file_names_is_untried(higherlogic: HigherLogicTwin, http: VendorHttp) -> None:
    found = live_check(
        "higherlogic",
        "upsert",
        higherlogic.connection(),
        http,
        lists=[{"id": "L1", "name": "News"}],
        groups=[{"id": "G1", "name": "Members"}],
        custom_fields=["Bio"],
    )

    assert [(finding.about, finding.result) for finding in found] == [
        ("lists", "untried"),
        ("groups", "untried"),
        ("custom_fields", "untried"),
    ]
    assert not higherlogic.requests
