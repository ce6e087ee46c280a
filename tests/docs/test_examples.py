"""`examples/`: every page asks for what its form takes, in the form's own words, and is on the list."""

from __future__ import annotations

import re
import tomllib

import pytest

from shared.forms.fields import ConsentField
from shared.forms.folder import Forms
from shared.forms.texts import CODES, FIELD_TEXTS, PAGE_TEXTS, VARIANT_TEXTS
from tests.support.paths import ROOT

EXAMPLES = ROOT / "examples"
README = (EXAMPLES / "README.md").read_text(encoding="utf-8")
PAGES = {
    "html/index.html": "newsletter",
    "snippet/index.html": "newsletter",
    "webflow/embed.html": "newsletter",
    "wordpress/signup-relay.php": "newsletter",
    "nextjs/app/newsletter/page.jsx": "server-newsletter",
    "php/signup.php": "server-newsletter",
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_for_the_fields_of_its_form_and_states_its_consent(page: str) -> None:
    text = (EXAMPLES / page).read_text(encoding="utf-8")
    folder = EXAMPLES / "forms" if PAGES[page].startswith("server") else ROOT / "forms"
    form = Forms(folder).get(PAGES[page])

    names = set(re.findall(r'<input[^>]*?\sname="(\w+)"', text, re.DOTALL))

    assert names == {*form.fields, *({form.spam.honeypot} - {None})}
    (statement,) = [field.statement for field in form.fields.values() if isinstance(field, ConsentField)]
    assert statement in " ".join(text.split())


def test_the_german_texts_are_all_there_and_fill_the_same_places() -> None:
    german = tomllib.loads((EXAMPLES / "messages/de.toml").read_text(encoding="utf-8"))["messages"]
    english = {**FIELD_TEXTS, **VARIANT_TEXTS, **PAGE_TEXTS}

    assert set(german) == CODES
    places = {code: re.findall(r"{\w+}", text) for code, text in english.items()}
    assert {code: re.findall(r"{\w+}", german[code]) for code in english} == places


def test_every_file_of_the_examples_is_on_the_list() -> None:
    files = {path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*") if path.is_file()}
    listed = set(re.findall(r"\]\(([\w./-]+)\)", README))

    assert [file for file in sorted(files - {"README.md"}) if not any(file.startswith(each) for each in listed)] == []
