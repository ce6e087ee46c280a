"""Our signature against botocore's."""

from __future__ import annotations

from datetime import UTC, datetime

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from shared.aws.signing import Signer

HEADERS = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.PutItem"}


@pytest.mark.parametrize("token", [None, "a-session's/token=="])
@pytest.mark.parametrize(
    "url", ["https://dynamodb.eu-west-1.amazonaws.com/", "http://127.0.0.1:4566/", "https://a.example:443/"]
)
@pytest.mark.parametrize("content", [b"", b'{"Item": {"id": {"S": "\xc3\xa9"}}}'])
@pytest.mark.parametrize("now", [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)], ids=str)
def test_a_request_is_signed_as_botocore_signs_it(
    now: datetime, content: bytes, url: str, token: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = Credentials("access", "secret/key+", token)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: now)
    expected = AWSRequest("POST", url, dict(HEADERS), content)
    SigV4Auth(credentials, "dynamodb", "eu-west-1").add_auth(expected)

    signed = Signer(credentials, "eu-west-1", "dynamodb", lambda: now).signed(url, HEADERS, content)

    assert signed == dict(expected.headers.items())
