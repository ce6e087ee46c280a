"""Form files: every problem at once, with its key; what loads is frozen and complete."""

from __future__ import annotations

from pathlib import Path

import phonenumbers
import pytest
from pydantic import ValidationError

from shared.forms import FormBroken, FormNotFound, Forms
from shared.forms.loading import parse_form
from shared.forms.regions import REGIONS

GOOD = """
title = "Newsletter"
allowed_origins = ["https://WWW.example.com", "*"]
[fields.email]
type = "email"
required = true
[fields.given_name]
type = "text"
maps_to = "first_name"
[fields.topic]
type = "text"
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
custom_fields = { topic = "lastTopic" }
"""


def problems(text: str, form_id: str = "newsletter") -> list[str]:
    with pytest.raises(FormBroken) as broken:
        parse_form(form_id, text)
    assert broken.value.file == f"{form_id}.toml"
    return broken.value.problems


def test_a_form_says_what_the_file_says() -> None:
    form = parse_form("newsletter", GOOD)
    assert (form.id, form.title, form.language) == ("newsletter", "Newsletter", "en")
    assert form.allowed_origins == ("https://www.example.com", "*")
    assert (form.dedupe_seconds, form.rate_limit) == (300, "60/minute")
    assert [form.attribute_of(name) for name in form.fields] == ["email", "first_name", None, None]
    (destination,) = form.destinations
    assert (destination.name, destination.spec.vendor, destination.custom_fields) == (
        "pulse-us",
        "pulse",
        {"topic": "lastTopic"},
    )


