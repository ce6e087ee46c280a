"""Checking `[destinations.custom_fields]` when a form loads: the field exists, and so may the vendor's custom field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.contact import ADDRESS_OF
from shared.forms.fields import ConsentField, FormField
from shared.problems import Problem, near
from shared.vendors.protocol import ActionSpec, Options


def check_custom_fields(
    table: Any,
    spec: ActionSpec | None,
    options: Options | None,
    fields: Mapping[str, FormField],
    field_tables: Mapping[str, Any],
) -> Iterator[Problem]:
    """Return what is wrong with the table.

    Args:
        table: form field → the vendor's custom field, as the file has it.
        spec: the vendor's action, None where it is not known: then nothing is said of the vendor's side.
        options: the destination's options, None where they have mistakes.
        fields: the form's fields without mistakes.
        field_tables: all that the file has.
    """
    if not isinstance(table, dict):
        yield Problem("custom_fields", "must be a table")
        return
    for name, target in table.items():
        reasons = [_wrong_field(name, fields, field_tables), _wrong_target(target, spec) if spec is not None else None]
        yield from (Problem(f"custom_fields.{name}", reason) for reason in reasons if reason is not None)
    if options is not None:
        yield from _shared_places(table, options)


def _wrong_field(name: str, fields: Mapping[str, FormField], field_tables: Mapping[str, Any]) -> str | None:
    if name not in field_tables:
        return f"the form has no field of this name{near(name, field_tables)}"
    return "a consent cannot fill a custom field" if isinstance(fields.get(name), ConsentField) else None


def _wrong_target(target: Any, spec: ActionSpec) -> str | None:
    names = spec.custom_field_names
    if names == frozenset():
        return "this vendor has no custom fields"
    if type(target) is not spec.custom_field or target == "":
        return f"must be the {'number' if spec.custom_field is int else 'name'} of the vendor's custom field"
    if names is not None and target not in names:
        return f"must be one of {', '.join(sorted(names))}{near(target, names)}"
    return None


def _shared_places(table: Mapping[str, Any], options: Options) -> Iterator[Problem]:
    """Refuse a custom field that consent is written to, which no receipt would prove, or that is filled twice."""
    consents = {options.target_field(f"consent.{channel}") for channel in ADDRESS_OF}
    fillers: dict[str, str] = {}
    for name, target in table.items():
        field = options.target_field(f"custom.{target}")
        if field in consents:
            reason = "is where the vendor keeps a consent; only a consent field may write there"
            yield Problem(f"custom_fields.{name}", reason)
        elif field in fillers:
            yield Problem(f"custom_fields.{name}", f"is filled by {fillers[field]} already")
        fillers.setdefault(field, name)
