"""`relay new form` asks, writes and checks."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from shared.forms.loading import parse_form
from shared.vendors.registry import ACTIONS
from tests.support.operator import Operator

OPTIONS = {
    ("pulse", "upsert"): ["7"],
    ("pulse", "submit_form"): ["0f8fad5b-d9cb-469f-a165-70867728950e"],
    ("which50", "upsert"): ["12", "email", "given", "family", "agreed"],
    ("whautomate", "upsert"): ["location-1"],
}
"""Answers to the questions that only one action asks."""


def answers(vendor: str, action: str) -> list[str]:
    phone = [""] if vendor == "whautomate" else ["n"]
    own = OPTIONS.get((vendor, action), [])
    return ["Spring news", "https://www.example.com", f"{vendor} {action}", "y", *phone, "", "", "", "", *own]


def type_in(monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))


@pytest.mark.parametrize(("vendor", "action"), sorted(ACTIONS))
def test_each_vendors_form_is_written_and_can_be_used(
    vendor: str, action: str, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, answers(vendor, action))

    said = operator.run("new", "form", "spring", "--forms", str(tmp_path))

    file = tmp_path / "spring.toml"
    assert (said.code, said.lines) == (0, [f"wrote {file}"])
    form = parse_form("spring", file.read_text(encoding="utf-8"))
    assert (form.title, form.allowed_origins) == ("Spring news", ("https://www.example.com",))
    assert [(each.name, each.spec.action) for each in form.destinations] == [(vendor, action)]
    assert operator.run("check", "--forms", str(tmp_path)).code == 0


def test_what_people_agree_to_reaches_every_vendor(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, (vendor, action) in enumerate(sorted(ACTIONS)):
        type_in(monkeypatch, answers(vendor, action))
        assert operator.run("new", "form", f"spring{number}", "--forms", str(tmp_path)).code == 0

    said = operator.run("check", "--forms", str(tmp_path))

    assert "consent" not in said.out


def test_a_consent_that_is_not_what_the_form_is_for_can_be_left_out(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = answers("esputnik", "subscribe")
    typed[-3] = "n"
    type_in(monkeypatch, typed)

    assert operator.run("new", "form", "spring", "--forms", str(tmp_path)).code == 0
    form = parse_form("spring", (tmp_path / "spring.toml").read_text(encoding="utf-8"))
    assert form.fields["news"].required is False


def test_a_lists_field_for_the_consent_is_asked_for_and_its_name_is_guessed(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = [*answers("which50", "upsert")[:-5], "3", "", "", "", ""]
    typed[2] = "which50"  # which has one action
    type_in(monkeypatch, typed)

    said = operator.run("new", "form", "spring", "--forms", str(tmp_path))

    assert said.code == 0, said.err
    assert "relay check --live" in said.err
    (destination,) = parse_form("spring", (tmp_path / "spring.toml").read_text(encoding="utf-8")).destinations
    assert destination.options.model_dump()["fields"] == {
        "email": "Email",
        "first_name": "FirstName",
        "last_name": "LastName",
        "consent.email": "EmailConsent",
    }


def test_a_number_without_plus_is_read_by_the_country_that_was_given(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = answers("whautomate", "upsert")
    type_in(monkeypatch, [*typed[:4], "nowhere", "us", *typed[5:]])

    said = operator.run("new", "form", "spring", "--forms", str(tmp_path))

    assert (said.code, said.err.count("Cannot be used")) == (0, 1)
    phone = parse_form("spring", (tmp_path / "spring.toml").read_text(encoding="utf-8")).fields["phone"]
    assert phone.model_dump()["region"] == "US"


def test_a_website_may_be_given_as_the_browser_shows_it(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, ["News", "http://localhost:8080/", *answers("esputnik", "subscribe")[2:]])

    said = operator.run("new", "form", "spring", "--forms", str(tmp_path))

    assert "Cannot be used" not in said.err
    form = parse_form("spring", (tmp_path / "spring.toml").read_text(encoding="utf-8"))
    assert form.allowed_origins == ("http://localhost:8080",)


def test_what_to_do_next_can_be_typed_as_it_is_shown(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, answers("esputnik", "subscribe"))

    said = operator.run("new", "form", "spring", "--forms", str(tmp_path))

    assert "relay --local check --live esputnik" in said.err
    assert "relay --local send spring" in said.err
    assert "relay --stack NAME connection add esputnik" in said.err


def test_an_id_with_a_slash_is_told_the_rule_of_ids(operator: Operator, tmp_path: Path) -> None:
    said = operator.run("new", "form", "Spring/Event", "--forms", str(tmp_path))

    assert said.code == 2
    assert "Spring/Event: must be letters, digits, hyphen and underscore, up to 64" in said.err


def test_an_answer_that_cannot_be_used_is_asked_again(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, ["News", "example.com", "https://www.example.com", *answers("esputnik", "upsert")[2:]])

    said = operator.run("new", "form", "spring", "--forms", str(tmp_path))

    assert said.code == 0
    assert "Cannot be used" in said.err


def test_nobody_there_to_answer_changes_nothing(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, answers("pulse", "upsert")[:3])

    said = operator.run("new", "form", "spring", "--forms", str(tmp_path))

    assert said.code == 2
    assert said.err.endswith("the input ended before every question was answered; nothing was changed\n")
    assert not list(tmp_path.glob("*.toml"))


def test_a_form_with_a_mistake_is_not_written(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, [*answers("pulse", "submit_form")[:-1], "not an id"])

    said = operator.run("new", "form", "spring", "--forms", str(tmp_path), "--json")

    assert said.code == 1
    assert not list(tmp_path.glob("*.toml"))
    assert "form_uuid" in said.json["problems"][0]


def test_a_form_that_is_there_is_never_overwritten(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "spring.toml").write_text("mine")

    said = operator.run("new", "form", "spring", "--forms", str(tmp_path))

    assert (said.code, said.err) == (2, f"relay: {tmp_path / 'spring.toml'} exists\n")
    assert (tmp_path / "spring.toml").read_text() == "mine"
