"""Every text that a visitor can get to see, in English and by code. A form replaces any of them in `[messages]`.

A problem's code stands for its detail, the code with `-title` for its title. Texts never hold what was submitted.
"""

from __future__ import annotations

PROBLEM_TEXTS: dict[str, tuple[str, str]] = {
    "unreadable-body": (
        "The request cannot be read",
        "Send JSON, a URL-encoded form or multipart form data, encoded as UTF-8.",
    ),
    "too-deep": ("The request cannot be read", "JSON may be nested ten levels deep at most."),
    "bad-idempotency-key": (
        "The request cannot be read",
        "Idempotency-Key must be 1 to 255 printable ASCII characters.",
    ),
    "origin-not-allowed": (
        "Not allowed from here",
        "This form does not accept sign-ups from this website; its owner can add it.",
    ),
    "signature-missing": ("Signature missing", "This form accepts signed requests only."),
    "signature-invalid": ("Signature not valid", "Sign the exact body with a current secret and a current timestamp."),
    "spam-suspected": ("Please try once more", "Reload the page, fill the form in again and send it."),
    "form-not-found": ("No such form", "Check the form's address."),
    "not-found": ("Nothing here", "Check the address."),
    "method-not-allowed": ("Not in this way", "Use one of the methods that `Allow` lists."),
    "idempotency-conflict": (
        "Already used",
        "This Idempotency-Key was used with other data; use a new key for a new sign-up.",
    ),
    "too-large": ("Too large", "A sign-up may have 64 KiB and 100 fields at most."),
    "unsupported-type": (
        "Unsupported content type",
        "Use application/json, application/x-www-form-urlencoded or multipart/form-data, in UTF-8.",
    ),
    "invalid-fields": ("Please check your entries", "Some entries are missing or not valid."),
    "too-many-requests": ("Too many sign-ups", "Please wait a little and try again."),
    "form-broken": ("The form is out of order", "Nothing was lost on your side; please try again later."),
    "not-accepted": ("Not accepted", "We could not store your sign-up safely; please try again in a moment."),
}
"""Why a request is turned down: code → title, what to do about it."""

FIELD_TEXTS: dict[str, str] = {
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
"""What is wrong with one field."""

PAGE_TEXTS: dict[str, str] = {
    "thank-you-title": "Thank you",
    "thank-you-text": "We have received your sign-up.",
    "go-back": "Go back with your browser's back button; your entries are still there.",
}
"""What only the built-in pages say."""

CODES = frozenset({*PROBLEM_TEXTS, *(f"{code}-title" for code in PROBLEM_TEXTS), *FIELD_TEXTS, *PAGE_TEXTS})
"""The keys that `[messages]` may have."""
