"""`docs/forms.md`: every example loads, every key has one, every code is listed."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import jsonschema_rs
import pytest
import tomli_w

from cli.form_schema import form_schema
from functions.submit.refusal import PROBLEMS
from shared.contact import ATTRIBUTES
from shared.forms.loading import parse_form
from shared.forms.texts import FIELD_TEXTS, PAGE_TEXTS, VARIANT_TEXTS
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "forms.md").read_text()
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

REST: dict[str, Any] = {
    "title": "Example",
    "fields": {"email": {"type": "email", "required": True}},
    "destinations": [{"name": "d", "vendor": "pulse", "action": "upsert", "options": {"source": 1}}],
}


def whole(block: str) -> dict[str, Any]:
    """Complete an example with what its section is not about."""
    part = tomllib.loads(block)
    return {**REST, **part, "fields": {**REST["fields"], **part.get("fields", {})}}


@pytest.fixture(scope="module")
def schema() -> Any:
    return form_schema()


def test_every_example_loads_and_keeps_to_the_schema(schema: Any) -> None:
    validator = jsonschema_rs.validator_for(schema)
    for block in BLOCKS:
        form = whole(block)
        parse_form("example", tomli_w.dumps(form))
        assert validator.is_valid(form), block


def test_the_first_example_is_whole() -> None:
    parse_form("newsletter", BLOCKS[0])


def keys_of(schema: Any) -> set[str]:
    """Return every key that the schema names, at any depth."""
    if isinstance(schema, list):
        return {key for inner in schema for key in keys_of(inner)}
    if not isinstance(schema, dict):
        return set()
    inside = {key for name, inner in schema.items() for key in keys_of(inner) if name != "examples"}
    properties = schema.get("properties")
    return inside | set(properties) if isinstance(properties, dict) else inside


def used_in(data: Any) -> set[str]:
    if isinstance(data, list):
        return {key for inner in data for key in used_in(inner)}
    if not isinstance(data, dict):
        return set()
    return set(data) | {key for inner in data.values() for key in used_in(inner)}


def test_every_key_has_an_example(schema: Any) -> None:
    used = {key for block in BLOCKS for key in used_in(tomllib.loads(block))}
    missing = sorted(keys_of(schema) - used)
    assert missing == [], f"no example in docs/forms.md has {', '.join(missing)}"


def test_every_code_is_listed() -> None:
    listed = PAGE.partition("## Codes")[2]
    assert [code for code in (*FIELD_TEXTS, *PROBLEMS) if f"`{code}`" not in listed] == []


def test_every_other_code_of_a_text_is_explained() -> None:
    explained = PAGE.partition("## Pages and texts")[2].partition("## Codes")[0]
    assert [code for code in (*VARIANT_TEXTS, *PAGE_TEXTS) if f"`{code}`" not in explained] == []


def test_every_contact_attribute_is_listed() -> None:
    (line,) = re.findall(r"Contact attributes: `(.*?)`", PAGE, re.DOTALL)
    assert sorted(set(ATTRIBUTES) - set(line.split())) == []


def test_every_problem_is_listed_with_its_status() -> None:
    rows = re.findall(r"^\| (\d{3}) \| (`.*) \|$", PAGE, re.MULTILINE)
    listed = {(code, int(status)) for status, codes in rows for code in re.findall(r"`([a-z-]+)`", codes)}
    assert rows
    assert [(code, status) for code, status in listed if code != "errors" and PROBLEMS[code].status != status] == []
