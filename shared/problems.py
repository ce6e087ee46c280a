"""Pydantic's complaints in plain words that are safe to log: key and reason, never the value that was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

UNKNOWN_KEY = "unknown key"
_TEXT = "must be a text that is not empty"
_LIST = "must be a list"
_TABLE = "must be a table"
_TRUE_OR_FALSE = "must be true or false"
_WHOLE_NUMBER = "must be a whole number"
_NUMBER = "must be a number"

_REASONS: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is required",
    "extra_forbidden": lambda _: UNKNOWN_KEY,
    "string_type": lambda _: _TEXT,
    "string_too_short": lambda _: _TEXT,
    "string_too_long": lambda limits: f"must have {limits['max_length']} characters at most",
    "string_pattern_mismatch": lambda limits: f"must match {limits['pattern']}",
    "bool_type": lambda _: _TRUE_OR_FALSE,
    "bool_parsing": lambda _: _TRUE_OR_FALSE,
    "int_type": lambda _: _WHOLE_NUMBER,
    "int_parsing": lambda _: _WHOLE_NUMBER,
    "int_from_float": lambda _: _WHOLE_NUMBER,
    "float_type": lambda _: _NUMBER,
    "float_parsing": lambda _: _NUMBER,
    "finite_number": lambda _: _NUMBER,
    "greater_than": lambda limits: f"must be more than {limits['gt']}",
    "greater_than_equal": lambda limits: f"must be {limits['ge']} or more",
    "less_than": lambda limits: f"must be less than {limits['lt']}",
    "less_than_equal": lambda limits: f"must be {limits['le']} or less",
    "literal_error": lambda limits: "must be " + limits["expected"].replace("'", '"'),
    "tuple_type": lambda _: _LIST,
    "list_type": lambda _: _LIST,
    "too_short": lambda limits: f"must have {limits['min_length']} or more entries",
    "too_long": lambda limits: f"must have {limits['max_length']} entries at most",
    "dict_type": lambda _: _TABLE,
    "model_type": lambda _: _TABLE,
    "model_attributes_type": lambda _: _TABLE,
    "value_error": lambda limits: str(limits["error"]),
    "path_not_directory": lambda _: "must be a folder that exists",
}
"""Type of pydantic's error → reason. It is given pydantic's context, of which it may show the rule, never the input."""


class Problem(NamedTuple):
    """One mistake: the dotted key, empty for the whole, and what is wrong with it or would be right."""

    key: str
    reason: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.key}: {self.reason}" if self.key else self.reason

    def under(self, key: str) -> Problem:
        """Return the same mistake with the table's key before its own."""
        return Problem(f"{key}.{self.key}" if self.key else key, self.reason)


def problems_of(error: ValidationError, model: type[BaseModel] | None = None) -> list[Problem]:
    """Return each problem's key and reason; never the value that was found.

    Args:
        error: what pydantic raised.
        model: the model that was validated. With it, an unknown key suggests the known one that is spelled alike, and
            a key that takes several types gets one message.
    """
    reasons: dict[str, list[str]] = {}
    for detail in error.errors(include_url=False):
        place = _Place(model)
        for part in detail["loc"]:
            place.enter(part, unknown=detail["type"] == "extra_forbidden" and part == detail["loc"][-1])
        reasons.setdefault(place.key, []).append(_reason(detail, place.known_keys))
    return [
        Problem(key, ", or ".join(dict.fromkeys(told)))
        for key, told in reasons.items()
        if not _told_inside(key, reasons)
    ]


def near(word: object, known: Iterable[str]) -> str:
    """Return `; did you mean "…"?` with the known word that is spelled most alike, or nothing."""
    alike = nearest(word, known)
    return f'; did you mean "{alike}"?' if alike else ""


def nearest(word: object, known: Iterable[str]) -> str | None:
    """Return the known word that is spelled most alike, or None where none is."""
    return next(iter(get_close_matches(str(word), sorted(known), n=1)), None)


def unknown_key(key: object, known: Iterable[str]) -> str:
    """Return what is wrong with a key that does not exist: the one that was probably meant, or all that there are."""
    names = ", ".join(sorted(known))
    return UNKNOWN_KEY + (near(key, known) or (f"; there are {names}" if names else ""))


def _reason(detail: ErrorDetails, known_keys: Iterable[str]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    reason = _REASONS[kind](context) if kind in _REASONS else "is not of the right kind"
    if kind == "literal_error":
        return reason + near(detail["input"], context["expected"].split("'")[1::2])
    if kind == "extra_forbidden":
        return unknown_key(detail["loc"][-1], known_keys)
    return reason


def _told_inside(key: str, keys: Iterable[str]) -> bool:
    """Whether a mistake inside this value is told too: then the whole value's own message only repeats it."""
    return any(other.startswith((f"{key}.", f"{key} #")) for other in keys)


class _Place:
    """Where in a model an error is: its dotted key without pydantic's names for the types of a union."""

    def __init__(self, model: type[BaseModel] | None) -> None:
        self.key = ""
        self._types: list[Any] = [] if model is None else [model]

    @property
    def known_keys(self) -> set[str]:
        """The keys that a table may have here."""
        return {key for model in self._models for key in model.model_fields}

    @property
    def _models(self) -> list[type[BaseModel]]:
        return [each for each in self._types if isinstance(each, type) and issubclass(each, BaseModel)]

    def enter(self, part: int | str, *, unknown: bool) -> None:
        """Go one part of pydantic's place further in; entries of a list are counted from one, as people do."""
        if isinstance(part, int):
            self.key += f" #{part + 1}"
            self._types = self._inside(tuple, list)
        elif unknown:
            self._name(part)
        elif part != "[key]" and self._is_type_name(part):
            tables = [each for each in self._types if get_origin(each) is dict]
            # What follows the name of a table of free keys is a key, not another type.
            self._types = tables if part.startswith("dict[") and tables else self._types
        elif part != "[key]":
            self._name(part)
            fields = [model.model_fields[part] for model in self._models if part in model.model_fields]
            self._types = [inner for field in fields for inner in _alternatives(field.annotation)] or self._inside(dict)

    def _name(self, part: str) -> None:
        self.key += f".{part}" if self.key else part

    def _is_type_name(self, part: str) -> bool:
        return len(self._types) > 1 and part not in self.known_keys

    def _inside(self, *containers: type) -> list[Any]:
        return [
            inner
            for each in self._types
            if get_origin(each) in containers
            for argument in get_args(each)
            if argument is not Ellipsis
            for inner in _alternatives(argument)
        ]


def _alternatives(annotation: Any) -> list[Any]:
    """Return the types of a union, or the one type."""
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return [inner for each in get_args(annotation) if each is not type(None) for inner in _alternatives(each)]
    return [annotation]
