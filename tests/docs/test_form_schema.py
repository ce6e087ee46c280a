"""The published schema of the form file is the one that the code makes, and says what the code does."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from cli.form_schema import destination_schema, form_schema
from shared.forms import FormBroken
from shared.forms.loading import parse_form
from shared.vendors.registry import ACTIONS
from tests.support.paths import ROOT

FORM = """
title = "Newsletter"
allowed_origins = ["https://www.example.com"]
rate_limit = "20/minute"
[redirect]
success = "https://www.example.com/thanks"
[messages]
required = "Nötig."
[fields.email]
type = "email"
[fields.given_name]
type = "text"
maps_to = "first_name"
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
"""


def in_repository(name: str) -> Any:
    return json.loads((ROOT / "docs" / name).read_text())


def test_the_published_schema_of_the_form_file_is_current() -> None:
    assert in_repository("form.schema.json") == form_schema(), "python -m cli.form_schema > docs/form.schema.json"


@pytest.fixture(scope="module")
def schema() -> jsonschema_rs.Validator:
    whole = form_schema()
    jsonschema_rs.meta.validate(whole)
    return jsonschema_rs.validator_for(whole)


@pytest.mark.parametrize("path", sorted((ROOT / "forms").glob("*.toml")), ids=lambda path: path.stem)
def test_every_form_keeps_to_the_schema_and_names_it(path: Path, schema: jsonschema_rs.Validator) -> None:
    text = path.read_text()
    line = "#:schema ../docs/form.schema.json"
    assert text.startswith(f"{line}\n"), f"begin the file with {line}, so that editors help with it"
    assert [error.message for error in schema.iter_errors(tomllib.loads(text))] == []
    parse_form(path.stem, text)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('title = "Newsletter"', 'titel = "Newsletter"'),
        ('title = "Newsletter"', 'title = ""'),
        ('https://www.example.com"]', 'https://www.example.com/path"]'),
        ("20/minute", "20/fortnight"),
        ("20/minute", "0/minute"),
        ("https://www.example.com/thanks", "/thanks"),
        ("https://www.example.com/thanks", "javascript:alert(1)"),
        ("required = ", "reqired = "),
        ('type = "text"', 'type = "textarea"'),
        ('type = "text"', 'type = "text"\nmax_length = 0'),
        ('type = "text"', 'type = "text"\nregion = "US"'),
        ('type = "text"', 'type = "consent"\ngrants = ["fax"]\nstatement = "x"\nversion = "1"'),
        ("[[destinations]]", '[spam]\ncaptcha = "captcha.example"\n[[destinations]]'),
        ("[[destinations]]", '[signature]\nscheme = "md5"\nsecret = "x"\n[[destinations]]'),
        ('vendor = "pulse"', 'vendor = "pulses"'),
        ('action = "upsert"', 'action = "subscribe"'),
        ("source = 7", 'source = "7"'),
        ("source = 7", "source = 7, group = 1"),
        ("options = { source = 7 }", ""),
        ('name = "pulse-us"', 'name = "pulse us"'),
        ("source = 7 }", "source = 7 }\ncustom_fields = { email = 1 }"),
    ],
)
def test_what_does_not_load_an_editor_marks(schema: jsonschema_rs.Validator, right: str, wrong: str) -> None:
    assert schema.is_valid(tomllib.loads(FORM))
    parse_form("newsletter", FORM)
    changed = FORM.replace(right, wrong)
    assert changed != FORM
    assert not schema.is_valid(tomllib.loads(changed))
    with pytest.raises(FormBroken):
        parse_form("newsletter", changed)


def test_the_schema_knows_every_vendors_action() -> None:
    choices = form_schema()["properties"]["destinations"]["items"]["oneOf"]
    assert {(c["properties"]["vendor"]["const"], c["properties"]["action"]["const"]) for c in choices} == set(ACTIONS)


def test_an_editor_explains_every_key_of_a_form() -> None:
    whole = form_schema()
    parts = [whole, *(whole["$defs"][name] for name in ("TextField", "ConsentField", "Spam", "Signature", "Redirect"))]
    silent = [
        key
        for part in parts
        for key, value in part["properties"].items()
        if not value.keys() & {"description", "const", "$ref", "anyOf"}
    ]
    assert silent == []


def test_a_vendor_without_custom_fields_takes_none() -> None:
    spec = replace(ACTIONS["pulse", "submit_form"], custom_field_names=frozenset())
    schema = jsonschema_rs.validator_for(destination_schema(spec, {})["properties"]["custom_fields"])

    assert schema.is_valid({})
    assert not schema.is_valid({"size": "Size"})