def test_a_form_cannot_be_changed() -> None:
    form = parse_form("newsletter", GOOD)
    with pytest.raises(ValidationError, match="frozen"):
        form.title = "Other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        ('title = "Newsletter"', "", "title"),
        ('title = "Newsletter"', 'title = "Newsletter"\ncolour = "green"', "colour"),
        ('title = "Newsletter"', 'title = "Newsletter"\ndedupe_seconds = -1', "dedupe_seconds"),
        ('title = "Newsletter"', 'title = "Newsletter"\nrate_limit = "many"', "rate_limit"),
        ('title = "Newsletter"', 'title = "Newsletter"\nlanguage = "German"', "language"),
        ('title = "Newsletter"', 'title = "Newsletter"\nmessages = { requird = "x" }', "messages.requird"),
        ('title = "Newsletter"', 'title = "Newsletter"\nspam = { honeypot = "topic" }', "spam.honeypot"),
        ('title = "Newsletter"', 'title = "Newsletter"\nredirect = { success = "//example.com" }', "redirect.success"),
        ('"https://WWW.example.com"', '"www.example.com"', "allowed_origins #1"),
        ('"https://WWW.example.com"', '"https://www.example.com/"', "allowed_origins #1"),
        ('"https://WWW.example.com"', '"https://*.example.com"', "allowed_origins #1"),
        ('"https://WWW.example.com"', '"https://bücher.example.com"', "allowed_origins #1"),
        ('"https://WWW.example.com"', '"https://www.example.com:443"', "allowed_origins #1"),
        ('"https://WWW.example.com"', '"http://localhost:80"', "allowed_origins #1"),
        ("required = true", 'required = "yes"', "fields.email.required"),
        ('type = "text"\nmaps_to = "first_name"', 'type = "phone"\nregion = "UK"', "fields.given_name.region"),
        ('type = "text"\nmaps_to', 'type = "textarea"\nmaps_to', "fields.given_name.type"),
        ('type = "text"\nmaps_to', "maps_to", "fields.given_name.type"),
        ('type = "text"\nmaps_to', 'type = "text"\nlenght = 3\nmaps_to', "fields.given_name.lenght"),
        ('maps_to = "first_name"', 'maps_to = "firstname"', "fields.given_name.maps_to"),
        ('maps_to = "first_name"', 'maps_to = "email"', "fields.given_name"),
        ('maps_to = "first_name"', 'maps_to = "phone"', "fields.given_name.type"),
        ('maps_to = "first_name"', 'maps_to = "birthday"', "fields.given_name.type"),
        ('maps_to = "first_name"', 'source = "a["', "fields.given_name.source"),
        ('maps_to = "first_name"', 'source = "lenth(a)"', "fields.given_name.source"),
        ('maps_to = "first_name"', 'source = "a[?contains(b)]"', "fields.given_name.source"),
        ("required = true", 'required = true\non_invalid = "drop"', "fields.email.on_invalid"),
        ('grants = ["email"]', 'grants = ["fax"]', "fields.news.grants #1"),
        ('grants = ["email"]', "grants = []", "fields.news.grants"),
        ("[fields.email]", "[fields.mail]", "destinations.pulse-us"),
        ('name = "pulse-us"', 'name = "pulse us"', "destinations #1.name"),
        ('name = "pulse-us"', "", "destinations #1.name"),
        ('name = "pulse-us"', "name = []", "destinations #1.name"),
        ('vendor = "pulse"', 'vendor = "pulses"', "destinations.pulse-us.vendor"),
        ('vendor = "pulse"', "vendor = []", "destinations.pulse-us.vendor"),
        ('action = "upsert"', "action = 1", "destinations.pulse-us.action"),
        ('action = "upsert"', "action = { upsert = true }", "destinations.pulse-us.action"),
        ("source = 7", "source = 7, sauce = 8", "destinations.pulse-us.options.sauce"),
        ("source = 7", "", "destinations.pulse-us.options.source"),
        ("options = { source = 7 }", "options = 7", "destinations.pulse-us.options"),
        ("options = {", 'rate_limit = "fast"\noptions = {', "destinations.pulse-us.rate_limit"),
        ("options = {", "colour = 1\noptions = {", "destinations.pulse-us.colour"),
        ("options = {", 'write = "replace"\noptions = {', "destinations.pulse-us.write"),
        ("options = {", 'write = { topic = "replace" }\noptions = {', "destinations.pulse-us.write.topic"),
        ("{ topic =", "{ tropic =", "destinations.pulse-us.custom_fields.tropic"),
        ("{ topic =", "{ news =", "destinations.pulse-us.custom_fields.news"),
        ('"lastTopic"', "7", "destinations.pulse-us.custom_fields.topic"),
        ('custom_fields = { topic = "lastTopic" }', "custom_fields = 7", "destinations.pulse-us.custom_fields"),
        ("[[destinations]]", "[destinations]", "destinations"),
    ],
)
def test_a_mistake_is_told_with_its_key(right: str, wrong: str, key: str) -> None:
    text = GOOD.replace(right, wrong, 1)
    assert text != GOOD
    assert [problem for problem in problems(text) if problem.startswith(f"{key}:")] != []


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        (
            'title = "Newsletter"',
            'titel = "Newsletter"',
            ['titel: unknown key; did you mean "title"?', "title: is required"],
        ),
        ("[fields.topic]", "[field.topic]", ['field: unknown key; did you mean "fields"?']),
        ('type = "text"\nmaps_to', 'type = "txt"\nmaps_to', ['did you mean "text"?']),
        ('maps_to = "first_name"', 'maps_to = "firstname"', ['is not a contact attribute; did you mean "first_name"?']),
        ("required = true", "requierd = true", ['fields.email.requierd: unknown key; did you mean "required"?']),
        ('vendor = "pulse"', 'vendor = "puls"', ['did you mean "pulse"?']),
        (
            "source = 7",
            "sorce = 7",
            ['options.sorce: unknown key; did you mean "source"?', "options.source: is required"],
        ),
        ("options = {", 'rate_limt = "1/day"\noptions = {', ['rate_limt: unknown key; did you mean "rate_limit"?']),
        ("{ topic =", "{ topik =", ['the form has no field of this name; did you mean "topic"?']),
        (
            'grants = ["email"]',
            'grants = ["emial"]',
            ['must be "email", "sms", "call" or "whatsapp"; did you mean "email"?'],
        ),
    ],
)
def test_a_typing_mistake_is_told_with_the_word_that_was_meant(right: str, wrong: str, told: list[str]) -> None:
    assert (text := GOOD.replace(right, wrong, 1)) != GOOD
    for message in told:
        assert message in "\n".join(problems(text))


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('["https://WWW.example.com", "*"]', '"*"', "allowed_origins: must be a list"),
        ('title = "Newsletter"', "title = 7", "title: must be a text that is not empty"),
        ('title = "Newsletter"', 'title = ""', "title: must be a text that is not empty"),
        ('title = "Newsletter"', 'title = "x"\ndedupe_seconds = "long"', "dedupe_seconds: must be a whole number"),
        ('title = "Newsletter"', 'title = "x"\ndedupe_seconds = 90000', "dedupe_seconds: must be 86400 or less"),
        ('title = "Newsletter"', 'title = "x"\nspam = 1', "spam: must be a table"),
        ("required = true", 'required = "yes"', "fields.email.required: must be true or false"),
        ('version = "1"', "", "fields.news.version: is required"),
        ("options = { source = 7 }", "options = 7", "destinations.pulse-us.options: must be a table"),
    ],
)
def test_a_mistake_is_told_in_plain_words(right: str, wrong: str, told: str) -> None:
    assert problems(GOOD.replace(right, wrong, 1)) == [told]


