"""`write` of a destination: what is only filled, and checking it when a form loads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.forms.destination import WriteMode
from shared.forms.fields import ConsentField, FormField, attribute_of
from shared.problems import Problem, near
from shared.vendors.protocol import ActionSpec, Options

Write = WriteMode | Mapping[str, WriteMode]


def check_write(
    write: Write,
    spec: ActionSpec | None,
    options: Options | None,
    custom_fields: Any,
    fields: Mapping[str, FormField],
    field_tables: Mapping[str, Any],
) -> Iterator[Problem]:
    """Return what is wrong with `write`.

    Args:
        write: one word for all fields, or a table of them by form field.
        spec: the vendor's action, None where it is not known.
        options: the destination's options, None where they have mistakes.
        custom_fields: form field → the vendor's custom field, as the file has it.
        fields: the form's fields without mistakes.
        field_tables: all that the file has: of a field with a mistake nothing more can be said.
    """
    modes = {"": write} if isinstance(write, str) else write
    if "fill" in modes.values() and spec is not None and not spec.reads_contact:
        reason = f'"fill" is not possible: {spec.vendor} {spec.action} cannot read the contact first; use "overwrite"'
        yield Problem("write", reason)
    if isinstance(write, str):
        return
    sent = _sent(options, custom_fields, fields) if options and isinstance(custom_fields, dict) else None
    for name, mode in write.items():
        wrong = _wrong_field(name, mode, sent, fields, field_tables)
        if wrong is not None:
            yield Problem(f"write.{name}", wrong)


def _wrong_field(
    name: str,
    mode: WriteMode,
    sent: frozenset[str] | None,
    fields: Mapping[str, FormField],
    field_tables: Mapping[str, Any],
) -> str | None:
    """Return what is wrong with a key; `sent` holds the fields that reach the destination, None where it is unknown."""
    if name not in field_tables:
        return f"the form has no field of this name{near(name, field_tables)}"
    if name not in fields:
        return None
    if isinstance(fields[name], ConsentField):
        return "a consent is never filled, it is only ever granted; leave it out" if mode == "fill" else None
    if sent is not None and name not in sent:
        return "its value does not reach this destination; add it to custom_fields, or leave it out"
    return None


def _sent(options: Options, custom_fields: Mapping[str, Any], fields: Mapping[str, FormField]) -> frozenset[str]:
    sends = options.sends()
    return frozenset(
        name for name, each in fields.items() if name in custom_fields or attribute_of(name, each) in sends
    )


def filled_targets(
    write: Write, options: Options, custom_fields: Mapping[str, str | int], fields: Mapping[str, FormField]
) -> frozenset[str]:
    """Return the vendor's fields, by `Options.target_field`, that are written only where the contact holds nothing."""
    modes = dict.fromkeys(fields, write) if isinstance(write, str) else write
    filled = [name for name, mode in modes.items() if mode == "fill"]
    attributes = [attribute_of(name, fields[name]) for name in filled]
    ours = [attribute for attribute in attributes if attribute is not None]
    theirs = [f"custom.{custom_fields[name]}" for name in filled if name in custom_fields]
    return frozenset(map(options.target_field, [*ours, *theirs]))
