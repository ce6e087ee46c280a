"""`write` of a destination: what is only filled, and checking it when a form loads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.forms.destination import WriteMode
from shared.forms.fields import ConsentField, FormField, attribute_of
from shared.forms.unsent import remedies, withheld_by
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
    unsent = {}
    if spec is not None and options is not None and isinstance(custom_fields, dict):
        unsent = _unsent(spec, options, custom_fields, fields)
    for name, mode in write.items():
        wrong = _wrong_field(name, mode, unsent, fields, field_tables)
        if wrong is not None:
            yield Problem(f"write.{name}", wrong)


def _wrong_field(
    name: str,
    mode: WriteMode,
    unsent: Mapping[str, str],
    fields: Mapping[str, FormField],
    field_tables: Mapping[str, Any],
) -> str | None:
    """Return what is wrong with a key; `unsent` holds the fields that do not reach the destination, and why."""
    if name not in field_tables:
        return f"the form has no field of this name{near(name, field_tables)}"
    if name not in fields:
        return None
    if isinstance(fields[name], ConsentField):
        return "a consent cannot be filled; leave it out" if mode == "fill" else None
    return unsent.get(name)


def _unsent(
    spec: ActionSpec, options: Options, custom_fields: Mapping[str, Any], fields: Mapping[str, FormField]
) -> dict[str, str]:
    """Return the fields that do not reach the destination → what to do about it."""
    sends, withheld = options.sends(), withheld_by(options, fields)
    attributes = {name: attribute_of(name, each) for name, each in fields.items() if name not in custom_fields}
    ways = {name: remedies(spec, withheld, [each]) for name, each in attributes.items() if each not in sends}
    reason = "its value does not reach this destination"
    return {name: f"{reason}; {', or '.join([*them, 'leave it out'])}" for name, them in ways.items()}


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
