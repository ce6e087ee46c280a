"""From submitted values to a `Submission`: every field checked, every error reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.conditions import Answer
from shared.contact import Contact, Value
from shared.forms import Form
from shared.forms.fields import (
    BooleanField,
    ChoicesField,
    ConsentField,
    EmailField,
    FormField,
    PhoneField,
    TextField,
)
from shared.forms.invalid_fields import FieldError, InvalidFields
from shared.forms.single_values import Invalid
from shared.forms.values import parse
from shared.forms.witness import claims_in, shown_beside
from shared.submission import ConsentReceipt, Grant, Submission
from shared.telemetry import count

SEPARATOR = ", "
"""Between the choices of one field, where they become one text."""


@dataclass(frozen=True, slots=True)
class SubmissionContext:
    """When (milliseconds since the epoch), where and by whom a form was sent; `caller` is a keyed hash."""

    submission_id: str
    received_at: int
    page: str | None = None
    caller: str | None = None
    flags: tuple[str, ...] = ()


def build_submission(form: Form, values: Mapping[str, list[Any]], context: SubmissionContext) -> Submission:
    """Return the sign-up; fields that the form does not define are dropped.

    Raises:
        InvalidFields: with one error per field that is missing or invalid.
    """
    typed = _typed(form, values)
    attributes: dict[str, str] = {}
    custom: dict[str, Value] = {}
    mapped = {name for destination in form.destinations for name in destination.custom_fields}
    for name, answer in typed.items():
        if isinstance(form.fields[name], ConsentField):
            continue
        value = SEPARATOR.join(answer) if isinstance(answer, tuple) else answer
        attribute = form.attribute_of(name)
        if attribute is not None:
            attributes[attribute] = str(value).lower() if isinstance(value, bool) else str(value)
        if attribute is None or name in mapped:
            custom[name] = value
    asked = form.fields_in_conditions
    return Submission(
        id=context.submission_id,
        form=form.id,
        received_at=context.received_at,
        contact=Contact(**attributes),
        custom=custom,
        receipt=_receipt(form, typed, claims_in(values), context),
        answers={name: answer for name, answer in typed.items() if name in asked or _is_short(form.fields[name])},
        flags=context.flags,
    )


def _is_short(field: FormField) -> bool:
    """Whether answers are kept for conditions that the form may get while the sign-up waits; texts would double it."""
    return not isinstance(field, TextField | EmailField | PhoneField)


def _typed(form: Form, values: Mapping[str, list[Any]]) -> dict[str, Answer]:
    typed: dict[str, Answer] = {}
    errors: list[FieldError] = []
    for name, field in form.fields.items():
        submitted = values.get(name, [])
        if len(submitted) > 1 and not isinstance(field, ChoicesField):
            count("FieldsRepeated", form=form.id, field=name)
        try:
            answer = parse(field, submitted, form.attribute_of(name))
        except Invalid as invalid:
            if field.on_invalid == "drop":
                count("FieldsDropped", form=form.id, field=name)
            else:
                errors.append(FieldError(name, invalid.code))
            continue
        unticked = isinstance(field, ConsentField | BooleanField) and answer is False
        if field.required and (answer is None or unticked):
            errors.append(FieldError(name, "required"))
        elif answer is not None:
            typed[name] = answer
    if errors:
        raise InvalidFields(errors)
    return typed


def _receipt(
    form: Form, typed: Mapping[str, Answer], claims: Mapping[str, Any], context: SubmissionContext
) -> ConsentReceipt | None:
    """Return the receipt of what was ticked; an unticked box is no statement."""
    grants = tuple(
        Grant(
            channels=tuple(dict.fromkeys(field.grants)),
            field=name,
            statement=field.statement,
            version=field.version,
            **shown_beside(field.statement, claims.get(name)),
        )
        for name, field in form.fields.items()
        if isinstance(field, ConsentField) and typed.get(name) is True
    )
    if not grants:
        return None
    given_at = datetime.fromtimestamp(context.received_at / 1000, UTC).isoformat(timespec="milliseconds")
    return ConsentReceipt(
        given_at=given_at.replace("+00:00", "Z"),
        page=context.page,
        caller=context.caller,
        privacy=form.privacy.model_dump(exclude_none=True),
        grants=grants,
    )
