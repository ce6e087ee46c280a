"""Loading `[fields.<name>]`: each table by the model of its type, and what the fields mean for one another."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import ValidationError

from shared.contact import ATTRIBUTES
from shared.forms.fields import BaseField, FormField, attribute_of
from shared.forms.reserved_names import RESERVED, RESERVED_NAME
from shared.problems import Problem, near, problems_of

_UNION, _ = get_args(FormField)
FIELD_TYPES: dict[str, type[BaseField]] = {
    get_args(model.model_fields["type"].annotation)[0]: model for model in get_args(_UNION)
}
"""`type` of a field → its model."""

_TYPE_OF_ATTRIBUTE = {"email": "email", "phone": "phone", "birthday": "date"}


def load_fields(tables: Any, problems: list[Problem]) -> dict[str, FormField]:
    """Return the fields that can be read; adds every mistake to `problems`."""
    if not isinstance(tables, dict) or not tables:
        problems.append(Problem("fields", "needs at least one [fields.<name>] table"))
        return {}
    fields: dict[str, FormField] = {}
    filled: dict[str, str] = {}
    for name, table in tables.items():
        field = _field(table, f"fields.{name}", problems)
        if field is not None:
            fields[name] = field
            problems += [problem.under(f"fields.{name}") for problem in _mistakes(name, field, filled)]
    return fields


def attributes_of_tables(tables: Any) -> set[str]:
    """Return the contact attributes that the tables are meant to fill, also those with mistakes in them."""
    if not isinstance(tables, dict):
        return set()
    readable = {name: table if isinstance(table, dict) else {} for name, table in tables.items()}
    meant = [table.get("maps_to", name) for name, table in readable.items() if table.get("type") != "consent"]
    return {name for name in meant if isinstance(name, str)}


def _field(table: Any, key: str, problems: list[Problem]) -> Any:
    if not isinstance(table, dict):
        problems.append(Problem(key, "must be a table"))
        return None
    kind = table.get("type")
    model = FIELD_TYPES.get(kind) if isinstance(kind, str) else None
    if model is None:
        suggestion = near(kind, FIELD_TYPES) if kind is not None else ""
        problems.append(Problem(f"{key}.type", f"must be one of {', '.join(FIELD_TYPES)}{suggestion}"))
        return None
    try:
        return model.model_validate(table)
    except ValidationError as error:
        problems += [problem.under(key) for problem in problems_of(error, model)]
        return None


def _mistakes(name: str, field: FormField, filled: dict[str, str]) -> list[Problem]:
    """Return what is wrong between this field and the attribute it fills; remembers who fills it in `filled`."""
    found = []
    if name in RESERVED:
        found.append(Problem("", RESERVED_NAME))
    if field.maps_to is not None and field.maps_to not in ATTRIBUTES:
        suggestion = near(field.maps_to, ATTRIBUTES) or "; leave the key out for a custom field"
        found.append(Problem("maps_to", f"is not a contact attribute{suggestion}"))
    if field.required and field.on_invalid == "drop":
        found.append(Problem("on_invalid", 'must be "reject" where the field is required'))
    attribute = attribute_of(name, field)
    if attribute is None:
        return found
    if attribute in filled:
        found.append(Problem("", f"{attribute} is filled by the field {filled[attribute]} already"))
    filled[attribute] = name
    needed = _TYPE_OF_ATTRIBUTE.get(attribute)
    if needed is not None and field.type != needed:
        found.append(Problem("type", f'must be "{needed}" to fill {attribute}'))
    return found
