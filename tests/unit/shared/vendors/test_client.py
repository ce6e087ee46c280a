"""What every vendor's client has in common."""

from __future__ import annotations

import httpx
import pytest

from shared.errors import Refused
from shared.vendors.esputnik.client import ESputnikClient, ESputnikConnection
from tests.support.vendor_fakes import http_answering, soon


@pytest.mark.parametrize("path", ["@elsewhere.example.com/", "next", ""])
def test_the_credential_is_never_sent_to_a_host_that_a_path_names(path: str) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    http = http_answering(answer)
    secret = {"base_url": "https://vendor.example.com", "api_key": "secret"}
    client = ESputnikClient(http, ESputnikConnection.of_secret("esputnik", secret), soon())

    with pytest.raises(Refused, match="starts with /"):
        client.request("next page", "GET", path)
    assert asked == []
