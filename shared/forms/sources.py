"""`source` of a field: a JMESPath expression into a JSON body, with two functions that the language lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jmespath  # type: ignore[import-untyped]
from jmespath.exceptions import JMESPathError, JMESPathTypeError  # type: ignore[import-untyped]
from jmespath.functions import Functions, signature  # type: ignore[import-untyped]

from shared.problems import near


class WrongKind(Exception):
    """What was sent cannot be read as the source says, such as one text where a list is joined."""


class _Functions(Functions):  # type: ignore[misc]
    """JMESPath's own functions, `option_texts` and `split`."""

    @signature({"types": []}, {"types": ["array"]})  # type: ignore[untyped-decorator]
    def _func_option_texts(self, chosen: Any, options: list[Any]) -> list[Any]:
        """Return the `text` of each option whose `id` was chosen: some builders send ids where people see texts."""
        ids = chosen if isinstance(chosen, list) else [chosen]
        return [option.get("text") for option in options if isinstance(option, dict) and option.get("id") in ids]

    @signature({"types": ["string"]}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_split(self, subject: str, search: str) -> list[str]:
        """Return the parts of a text between a separator: some builders join what was ticked."""
        return [part.strip() for part in subject.split(search)] if search else [subject]


_FUNCTIONS = _Functions()
_OPTIONS = jmespath.Options(custom_functions=_FUNCTIONS)


def check_source(expression: str) -> str:
    """Return the expression.

    Raises:
        ValueError: it is not JMESPath, or calls a function that does not exist or with other arguments.
    """
    try:
        parsed = jmespath.compile(expression).parsed
    except JMESPathError:
        raise ValueError("is not a JMESPath expression") from None
    for call in _calls_in(parsed):
        _check_call(call["value"], len(call["children"]))
    return expression


def value_at(source: str, data: Any) -> Any:
    """Return what the expression finds, None where it finds nothing.

    Raises:
        WrongKind: there is something, of a kind that a function of the expression cannot take.
    """
    try:
        return jmespath.search(source, data, options=_OPTIONS)
    except JMESPathTypeError as error:
        if error.current_value is None:
            return None
        raise WrongKind from None
    except JMESPathError:
        return None


def _calls_in(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node["type"] == "function_expression":
            yield node
        for child in node["children"]:
            yield from _calls_in(child)


def _check_call(name: str, given: int) -> None:
    known = _FUNCTIONS.FUNCTION_TABLE
    if name not in known:
        raise ValueError(f"calls {name}(), which JMESPath does not have{near(name, known)}")
    takes = known[name]["signature"]
    if given < len(takes) or (given > len(takes) and not any(each.get("variadic") for each in takes)):
        raise ValueError(f"calls {name}() with {given} arguments; it takes {len(takes)}")
