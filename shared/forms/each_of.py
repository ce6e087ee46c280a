"""`each_of` in a destination's options: one entry for every option of a field, each for those who chose it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.conditions import ConditionalName
from shared.forms.fields import ChoiceField, ChoicesField, FormField
from shared.problems import Problem, near
from shared.vendors.protocol import Options


def check_each_of(options: Options, fields: Mapping[str, FormField], tables: Mapping[str, Any]) -> Iterator[Problem]:
    """Return what is wrong with the entries that name a field, by their key within the options."""
    for name, entries in options:
        for number, entry in enumerate(entries if isinstance(entries, tuple) else (), start=1):
            if isinstance(entry, ConditionalName) and entry.each_of is not None:
                reason = _mistake(entry, entry.each_of, fields, tables)
                if reason is not None:
                    yield Problem(f"{name} #{number}.each_of", reason)


def written_out(options: Options, fields: Mapping[str, FormField]) -> dict[str, Any]:
    """Return the lists that have such entries, with an entry for each option in their place.

    Entries are as a form file may write them; `check_each_of` found nothing wrong with them.
    """
    lists = {name: value for name, value in options if isinstance(value, tuple)}
    return {
        name: [each for entry in entries for each in _entries(entry, fields)]
        for name, entries in lists.items()
        if any(isinstance(entry, ConditionalName) and entry.each_of is not None for entry in entries)
    }


def _mistake(
    entry: ConditionalName, field: str, fields: Mapping[str, FormField], tables: Mapping[str, Any]
) -> str | None:
    if field not in tables:
        return f"the form has no field of this name{near(field, tables)}"
    if field in fields and not isinstance(fields[field], ChoiceField | ChoicesField):
        return "must be a field of type choices or choice: only those have options"
    if entry.when is not None and field in entry.when:
        return "is in the entry's when, too; write one entry for each option instead"
    return None


def _entries(entry: Any, fields: Mapping[str, FormField]) -> list[Any]:
    if not isinstance(entry, ConditionalName) or entry.each_of is None:
        return [entry]
    field = fields[entry.each_of]
    options = field.options if isinstance(field, ChoiceField | ChoicesField) else ()
    return [{"name": option, "when": {**(entry.when or {}), entry.each_of: option}} for option in options]
