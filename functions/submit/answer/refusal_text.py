"""The text of a refusal: the form's own before ours, and of ours a fitting variant before the general one."""

from __future__ import annotations

from functions.submit.refusal import Refusal
from shared.forms import Form
from shared.forms.fields import BooleanField, ChoiceField, ChoicesField, ConsentField, DateField, FormField, PhoneField
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
    field = form.fields.get(error.field) if form is not None else None
    variant, example = _variant(error.code, field)
    return _text(form, error.code, FIELD_TEXTS[error.code], variant).replace("{example}", example)


def _variant(code: str, field: FormField | None) -> tuple[str | None, str]:
    """Return the key of a text that fits the field better than the code's own, and the example in it."""
    match code, field:
        case (("required" | "invalid_choice"), _):
            return _CHOSEN.get((code, type(field))), ""
        case "invalid_phone", PhoneField(region=str(region)) if example := _example_phone(region):
            return "invalid_phone_national", example
        case "invalid_date", DateField(format="DD/MM/YYYY"):
            return "invalid_date_format", "31/12/2026"
        case "invalid_date", DateField(format="MM/DD/YYYY"):
            return "invalid_date_format", "12/31/2026"
    return None, ""


_CHOSEN: dict[tuple[str, type], str] = {
    ("required", ConsentField): "required_box",
    ("required", BooleanField): "required_box",
    ("required", ChoiceField): "required_choice",
    ("required", ChoicesField): "required_choices",
    ("invalid_choice", ChoicesField): "invalid_choices",
}


def _example_phone(region: str) -> str | None:
    from shared.forms.phone_numbers import example_phone  # a cold start without a field for a phone does without it

    return example_phone(region)


def _text(form: Form | None, code: str, general: str, variant: str | None = None) -> str:
    if variant is None:
        return _own(form, code) or general
    return _own(form, variant) or _own(form, code) or VARIANT_TEXTS[variant]


def _own(form: Form | None, code: str) -> str | None:
    return form.messages.get(code) if form is not None else None
