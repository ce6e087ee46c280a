"""Every text that a visitor can get to see, in English and by code. A form replaces any of them in `[messages]`.

A problem's code is the key of its detail, the code with `-title` that of its title. No text holds a submitted value.
"""

from __future__ import annotations

PROBLEM_TEXTS: dict[str, tuple[str, str]] = {
    "unreadable-body": (
        "We could not read this request",
        "Send JSON, a URL-encoded form or multipart form data, encoded as UTF-8.",
    ),
    "too-deep": ("We could not read this request", "JSON can be nested at most ten levels deep."),
    "bad-idempotency-key": (
        "Idempotency-Key not valid",
        "The Idempotency-Key header must be 1 to 255 printable ASCII characters.",
    ),
    "origin-not-allowed": (
        "Sign-up not allowed",
        "This form does not accept sign-ups from this website. The owner of the form can allow it.",
    ),
    "signature-missing": ("Signature missing", "This form only accepts signed requests."),
    "signature-invalid": (
        "Signature not valid",
        "Sign the exact body of the request with a current secret and the current time.",
    ),
    "spam-suspected": ("Please try again", "Reload the page, fill in the form again and send it."),
    "form-not-found": ("Form not found", "Please check the address of the form."),
    "not-found": ("Page not found", "Please check the address."),
    "method-not-allowed": ("Method not allowed", "Use one of the methods in the Allow header."),
    "idempotency-conflict": (
        "Idempotency-Key already used",
        "This Idempotency-Key or webhook-id was used with different data. Use a new one for each new sign-up.",
    ),
    "too-large": ("Too much data", "A sign-up can have at most 64 KiB, 256 KiB if it is signed, and 100 fields."),
    "unsupported-type": (
        "Unsupported content type",
        "Use application/json, application/x-www-form-urlencoded or multipart/form-data, encoded as UTF-8.",
    ),
    "invalid-fields": ("Please check your entries", "Some entries are missing or not valid."),
    "too-many-requests": ("Too many sign-ups", "Please try again later."),
    "form-broken": ("This form is not working right now", "Your sign-up was not sent. Please try again later."),
    "not-accepted": ("Something went wrong", "We could not save your sign-up. Please try again in a moment."),
}
"""Why a request is turned down: code → title, what to do about it."""

FIELD_TEXTS: dict[str, str] = {
    "required": "Please fill this in.",
    "invalid_email": "Please enter a valid email address.",
    "invalid_phone": "Please enter a phone number with its country code, like +1 201 555 0123.",
    "invalid_choice": "Please choose one of the options.",
    "several-values": "Please choose only one.",
    "invalid_boolean": "Please answer yes or no.",
    "invalid_integer": "Please enter a whole number.",
    "invalid_number": "Please enter a number.",
    "invalid_date": "Please enter a date like 2026-12-31.",
    "not-a-name": "Please enter a name, without links or code.",
    "wrong-format": "Please check how this is written.",
    "unreadable-text": "Some characters of this cannot be read. Please enter it again.",
    "invalid_value": "Please enter a single value.",
    "too_long": "This is too long.",
    "file_not_accepted": "Files are not accepted here.",
}
"""What is wrong with one field."""

VARIANT_TEXTS: dict[str, str] = {
    "origin-missing": "This form only accepts sign-ups from web pages: the request has no Origin header.",
    "required_box": "Please tick this box.",
    "required_choice": "Please choose one.",
    "required_choices": "Please choose at least one.",
    "invalid_choices": "Please choose from the options.",
    "invalid_phone_national": "Please enter a phone number, like {example}.",
    "invalid_date_format": "Please enter a date like {example}.",
}
"""Texts for special cases: instead of `origin-not-allowed` where the request has no origin, of `required` at a tick
box, a choice and choices, of `invalid_choice` at choices, of `invalid_phone` where the field has a region, and of
`invalid_date` where it has a format."""

PAGE_TEXTS: dict[str, str] = {
    "thank-you-title": "Thank you",
    "thank-you-text": "We have received your sign-up.",
    "back-to-site": "Back to {site}",
    "go-back": "Use your browser's back button to return to the form. Your entries will still be there.",
}
"""What only the built-in pages say."""

CODES = frozenset(
    {*PROBLEM_TEXTS, *(f"{code}-title" for code in PROBLEM_TEXTS), *FIELD_TEXTS, *VARIANT_TEXTS, *PAGE_TEXTS}
)
"""The keys that `[messages]` may have."""
