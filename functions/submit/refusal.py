"""Every way in which a request is turned down, in one table: kind → status, title, what to do about it.

Texts never hold anything that was submitted. A form can replace a `detail` or a field's message in `[messages]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. `code` is stable; the message is for people."""

    field: str
    code: str


class Refusal(Exception):
    """The request is turned down; `kind` is a key of `PROBLEMS`."""

    def __init__(self, kind: str, *, errors: Sequence[FieldError] = (), retry_after: float | None = None) -> None:
        self.kind = kind
        self.errors = tuple(errors)
        self.retry_after = retry_after
        super().__init__(kind)


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of the table."""

    status: int
    title: str
    detail: str


PROBLEMS: dict[str, Problem] = {
    "unreadable-body": Problem(
        400, "The request cannot be read", "Send JSON, a URL-encoded form or multipart form data, encoded as UTF-8."
    ),
    "too-deep": Problem(400, "The request cannot be read", "JSON may be nested ten levels deep at most."),
    "bad-idempotency-key": Problem(
        400, "The request cannot be read", "Idempotency-Key must be 1 to 255 printable ASCII characters."
    ),
    "origin-not-allowed": Problem(
        403, "Not allowed from here", "This form does not accept sign-ups from this website; its owner can add it."
    ),
    "signature-missing": Problem(403, "Signature missing", "This form accepts signed requests only."),
    "signature-invalid": Problem(
        403, "Signature not valid", "Sign the exact body with a current secret and a current timestamp."
    ),
    "spam-suspected": Problem(403, "Please try once more", "Reload the page, fill the form in again and send it."),
    "form-not-found": Problem(404, "No such form", "Check the form's address."),
    "not-found": Problem(404, "Nothing here", "Check the address."),
    "method-not-allowed": Problem(405, "Not in this way", "Use one of the methods that `Allow` lists."),
    "idempotency-conflict": Problem(
        409, "Already used", "This Idempotency-Key was used with other data; use a new key for a new sign-up."
    ),
    "too-large": Problem(413, "Too large", "A sign-up may have 64 KiB and 100 fields at most."),
    "unsupported-type": Problem(
        415,
        "Unsupported content type",
        "Use application/json, application/x-www-form-urlencoded or multipart/form-data, in UTF-8.",
    ),
    "invalid-fields": Problem(422, "Please check your entries", "Some entries are missing or not valid."),
    "too-many-requests": Problem(429, "Too many sign-ups", "Please wait a little and try again."),
    "form-broken": Problem(503, "The form is out of order", "Nothing was lost on your side; please try again later."),
    "not-accepted": Problem(
        503, "Not accepted", "We could not store your sign-up safely; please try again in a moment."
    ),
}

FIELD_MESSAGES: dict[str, str] = {
    "required": "This is needed.",
    "invalid_email": "This is not an e-mail address.",
    "invalid_phone": "This is not a phone number; write it with its country code, like +1 …",
    "invalid_choice": "This is not one of the options.",
    "invalid_boolean": "This is neither yes nor no.",
    "invalid_integer": "This is not a whole number.",
    "invalid_number": "This is not a number.",
    "invalid_date": "This is not a date like 2026-12-31.",
    "invalid_value": "This is not a single value.",
    "too_long": "This is too long.",
    "file_not_accepted": "Files are not accepted.",
}
