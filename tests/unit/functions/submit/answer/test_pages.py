"""The built-in pages: what they say, in which language, and that they repeat nothing that was sent."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser

import pytest

from functions.submit.answer import answer, pages
from functions.submit.refusal import PROBLEMS, Refusal
from shared.forms import Form
from shared.forms.fields import ConsentField, EmailField, TextField
from shared.forms.invalid_fields import FieldError
from shared.forms.texts import PAGE_TEXTS, PROBLEM_TEXTS

VOID = {"meta"}
SITE = "https://www.example.com"


class Page(HTMLParser):
    """A page as elements with their attributes and texts; refuses what is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.texts: dict[str, list[str]] = {}
        self.alert = ""
        self._open: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes[tag] = dict(attrs)
        if tag not in VOID:
            self._open.append((tag, dict(attrs).get("role")))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self._open and data.strip():
            self.texts.setdefault(self._open[-1][0], []).append(data)
            if any(role == "alert" for _, role in self._open):
                self.alert += data


def _form(**more: object) -> Form:
    fields = {"email": EmailField(type="email", label="E-mail"), "city": TextField(type="text")}
    return Form(**{"id": "news", "title": "News", "fields": fields, "destinations": (), **more})  # type: ignore[arg-type]


def _refusal(form: Form | None, kind: str, errors: Sequence[FieldError] = ()) -> Page:
    return Page(str(answer.refusal(form, Refusal(kind, errors=errors), html=True).body))


def test_the_title_says_what_has_happened_and_on_which_form() -> None:
    assert _refusal(_form(), "invalid-fields").texts["title"] == ["Please check your entries - News"]
    assert _refusal(None, "not-found").texts["title"] == ["Page not found"]
    assert Page(pages.thank_you(_form())).texts["title"] == ["Thank you - News"]


def test_errors_are_a_list_that_a_screen_reader_announces() -> None:
    page = _refusal(_form(), "invalid-fields", [FieldError("email", "invalid_email"), FieldError("city", "too_long")])

    assert page.texts["strong"] == ["E-mail", "City"]
    assert page.texts["li"] == [": Please enter a valid email address.", ": This is too long."]
    assert "Please enter a valid email address." in page.alert
    assert PROBLEM_TEXTS["invalid-fields"][1] in page.alert


def test_the_thanks_lead_back_to_the_website_that_the_form_names_and_to_no_other() -> None:
    form = _form(allowed_origins=(SITE,))

    assert Page(pages.thank_you(form, SITE)).attributes["a"] == {"href": SITE}
    for origin in (None, "https://elsewhere.example", "null"):
        assert "a" not in Page(pages.thank_you(form, origin)).attributes
    assert "a" not in Page(pages.thank_you(_form(allowed_origins=("*",)), SITE)).attributes


def test_a_field_without_a_label_is_called_as_on_a_page() -> None:
    statement = "Send me news. I can stop at any time."
    fields = {
        "family_name": TextField(type="text"),
        "news": ConsentField(type="consent", grants=("email",), statement=statement, version="1"),
        "terms": ConsentField(type="consent", grants=("email",), statement=statement, version="1", label="Terms"),
    }
    errors = [FieldError(name, "required") for name in fields]

    page = _refusal(_form(fields=fields), "invalid-fields", errors)

    assert page.texts["strong"] == ["Family name", "Send me news. I can stop at any time", "Terms"]


@pytest.mark.parametrize(
    ("language", "direction"), [("en", "ltr"), ("de-AT", "ltr"), ("ar", "rtl"), ("he-IL", "rtl"), ("fa", "rtl")]
)
def test_a_page_is_marked_with_the_language_of_its_form(language: str, direction: str) -> None:
    for text in (
        pages.thank_you(_form(language=language)),
        str(answer.refusal(_form(language=language), Refusal("too-large"), html=True).body),
    ):
        assert Page(text).attributes["html"] == {"lang": language, "dir": direction}


def test_a_form_can_say_everything_in_its_own_words() -> None:
    messages = {
        "thank-you-title": "Danke",
        "thank-you-text": "Bis bald.",
        "invalid-fields-title": "Bitte prüfen",
        "invalid-fields": "Etwas fehlt.",
        "required": "Das fehlt.",
        "go-back": "Zurück.",
        "back-to-site": "Zurück zu {site}",
    }
    form = _form(language="de", messages=messages, allowed_origins=(SITE,))

    thanks = Page(pages.thank_you(form, SITE))
    refused = _refusal(form, "invalid-fields", [FieldError("email", "required")])

    assert (thanks.texts["h1"], thanks.texts["p"]) == (["Danke"], ["News", "Bis bald."])
    assert thanks.texts["a"] == ["Zurück zu www.example.com"]
    assert (refused.texts["h1"], refused.texts["p"]) == (["Bitte prüfen"], ["News", "Etwas fehlt.", "Zurück."])
    assert refused.texts["li"] == [": Das fehlt."]


def test_whatever_stands_in_a_form_file_or_a_field_name_is_text() -> None:
    hostile = "<script>alert(1)</script>\"'&"
    form = _form(title=hostile, messages={"required": hostile, "invalid-fields": hostile, "thank-you-text": hostile})

    for text in (
        pages.thank_you(form, SITE),
        str(answer.refusal(form, Refusal("invalid-fields", errors=[FieldError(hostile, "required")]), html=True).body),
    ):
        assert "<script" not in text
        assert any(hostile in part for parts in Page(text).texts.values() for part in parts)


@pytest.mark.parametrize("kind", sorted(PROBLEMS))
def test_a_way_back_is_offered_where_the_form_can_be_sent_again(kind: str) -> None:
    text = "".join(_refusal(_form(), kind).texts["p"])

    assert (PAGE_TEXTS["go-back"] in text) is (PROBLEMS[kind].status in {413, 422, 429, 503})


def test_a_page_needs_no_other_page_no_script_and_no_foreign_content() -> None:
    for text in (pages.thank_you(_form()), str(answer.refusal(_form(), Refusal("too-large"), html=True).body)):
        page = Page(text)
        assert not {"script", "link", "img", "iframe", "form", "a"} & page.attributes.keys()
        assert "main" in page.attributes
        assert len(page.texts["h1"]) == 1


def test_a_page_may_not_be_framed_and_runs_nothing() -> None:
    policy = str(answer.refusal(None, Refusal("not-found"), html=True).headers["Content-Security-Policy"])

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
