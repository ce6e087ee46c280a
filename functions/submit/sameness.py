"""What makes two sign-ups the same: the key that a sender gave them, or their values."""

from __future__ import annotations

import json

from functions.submit.idempotency import Key
from functions.submit.request.body import Values
from functions.submit.request.request import Request
from functions.submit.screening.screening import Sender
from shared.forms import Form
from shared.submission import Submission


def sent_key(request: Request, sender: Sender) -> Key | None:
    """Return the sender's own key. A signed message id counts more than a header that was not signed.

    Raises:
        Refusal: 400, the `Idempotency-Key` is not valid.
    """
    signed = sender.signed
    if signed is not None and signed.message_id is not None:
        return Key(f"signed:{signed.message_id}", signed.remember_seconds)
    key = request.idempotency_key
    return Key(key) if key else None


def same_values(submission: Submission) -> str:
    """Return the parsed values as one text; when and from where they came does not count."""
    grants = submission.receipt.grants if submission.receipt else ()
    # Box by box: two of them may grant the same channels, and stand for different lists and receipts.
    return _text([submission.contact.present, submission.custom, sorted(grant.field for grant in grants)])


def same_submitted(form: Form, values: Values) -> str:
    """Return what was submitted for the form's fields as one text, for sign-ups that are not parsed."""
    return _text({name: sent for name, sent in values.items() if name in form.fields})


def _text(values: object) -> str:
    return json.dumps(values, sort_keys=True)
