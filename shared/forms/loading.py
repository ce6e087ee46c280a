"""Reading form files: every problem of a file at once, with file, key, reason; one broken form harms no other."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.contact import ATTRIBUTES
from shared.errors import RelayError
from shared.forms.definition import (
    ID_PATTERN,
    ConsentField,
    Destination,
    Form,
    FormField,
    FormSettings,
    RateLimit,
    attribute_of,
)
from shared.problems import problems_of
from shared.vendors.protocol import ActionSpec
from shared.vendors.registry import ACTIONS

_FIELD: TypeAdapter[Any] = TypeAdapter(FormField)
_RATE_LIMIT: TypeAdapter[Any] = TypeAdapter(RateLimit)
_TABLES = ("fields", "destinations")
_DESTINATION_KEYS = frozenset({"name", "vendor", "action", "options", "custom_fields", "rate_limit"})


class FormNotFound(RelayError):
    """There is no such form."""


class FormBroken(RelayError):
    """A form file cannot be used; `problems` says all that is wrong, each with its key."""

    def __init__(self, file: str, problems: list[str]) -> None:
        self.file = file
        self.problems = problems
        super().__init__(f"{file}: " + "; ".join(problems))


class Forms:
    """The forms of one folder. A file is read once, and again when it changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cache: dict[str, tuple[tuple[int, int], Form | FormBroken]] = {}

    def get(self, form_id: str) -> Form:
        """Return a form.

        Raises:
            FormNotFound: no such file.
            FormBroken: the file cannot be used.
        """
        path = self._folder / f"{form_id}.toml"
        try:
            if not ID_PATTERN.fullmatch(form_id):
                raise FileNotFoundError
            facts = path.stat()
        except OSError:
            raise FormNotFound("no such form") from None
        version = (facts.st_mtime_ns, facts.st_size)
        cached = self._cache.get(form_id)
        if cached is None or cached[0] != version:
            cached = (version, self._read(path))
            self._cache[form_id] = cached
        if isinstance(cached[1], FormBroken):
            raise cached[1]
        return cached[1]

    def ids(self) -> list[str]:
        """Return the ids of all files, broken ones included."""
        return sorted(path.stem for path in self._folder.glob("*.toml"))

    def _read(self, path: Path) -> Form | FormBroken:
        try:
            return parse_form(path.stem, path.read_text(encoding="utf-8"))
        except FormBroken as broken:
            return broken
        except (OSError, UnicodeDecodeError) as error:
            return FormBroken(path.name, [f"cannot be read: {type(error).__name__}"])


def parse_form(form_id: str, text: str) -> Form:
    """Read one form file's text.

    Raises:
        FormBroken: with every problem found.
    """
    file = f"{form_id}.toml"
    problems: list[str] = []
    if not ID_PATTERN.fullmatch(form_id):
        problems.append("file name: use letters, digits, hyphen and underscore, up to 64")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormBroken(file, [f"not TOML: {error}"]) from None
    settings = _validated(FormSettings, {k: v for k, v in data.items() if k not in _TABLES}, "", problems)
    fields = _fields(data.get("fields"), problems)
    destinations = _destinations(data.get("destinations"), fields, problems)
    if settings is not None and settings.spam.honeypot in fields:
        problems.append("spam.honeypot: is a field of the form, which people fill in")
    if problems or settings is None:
        raise FormBroken(file, problems)
    return Form(
        **{name: getattr(settings, name) for name in FormSettings.model_fields},
        id=form_id,
        fields=fields,
        destinations=tuple(destinations),
    )


def _validated(model: type[BaseModel] | TypeAdapter[Any], data: Any, at: str, problems: list[str]) -> Any:
    validate = model.validate_python if isinstance(model, TypeAdapter) else model.model_validate
    try:
        return validate(data)
    except ValidationError as error:
        for key, problem in problems_of(error):
            problems.append(f"{'.'.join(filter(None, (at, key))) or 'file'}: {problem}")
        return None


