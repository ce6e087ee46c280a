"""What is wrong with submitted fields, by field and stable code; never what was submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import RelayError


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. `code` is a key of `shared.forms.texts.FIELD_TEXTS`."""

    field: str
    code: str


class InvalidFields(RelayError):
    """Fields are missing or invalid; `errors` names all of them."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("invalid fields: " + ", ".join(f"{error.field} ({error.code})" for error in errors))
