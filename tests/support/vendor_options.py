"""The options of a vendor's action, by the names that a form file gives them."""

from __future__ import annotations

from pydantic.fields import FieldInfo

from shared.vendors.answer_path import AnswerPaths
from shared.vendors.protocol import ActionSpec


def options_of(spec: ActionSpec) -> dict[str, FieldInfo]:
    """Return every option of an action, those of a table under its name: `answers.contacts`."""
    found: dict[str, FieldInfo] = {}
    for name, field in spec.options.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, AnswerPaths):
            found |= {f"{name}.{inner}": each for inner, each in field.annotation.model_fields.items()}
        else:
            found[name] = field
    return found
