"""From submitted values to a `Submission`: every field checked, every error reported at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.contact import Contact, Value
from shared.forms import Form
from shared.forms.fields import BooleanField, ConsentField
from shared.forms.invalid_fields import FieldError, InvalidFields
from shared.forms.values import Invalid, parse
from shared.submission import ConsentReceipt, Submission
from shared.telemetry import count


@dataclass(frozen=True, slots=True)
class SubmissionContext:
    """When, where and by whom a form was sent; `caller` is a keyed hash."""

    submission_id: str
    received_at: int
    page: str | None = None
    caller: str | None = None
    flags: tuple[str, ...] = ()


def build_submission(form: Form, values: Mapping[str, Sequence[Any]], context: SubmissionContext) -> Submission:
    """Return the sign-up; fields that the form does not define are dropped.

    Raises:
        InvalidFields: with one error per field that is missing or invalid.
    """
    typed = _typed(form, values)
    attributes: dict[str, str] = {}
    custom: dict[str, Value] = {}
    mapped = {name for destination in form.destinations for name in destination.custom_fields}
    for name, value in typed.items():
        if isinstance(form.fields[name], ConsentField):
            continue
        attribute = form.attribute_of(name)
        if attribute is not None:
            attributes[attribute] = str(value).lower() if isinstance(value, bool) else str(value)
        if attribute is None or name in mapped:
            custom[name] = value
    return Submission(
        id=context.submission_id,
        form=form.id,
        received_at=context.received_at,
        contact=Contact(**attributes),
        custom=custom,
        consents=_receipts(form, typed, context),
        flags=context.flags,
    )


def _typed(form: Form, values: Mapping[str, Sequence[Any]]) -> dict[str, Value]:
    typed: dict[str, Value] = {}
    errors: list[FieldError] = []
    for name, field in form.fields.items():
        try:
            value = parse(field, values.get(name, [None])[-1])
        except Invalid as invalid:
            if field.on_invalid == "drop":
                count("FieldsDropped", form=form.id, field=name)
            else:
                errors.append(FieldError(name, invalid.code))
            continue
        unticked = isinstance(field, ConsentField | BooleanField) and value is False
        if field.required and (value is None or unticked):
            errors.append(FieldError(name, "required"))
        elif value is not None:
            typed[name] = value
    if errors:
        raise InvalidFields(errors)
    return typed


def _receipts(form: Form, typed: Mapping[str, Value], context: SubmissionContext) -> tuple[ConsentReceipt, ...]:
    """Return a receipt per granted channel; an unticked box is no statement."""
    return tuple(
        ConsentReceipt(
            channel=channel,
            form=form.id,
            field=name,
            statement=field.statement,
            version=field.version,
            given_at=context.received_at,
            page=context.page,
            caller=context.caller,
        )
        for name, field in form.fields.items()
        if isinstance(field, ConsentField) and typed.get(name) is True
        for channel in dict.fromkeys(field.grants)
    )
