"""Loading `[[destinations]]`: each table with its vendor's own options, and what the fields can supply to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from shared.forms.check_conditions import check_condition
from shared.forms.check_custom_fields import check_custom_fields
from shared.forms.check_write import check_write, filled_targets
from shared.forms.destination import Destination, DestinationTerms, conditions_in
from shared.forms.each_of import check_each_of, written_out
from shared.forms.fields import FormField, asked_channels
from shared.forms.key_types import ID_PATTERN
from shared.forms.load_fields import attributes_of_tables
from shared.problems import Problem, near, nearest, problems_of, unknown_key
from shared.vendors.protocol import ActionSpec, Options
from shared.vendors.registry import VENDORS, actions_of

KEYS = frozenset({"name", "vendor", "action", "options", "custom_fields", *DestinationTerms.model_fields})


def load_destinations(
    tables: Any, fields: Mapping[str, FormField], field_tables: Any, problems: list[Problem]
) -> list[Destination]:
    """Return the destinations that can be read; adds every mistake to `problems`.

    Args:
        tables: `destinations` as the file has it.
        fields: the form's fields without mistakes.
        field_tables: `fields` as the file has it: a field with a mistake is not missing as well.
        problems: where mistakes are added.
    """
    if not isinstance(tables, list) or not tables:
        problems.append(Problem("destinations", "needs at least one [[destinations]] table"))
        return []
    keys: set[str] = set()
    loaded = []
    for number, table in enumerate(tables, start=1):
        key = _key(table, number)
        if not isinstance(table, dict):
            problems.append(Problem(key, "must be a table"))
            continue
        loading = _Loading(table, fields, field_tables if isinstance(field_tables, dict) else None)
        destination = loading.destination()
        problems += [problem.under(key) for problem in loading.problems]
        if key in keys:
            problems.append(Problem(f"{key}.name", "is the name of two destinations of this form"))
        keys.add(key)
        if destination is not None:
            loaded.append(destination)
    return loaded


def _key(table: Any, number: int) -> str:
    """Return how messages call a destination: by its connection's name, else by its number in the file."""
    name = table.get("name") if isinstance(table, dict) else None
    usable = isinstance(name, str) and ID_PATTERN.fullmatch(name)
    return f"destinations.{name}" if usable else f"destinations #{number}"


class _Loading:
    """One table on its way to a `Destination`."""

    def __init__(
        self, table: dict[str, Any], fields: Mapping[str, FormField], field_tables: dict[str, Any] | None
    ) -> None:
        self.problems: list[Problem] = []
        self._table = table
        self._fields = fields
        self._field_tables = field_tables or {}
        # Without fields everything that names one would be wrong, which says nothing more.
        self._has_fields = bool(field_tables)

    def destination(self) -> Destination | None:
        """Return the destination, or None where there are problems."""
        table = self._table
        self.problems += [Problem(key, unknown_key(key, KEYS)) for key in sorted(table.keys() - KEYS)]
        name = self._text("name")
        if not ID_PATTERN.fullmatch(name):
            self._add("name", "must be letters, digits, hyphen and underscore, up to 64")
        known = self._spec()
        # With a vendor or an action that does not exist, the rest is checked by the one that was probably meant.
        spec = known or self._probable_spec()
        options = self._options(spec) if spec is not None else None
        terms = self._terms()
        custom_fields = table.get("custom_fields", {})
        if self._has_fields:
            self._check_against_fields(spec, options, terms, custom_fields)
        if known is None or options is None or self.problems or not self._has_fields:
            return None
        return Destination(
            name=name,
            spec=known,
            options=options,
            custom_fields=custom_fields,
            filled=filled_targets(terms.write, options, custom_fields, self._fields),
            asked=asked_channels(self._fields.values()),
            **dict(terms),
        )

    def _check_against_fields(
        self, spec: ActionSpec | None, options: Options | None, terms: DestinationTerms, custom_fields: Any
    ) -> None:
        self.problems += check_custom_fields(custom_fields, spec, options, self._fields, self._field_tables)
        self.problems += check_write(terms.write, spec, options, custom_fields, self._fields, self._field_tables)
        if spec is not None and options is not None:
            self._check_supply(spec, options)
        self._check_conditions(terms)
        self._check_conditions(options, "options")

    def _add(self, key: str, reason: str) -> None:
        self.problems.append(Problem(key, reason))

    def _text(self, key: str) -> str:
        value = self._table.get(key)
        return value if isinstance(value, str) else ""

    def _spec(self) -> ActionSpec | None:
        vendor, action = self._text("vendor"), self._text("action")
        if vendor not in VENDORS:
            self._add("vendor", f"must be one of {', '.join(sorted(VENDORS))}{near(vendor, VENDORS)}")
            return None
        actions = actions_of(vendor)
        if action not in actions:
            self._add("action", f"must be {' or '.join(sorted(actions))} for {vendor}{near(action, actions)}")
            return None
        return actions[action]

    def _probable_spec(self) -> ActionSpec | None:
        actions = actions_of(nearest(self._text("vendor"), VENDORS) or "")
        only = next(iter(actions)) if len(actions) == 1 else ""
        return actions.get(nearest(self._text("action"), actions) or only)

    def _options(self, spec: ActionSpec) -> Options | None:
        given = self._table.get("options", {})
        options = self._validated(spec, given)
        if options is None:
            return None
        if not self._has_fields:
            return options
        mistakes = [problem.under("options") for problem in check_each_of(options, self._fields, self._field_tables)]
        self.problems += mistakes
        lists = {} if mistakes else written_out(options, self._fields)
        return self._validated(spec, {**given, **lists}) if lists else options

    def _validated(self, spec: ActionSpec, given: Any) -> Options | None:
        try:
            return spec.options.model_validate(given)
        except ValidationError as error:
            self.problems += [problem.under("options") for problem in problems_of(error, spec.options)]
            return None

    def _check_supply(self, spec: ActionSpec, options: Options) -> None:
        supplied = attributes_of_tables(self._field_tables)
        for needed in options.requires():
            if not needed & supplied:
                attributes = " or ".join(sorted(needed))
                self._add("", f"{spec.vendor} {spec.action} needs {attributes}, which no field supplies")

    def _terms(self) -> DestinationTerms:
        given = {key: value for key, value in self._table.items() if key in DestinationTerms.model_fields}
        try:
            return DestinationTerms.model_validate(given)
        except ValidationError as error:
            self.problems += problems_of(error, DestinationTerms)
            wrong = {detail["loc"][0] for detail in error.errors(include_input=False)}
            return DestinationTerms.model_validate({key: value for key, value in given.items() if key not in wrong})

    def _check_conditions(self, value: object, key: str = "") -> None:
        for place, condition in conditions_in(value, key):
            found = check_condition(condition, self._fields, self._field_tables)
            self.problems += [problem.under(place) if place else problem for problem in found]