def _fields(data: Any, problems: list[str]) -> dict[str, FormField]:
    if not isinstance(data, dict) or not data:
        problems.append("fields: at least one [fields.<name>] table is needed")
        return {}
    fields: dict[str, FormField] = {}
    filled: dict[str, str] = {}
    for name, table in data.items():
        field = _validated(_FIELD, table, f"fields.{name}", problems)
        if field is None:
            continue
        fields[name] = field
        problems += _mapping_problems(name, field, filled)
    return fields


def _mapping_problems(name: str, field: FormField, filled: dict[str, str]) -> list[str]:
    problems = []
    if field.maps_to is not None and field.maps_to not in ATTRIBUTES:
        problems.append(f"fields.{name}.maps_to: not a contact attribute; leave it out for a custom field")
    if field.required and field.on_invalid == "drop":
        problems.append(f"fields.{name}.on_invalid: a required field cannot be dropped")
    attribute = attribute_of(name, field)
    if attribute is not None:
        if attribute in filled:
            problems.append(f"fields.{name}: {attribute} is filled by field {filled[attribute]} already")
        filled[attribute] = name
        expected = {"email": "email", "phone": "phone", "birthday": "date"}.get(attribute)
        if expected is not None and field.type != expected:
            problems.append(f"fields.{name}.type: must be {expected} to fill {attribute}")
    return problems


def _destinations(data: Any, fields: Mapping[str, FormField], problems: list[str]) -> list[Destination]:
    if not isinstance(data, list) or not data:
        problems.append("destinations: at least one [[destinations]] table is needed")
        return []
    supplied = {attribute_of(name, field) for name, field in fields.items()}
    names: set[str] = set()
    destinations = []
    for index, table in enumerate(data):
        destination = _destination(table, f"destinations.{index}", fields, problems)
        if destination is None:
            continue
        if destination.name in names:
            problems.append(f"destinations.{index}.name: used twice")
        names.add(destination.name)
        problems += [
            f"destinations.{index}: {destination.spec.vendor} {destination.spec.action} needs "
            f"{' or '.join(sorted(needed))}, which no field supplies"
            for needed in destination.options.requires()
            if not needed & supplied
        ]
        destinations.append(destination)
    return destinations


def _destination(table: Any, at: str, fields: Mapping[str, FormField], problems: list[str]) -> Destination | None:
    if not isinstance(table, dict):
        problems.append(f"{at}: must be a table")
        return None
    found = len(problems)
    problems += [f"{at}.{key}: unknown key" for key in sorted(table.keys() - _DESTINATION_KEYS)]
    name = table.get("name")
    if not isinstance(name, str) or not ID_PATTERN.fullmatch(name):
        problems.append(f"{at}.name: needed; letters, digits, hyphen and underscore, up to 64")
    vendor, action = table.get("vendor"), table.get("action")
    spec = ACTIONS.get((vendor, action)) if isinstance(vendor, str) and isinstance(action, str) else None
    if spec is None:
        known = ", ".join(f"{v} {a}" for v, a in sorted(ACTIONS))
        problems.append(f"{at}: unknown vendor or action; known are: {known}")
        return None
    options = _validated(spec.options, table.get("options", {}), f"{at}.options", problems)
    custom = _custom_fields(table.get("custom_fields", {}), spec, f"{at}.custom_fields", fields, problems)
    rate_limit = _validated(_RATE_LIMIT, table.get("rate_limit", "off"), f"{at}.rate_limit", problems)
    if len(problems) > found:
        return None
    return Destination(name=str(name), spec=spec, options=options, custom_fields=custom, rate_limit=rate_limit)


def _custom_fields(
    table: Any, spec: ActionSpec, at: str, fields: Mapping[str, FormField], problems: list[str]
) -> dict[str, str | int]:
    if not isinstance(table, dict):
        problems.append(f"{at}: must be a table")
        return {}
    for name, target in table.items():
        if name not in fields:
            problems.append(f"{at}.{name}: no such field in this form")
        elif isinstance(fields[name], ConsentField):
            problems.append(f"{at}.{name}: a consent is not a custom field")
        if type(target) is not spec.custom_field or target == "":
            problems.append(f"{at}.{name}: must be {'a number' if spec.custom_field is int else 'a name'}")
        elif spec.custom_field_names is not None and target not in spec.custom_field_names:
            problems.append(f"{at}.{name}: must be one of {', '.join(sorted(spec.custom_field_names))}")
    return table
