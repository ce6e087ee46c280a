"""The text of a refusal: the form's own before ours, and of ours a fitting variant before the general one."""

from __future__ import annotations

from functions.submit.refusal import Refusal
from shared.forms import Form
from shared.forms.fields import BooleanField, ConsentField, DateField, PhoneField
from shared.forms.invalid_fields import FieldError
from shared.forms.texts import FIELD_TEXTS, PROBLEM_TEXTS, VARIANT_TEXTS


def title(form: Form | None, refused: Refusal) -> str:
    """Return what has happened, in a few words."""
    return _own(form, f"{refused.kind}-title") or PROBLEM_TEXTS[refused.kind][0]


def detail(form: Form | None, refused: Refusal) -> str:
    """Return what to do about it."""
    return _text(form, refused.kind, PROBLEM_TEXTS[refused.kind][1], refused.variant)


def message(form: Form | None, error: FieldError) -> str:
    """Return what is wrong with one field; it never holds what was submitted."""
    general = FIELD_TEXTS[error.code]
    match error.code, form.fields.get(error.field) if form is not None else None:
        case "required", ConsentField() | BooleanField():
            return _text(form, error.code, general, "required_box")
        case "invalid_phone", PhoneField(region=str(region)) if example := _example_phone(region):
            return _text(form, error.code, general, "invalid_phone_national").replace("{example}", example)
        case "invalid_date", DateField(format="DD/MM/YYYY" | "MM/DD/YYYY" as written):
            example = "31/12/2026" if written == "DD/MM/YYYY" else "12/31/2026"
            return _text(form, error.code, general, "invalid_date_format").replace("{example}", example)
    return _text(form, error.code, general)


def _example_phone(region: str) -> str | None:
    from shared.forms.phone_numbers import example_phone  # a cold start without a field for a phone does without it

    return example_phone(region)


def _text(form: Form | None, code: str, general: str, variant: str | None = None) -> str:
    if variant is None:
        return _own(form, code) or general
    return _own(form, variant) or _own(form, code) or VARIANT_TEXTS[variant]


def _own(form: Form | None, code: str) -> str | None:
    return form.messages.get(code) if form is not None else None
