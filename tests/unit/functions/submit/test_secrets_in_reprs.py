"""What is printed by accident, in a traceback or a debugger, shows no secret and nobody's data."""

from __future__ import annotations

from typing import Any, cast

import pytest

from functions.submit.idempotency import Key
from functions.submit.request.request import read_request
from functions.submit.screening.captcha import Credentials
from functions.submit.screening.signature import SignedRequest
from functions.submit.signup import Signup
from shared.deadline import Deadline
from shared.forms.build_submission import SubmissionContext
from shared.ledger.quarantine import Suspect

SENTINEL = "sentinel"


@pytest.mark.parametrize(
    "value",
    [
        Key(SENTINEL),
        Credentials(secret=SENTINEL),
        SignedRequest("POST", "https://relay.example.com/", {"x-signature": SENTINEL}, SENTINEL.encode()),
        read_request("newsletter", {"headers": {"x-relay-proxy": SENTINEL}, "body": SENTINEL}, 0),
        Suspect("id", "newsletter", "honeypot", {"email": [SENTINEL]}, 0, None, None, frozenset()),
        Signup(
            cast("Any", None),
            {"email": [SENTINEL]},
            SubmissionContext("id", 0),
            Key(SENTINEL),
            Deadline.after(1),
            cast("Any", None),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_repr_shows_neither_secrets_nor_what_was_submitted(value: object) -> None:
    assert SENTINEL not in repr(value)