TOP = 'title = "Newsletter"'


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        (
            TOP,
            TOP + '\nexpect_every = "daily"',
            'expect_every: must be "off" or like "1d" (m, h or d: minutes, hours or days)',
        ),
        (
            TOP,
            TOP + "\nrecipient_limit = 5",
            'recipient_limit: must be "off" or like "20/minute" (second, minute, hour or day)',
        ),
        (
            TOP,
            TOP + '\nspam = { captcha_unavailable = "ignore" }',
            'spam.captcha_unavailable: must be "quarantine", "accept" or "refuse"',
        ),
        (
            TOP,
            TOP + '\nprivacy = { notice_url = "privacy.html" }',
            "privacy.notice_url: must be an absolute http(s) URL",
        ),
        (
            TOP,
            TOP + '\nprivacy = { jurisdiction = "England" }',
            'privacy.jurisdiction: must be an ISO 3166 code like "GB" or "US-CA"',
        ),
        (
            TOP,
            TOP + '\nprivacy = { language = "English" }',
            'privacy.language: must be a language code like "en" or "pt-BR"',
        ),
        (
            TOP,
            TOP + '\nprivacy = { controler = "Example" }',
            'privacy.controler: unknown key; did you mean "controller"?',
        ),
        (TOP, TOP + '\nprivacy = "Example"', "privacy: must be a table"),
        ('[fields.topic]\ntype = "text"', '[fields.topic]\ntype = "choices"', "fields.topic.options: is required"),
        (
            '[fields.topic]\ntype = "text"',
            '[fields.topic]\ntype = "choices"\noptions = []',
            "fields.topic.options: must have 1 or more entries",
        ),
        (
            '[fields.topic]\ntype = "text"',
            '[fields.topic]\ntype = "choices"\noptions = ["a", "a"]',
            "fields.topic.options: must not hold an option twice",
        ),
        (
            '[fields.topic]\ntype = "text"',
            '[fields.topic]\ntype = "choice"\noptions = ["a", " "]',
            "fields.topic.options: must not hold an empty option",
        ),
        (
            '[fields.topic]\ntype = "text"',
            '[fields.topic]\ntype = "date"\nformat = "DD.MM.YYYY"',
            'fields.topic.format: must be "YYYY-MM-DD", "DD/MM/YYYY" or "MM/DD/YYYY"; did you mean "DD/MM/YYYY"?',
        ),
        (
            '[fields.topic]\ntype = "text"',
            '[fields.topic]\ntype = "text"\npattern = "("',
            "fields.topic.pattern: is not a regular expression",
        ),
        (
            '[fields.topic]\ntype = "text"',
            '[fields.topic]\ntype = "text"\npattern = "(a+)+"',
            "fields.topic.pattern: could take too long; use fewer * + ? | {n,m}, none in another, or lower max_length",
        ),
        (
            '[fields.topic]\ntype = "text"',
            '[fields.topic]\ntype = "text"\npattern = "^a$"',
            "fields.topic.pattern: must match the whole text anyway: leave ^ and $ out",
        ),
        (
            '[fields.topic]\ntype = "text"',
            '[fields.topic]\ntype = "email"\npattern = "a"',
            "fields.topic.pattern: unknown key; there are label, maps_to, on_invalid, required, source, type",
        ),
        (
            "[fields.topic]",
            '[fields._witness]\ntype = "text"\n[fields.topic]',
            "fields._witness: is a name that scripts of the page, or the browser, fill in; choose another",
        ),
        (
            TOP,
            TOP + '\nspam = { honeypot = "_witness" }',
            "spam.honeypot: is a name that scripts of the page, or the browser, fill in; choose another",
        ),
    ],
)
def test_a_wrong_value_of_a_key_is_told_with_what_would_be_right(right: str, wrong: str, told: str) -> None:
    assert problems(GOOD.replace(right, wrong, 1)) == [told]


