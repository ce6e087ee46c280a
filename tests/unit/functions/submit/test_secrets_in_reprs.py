"""What is printed by accident, in a traceback or a debugger, shows no secret and nobody's data."""

from __future__ import annotations

from typing import Any, cast

import pytest

from functions.submit.idempotency import Key
from functions.submit.request.request import read_request
from functions.submit.screening.captcha import Credentials
from functions.submit.screening.signature import SignedRequest
from functions.submit.signup import Signup
from shared.contact import Contact
from shared.deadline import Deadline
from shared.forms.build_submission import SubmissionContext
from shared.http.call import Call, Effect, Reply
from shared.ledger.quarantine import Suspect
from shared.queue.messages import DeadLetter, Message
from shared.submission import Submission
from shared.vendors.registry import ACTIONS
from tests.support.credentials import secret_of

SENTINEL = "sentinel"
PERSON = Contact(email=f"{SENTINEL}@example.com", first_name=SENTINEL)
SUBMISSION = Submission(id="id", form="newsletter", received_at=0, contact=PERSON, custom={"notes": SENTINEL})
MESSAGE = Message(destination="pulse-us", submission=SUBMISSION, first_failed_at=0, queued_at=0)
CONNECTIONS = dict.fromkeys(spec.connection for spec in ACTIONS.values())


@pytest.mark.parametrize(
    "value",
    [
        Key(SENTINEL),
        Credentials(secret=SENTINEL),
        SignedRequest("POST", "https://relay.example.com/", {"x-signature": SENTINEL}, SENTINEL.encode()),
        read_request("newsletter", {"headers": {"x-relay-proxy": SENTINEL}, "body": SENTINEL}, 0),
        Suspect("id", "newsletter", "honeypot", {"email": [SENTINEL]}, 0, None, None, frozenset()),
        SUBMISSION,
        PERSON,
        MESSAGE,
        DeadLetter.of(MESSAGE, "refused", 1, "no", SENTINEL),
        Call("pulse", "create contact", "POST", SENTINEL, Effect.WRITE, headers={"x-api-key": SENTINEL}, body=SENTINEL),
        Reply(200, {"email": SENTINEL}, {"set-cookie": SENTINEL}),
        *(connection.model_validate(secret_of(connection, SENTINEL)) for connection in CONNECTIONS),
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
    assert SENTINEL not in str(value)
    assert SENTINEL not in f"{[value]}"
