"""Conditions on a sign-up's answers, `when = { news = true }`: what they look like and whether they hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
    model_validator,
)
from pydantic_core import CoreSchema

from shared.contact import Value

Answer = Value | tuple[str, ...]
"""A typed value of a form field; several where the field takes several."""


def _date_as_text(value: Any) -> Any:
    """Accept TOML's own dates."""
    return value.isoformat() if type(value) is dt.date else value


def _wanted(value: Any) -> Any:
    """Accept one value, or a list of them: of all the kinds that these may have, a mistake gets one message."""
    values = value if isinstance(value, list | tuple) else [value]
    if not values or not all(type(each) in {bool, int, float, str, dt.date} and each != "" for each in values):
        raise ValueError("must be a text, a number, true or false, or a list of these that is not empty")
    return value


_WantedText = Annotated[str, StringConstraints(min_length=1)]
_Wanted = Annotated[StrictBool | StrictInt | StrictFloat | _WantedText, BeforeValidator(_date_as_text)]
_OneOrMore = Annotated[_Wanted | Annotated[tuple[_Wanted, ...], Field(min_length=1)], BeforeValidator(_wanted)]
Condition = dict[str, _OneOrMore]
"""Form field → the value it must have, or a list of values of which one suffices."""


def matches(condition: Condition, answers: Mapping[str, Answer]) -> bool:
    """Whether every key of the condition holds. An empty condition holds always.

    An absent tick box counts as false; any other absent answer equals nothing.
    """
    return all(_holds(wanted, answers.get(field)) for field, wanted in condition.items())


def _holds(wanted: Value | tuple[Value, ...], answer: Answer | None) -> bool:
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    given = answer if isinstance(answer, tuple) else (answer,)
    return any(_equal(value, each) for value in values for each in given)


def _equal(value: Value, answer: Value | None) -> bool:
    if isinstance(value, bool) or isinstance(answer, bool):
        return value is (answer or False)
    return value == answer


class Conditional(BaseModel):
    """An entry of a destination's options that only some sign-ups get: a table with `when` among its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    when: Annotated[Condition, Field(min_length=1)] | None = None
    """Only sign-ups whose answers match; without it, all."""

    def applies(self, answers: Mapping[str, Answer]) -> bool:
        """Whether a sign-up with these answers gets this entry."""
        return self.when is None or matches(self.when, answers)


class ConditionalName(Conditional):
    """An entry that is a name: `"Cardiology"`, or `{ name = "Cardiology", when = { interests = "cardiology" } }`.

    `{ each_of = "interests" }` stands for one entry per option of that field; loading a form replaces it by them.
    """

    name: Annotated[str, StringConstraints(min_length=1)] = ""
    each_of: Annotated[str, StringConstraints(min_length=1)] | None = None
    """A field of type `choices` or `choice`: every option that a visitor chose is an entry of its own."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Let the editors' schema take the name alone, too."""
        return {"anyOf": [{"type": "string", "minLength": 1}, handler(schema)]}

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, entry: Any) -> Any:
        if isinstance(entry, str):
            return {"name": entry}
        if not isinstance(entry, dict | ConditionalName):
            raise ValueError("must be a name, or a table with name and when")  # noqa: TRY004  pydantic's kind of error
        return entry

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if bool(self.name) == bool(self.each_of):
            raise ValueError("needs either name or each_of")
        return self


def names_of(entries: Iterable[ConditionalName]) -> list[str]:
    """Return the entries' names."""
    return [entry.name for entry in entries]