def test_what_a_form_says_of_privacy_and_expectation_is_kept() -> None:
    text = GOOD.replace(
        TOP, TOP + '\nexpect_every = "1d"\nprivacy = { controller = "Example Ltd", jurisdiction = "US-CA" }'
    )
    form = parse_form("newsletter", text)
    assert (form.expect_every, form.privacy.controller, form.privacy.jurisdiction) == ("1d", "Example Ltd", "US-CA")
    assert parse_form("newsletter", GOOD).expect_every == "off"


def test_a_wrong_action_hides_no_other_mistake_of_its_destination() -> None:
    wrong = GOOD.replace('action = "upsert"', 'action = "upsrt"\ncolour = 1\nrate_limit = "fast"')
    told = problems(wrong.replace("source = 7", "sauce = 7").replace("{ topic =", "{ tropic ="))
    keys = [problem.partition(": ")[0].removeprefix("destinations.pulse-us.") for problem in told]
    assert sorted(keys) == [
        "action", "colour", "custom_fields.tropic", "options.sauce", "options.source", "rate_limit"
    ]  # fmt: skip


def test_a_field_with_a_mistake_is_not_told_as_missing_too() -> None:
    told = problems(GOOD.replace("required = true", 'required = "yes"'))
    assert told == ["fields.email.required: must be true or false"]


def test_the_regions_are_those_of_phonenumbers() -> None:
    assert phonenumbers.SUPPORTED_REGIONS == REGIONS


def test_all_problems_are_told_at_once() -> None:
    text = GOOD.replace("[fields.email]", 'colour = "x"\n[fields.email]').replace('"text"', '"texts"')
    told = problems(text.replace("source = 7", "source = 'x'"))
    assert len(told) >= 4


def test_two_destinations_of_one_name_are_a_mistake() -> None:
    again = GOOD[GOOD.index("[[destinations]]") :]
    assert problems(GOOD + again) == ["destinations.pulse-us.name: is the name of two destinations of this form"]


@pytest.mark.parametrize("text", ["", 'title = "x"', 'title = "x"\nfields = 7\ndestinations = [7]'])
def test_a_form_needs_fields_and_destinations(text: str) -> None:
    told = problems(text)
    assert any(problem.startswith("fields:") for problem in told)
    assert any(problem.startswith("destinations") for problem in told)


def test_what_is_no_toml_is_told_with_its_line() -> None:
    (told,) = problems('title = "x\n')
    assert told.startswith("file: is not TOML:")
    assert "line 1" in told


def test_a_file_name_is_part_of_an_address() -> None:
    assert problems(GOOD, "news letter")[0].startswith("file name:")


def test_problems_never_repeat_what_stands_in_the_file() -> None:
    text = GOOD.replace("source = 7", 'source = "a-secret-by-mistake"')
    assert "a-secret-by-mistake" not in str(problems(text))


class TestFolder:
    def test_a_form_is_read_again_when_its_file_changes(self, tmp_path: Path) -> None:
        forms, path = Forms(tmp_path), tmp_path / "newsletter.toml"
        path.write_text(GOOD)
        first = forms.get("newsletter")
        assert forms.get("newsletter") is first
        path.write_text(GOOD.replace("Newsletter", "Newsletters"))
        assert forms.get("newsletter").title == "Newsletters"

    def test_a_broken_form_harms_no_other(self, tmp_path: Path) -> None:
        (tmp_path / "good.toml").write_text(GOOD)
        (tmp_path / "broken.toml").write_text("title = 7")
        forms = Forms(tmp_path)
        with pytest.raises(FormBroken, match=r"broken\.toml"):
            forms.get("broken")
        assert forms.get("good").id == "good"
        assert forms.ids() == ["broken", "good"]

    @pytest.mark.parametrize("form_id", ["unknown", "", "..", "a/b", "a\x00b", "é", "a" * 65, "broken.toml"])
    def test_no_other_file_can_be_reached(self, tmp_path: Path, form_id: str) -> None:
        (tmp_path / "good.toml").write_text(GOOD)
        with pytest.raises(FormNotFound):
            Forms(tmp_path).get(form_id)

    def test_a_file_that_is_no_text_is_broken(self, tmp_path: Path) -> None:
        (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
        with pytest.raises(FormBroken, match="cannot be read: UnicodeDecodeError"):
            Forms(tmp_path).get("binary")

    def test_a_folder_by_the_name_of_a_form_is_broken(self, tmp_path: Path) -> None:
        (tmp_path / "folder.toml").mkdir()
        with pytest.raises(FormBroken, match="cannot be read: IsADirectoryError"):
            Forms(tmp_path).get("folder")
