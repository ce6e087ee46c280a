"""From submitted values to a `Submission`: every field checked, every error reported at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.contact import Contact, Value
from shared.forms import Form
from shared.forms.fields import BooleanField, ConsentField
from shared.forms.invalid_fields import FieldError, InvalidFields
from shared.forms.values import Invalid, parse
from shared.submission import ConsentReceipt, Grant, Submission
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
        receipt=_receipt(form, typed, context),
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


def _receipt(form: Form, typed: Mapping[str, Value], context: SubmissionContext) -> ConsentReceipt | None:
    """Return the receipt of what was ticked; an unticked box is no statement."""
    grants = tuple(
        Grant(channels=tuple(dict.fromkeys(field.grants)), field=name, statement=field.statement, version=field.version)
        for name, field in form.fields.items()
        if isinstance(field, ConsentField) and typed.get(name) is True
    )
    if not grants:
        return None
    given_at = datetime.fromtimestamp(context.received_at / 1000, UTC).isoformat(timespec="milliseconds")
    return ConsentReceipt(
        given_at=given_at.replace("+00:00", "Z"), page=context.page, caller=context.caller, grants=grants
    )
