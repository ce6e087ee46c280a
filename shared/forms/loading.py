"""Loading one form file's text: every mistake at once, each with its key."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from shared.errors import RelayError
from shared.forms.definition import Form, FormSettings
from shared.forms.key_types import ID_PATTERN
from shared.forms.load_destinations import load_destinations
from shared.forms.load_fields import load_fields
from shared.forms.reserved_names import RESERVED, RESERVED_NAME
from shared.problems import UNKNOWN_KEY, Problem, near, problems_of
from shared.telemetry import count, logger

_TABLES = frozenset({"fields", "destinations"})
FILE_NAME_RULE = "must be letters, digits, hyphen and underscore, up to 64"


class FormBroken(RelayError):
    """A form file cannot be used; `mistakes` says all that is wrong."""

    def __init__(self, file: str, mistakes: Sequence[Problem]) -> None:
        self.file = file
        self.mistakes = tuple(mistakes)
        super().__init__(f"{file}: " + "; ".join(self.problems))

    @property
    def problems(self) -> list[str]:
        """The mistakes as lines."""
        return [str(mistake) for mistake in self.mistakes]

    def report(self, form_id: str) -> None:
        """Log it and count it, where somebody asked for the form."""
        logger.error("form is broken", file=self.file, problems=self.problems)
        count("FormBroken", form=form_id)


def parse_form(form_id: str, text: str) -> Form:
    """Read one form file's text.

    Raises:
        FormBroken: with every mistake found.
    """
    file = f"{form_id}.toml"
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormBroken(file, [Problem("file", f"is not TOML: {error}")]) from None
    problems: list[Problem] = []
    if not ID_PATTERN.fullmatch(form_id):
        problems.append(Problem("file name", FILE_NAME_RULE))
    settings = _settings({key: value for key, value in data.items() if key not in _TABLES}, problems)
    fields = load_fields(data.get("fields"), problems)
    destinations = load_destinations(data.get("destinations"), fields, data.get("fields"), problems)
    if settings is not None and settings.spam.honeypot in fields:
        problems.append(Problem("spam.honeypot", "must not be a field of the form, which people fill in"))
    if settings is not None and settings.spam.honeypot in RESERVED:
        problems.append(Problem("spam.honeypot", RESERVED_NAME))
    if problems or settings is None:
        raise FormBroken(file, problems)
    return Form(
        **{name: getattr(settings, name) for name in FormSettings.model_fields},
        id=form_id,
        fields=fields,
        destinations=tuple(destinations),
    )


def _settings(data: dict[str, Any], problems: list[Problem]) -> FormSettings | None:
    try:
        return FormSettings.model_validate(data)
    except ValidationError as error:
        problems += [_with_table_names(problem, data) for problem in problems_of(error, FormSettings)]
        return None


def _with_table_names(problem: Problem, data: dict[str, Any]) -> Problem:
    """Let `[field.email]` suggest `fields`: the model of the settings does not know that table."""
    meant = near(problem.key, _TABLES)
    if problem.key in data and problem.reason.startswith(UNKNOWN_KEY) and meant:
        return Problem(problem.key, UNKNOWN_KEY + meant)
    return problem
