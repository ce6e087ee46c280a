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
        ('title = "Newsletter"', 'title = "Newsletter"\nmessages = { requird = "x" }', "messages.requird.[key]"),
        ('title = "Newsletter"', 'title = "Newsletter"\nspam = { honeypot = "topic" }', "spam.honeypot"),
        ('title = "Newsletter"', 'title = "Newsletter"\nredirect = { success = "//example.com" }', "redirect.success"),
        ('"https://WWW.example.com"', '"www.example.com"', "allowed_origins.0"),
        ('"https://WWW.example.com"', '"https://www.example.com/"', "allowed_origins.0"),
        ('"https://WWW.example.com"', '"https://*.example.com"', "allowed_origins.0"),
        ("required = true", 'required = "yes"', "fields.email.email.required"),
        ('type = "text"\nmaps_to = "first_name"', 'type = "phone"\nregion = "UK"', "fields.given_name.phone.region"),
        ('type = "text"\nmaps_to', 'type = "textarea"\nmaps_to', "fields.given_name"),
        ('type = "text"\nmaps_to', 'type = "text"\nlenght = 3\nmaps_to', "fields.given_name.text.lenght"),
        ('maps_to = "first_name"', 'maps_to = "firstname"', "fields.given_name.maps_to"),
        ('maps_to = "first_name"', 'maps_to = "email"', "fields.given_name"),
        ('maps_to = "first_name"', 'maps_to = "phone"', "fields.given_name.type"),
        ('maps_to = "first_name"', 'maps_to = "birthday"', "fields.given_name.type"),
        ('maps_to = "first_name"', 'source = "a["', "fields.given_name.text.source"),
        ("required = true", 'required = true\non_invalid = "drop"', "fields.email.on_invalid"),
        ('grants = ["email"]', 'grants = ["fax"]', "fields.news.consent.grants.0"),
        ('grants = ["email"]', "grants = []", "fields.news.consent.grants"),
        ("[fields.email]", "[fields.mail]", "destinations.0"),
        ('name = "pulse-us"', 'name = "pulse us"', "destinations.0.name"),
        ('name = "pulse-us"', "", "destinations.0.name"),
        ('vendor = "pulse"', 'vendor = "pulses"', "destinations.0"),
        ('action = "upsert"', "action = 1", "destinations.0"),
        ("source = 7", "source = 7, sauce = 8", "destinations.0.options.sauce"),
        ("source = 7", "", "destinations.0.options.source"),
        ("options = { source = 7 }", "options = 7", "destinations.0.options"),
        ("options = {", 'rate_limit = "fast"\noptions = {', "destinations.0.rate_limit"),
        ("options = {", "colour = 1\noptions = {", "destinations.0.colour"),
        ("{ topic =", "{ tropic =", "destinations.0.custom_fields.tropic"),
        ("{ topic =", "{ news =", "destinations.0.custom_fields.news"),
        ('"lastTopic"', "7", "destinations.0.custom_fields.topic"),
        ('custom_fields = { topic = "lastTopic" }', "custom_fields = 7", "destinations.0.custom_fields"),
        ("[[destinations]]", "[destinations]", "destinations"),
    ],
)
def test_a_mistake_is_told_with_its_key(right: str, wrong: str, key: str) -> None:
    text = GOOD.replace(right, wrong, 1)
    assert text != GOOD
    assert [problem for problem in problems(text) if problem.startswith(f"{key}:")] != []


def test_the_regions_are_those_of_phonenumbers() -> None:
    assert phonenumbers.SUPPORTED_REGIONS == REGIONS


def test_all_problems_are_told_at_once() -> None:
    text = GOOD.replace("[fields.email]", 'colour = "x"\n[fields.email]').replace('"text"', '"texts"')
    told = problems(text.replace("source = 7", "source = 'x'"))
    assert len(told) >= 4


def test_two_destinations_of_one_name_are_a_mistake() -> None:
    again = GOOD[GOOD.index("[[destinations]]") :]
    assert problems(GOOD + again) == ["destinations.1.name: used twice"]


@pytest.mark.parametrize("text", ["", 'title = "x"', 'title = "x"\nfields = 7\ndestinations = [7]'])
def test_a_form_needs_fields_and_destinations(text: str) -> None:
    told = problems(text)
    assert any(problem.startswith("fields:") for problem in told)
    assert any(problem.startswith("destinations") for problem in told)


def test_what_is_no_toml_is_told_with_its_line() -> None:
    (told,) = problems('title = "x\n')
    assert told.startswith("not TOML:")
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
