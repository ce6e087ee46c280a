"""The witness: what the page showed beside a consent box is compared with the statement and never refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.functional.submit.form_texts import newsletter
from tests.support.relay import Relay

STATEMENT = "Send me news. I can stop at any time."
OTHER = "Sell my address to anybody."
ADA = {"email": "ada@example.com", "news": True}


def witnessed(relay: Relay, witness: object) -> dict[str, Any]:
    """Post a sign-up with this witness; return what its receipt keeps of it."""
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us")
    assert relay.post("newsletter", {**ADA, "_witness": witness}).status == 200
    return kept(relay)


def kept(relay: Relay) -> dict[str, Any]:
    (item,) = relay.items("consent#")
    (grant,) = json.loads(item["receipt"])["grants"]
    return {name: grant[name] for name in ("shown", "text", "preTicked", "visible") if name in grant}


def doubts_counted(printed: str) -> list[str]:
    lines = [json.loads(line) for line in printed.splitlines() if '"ConsentWitness"' in line]
    return [line["kind"] for line in lines]


def test_a_page_that_showed_the_statement_is_on_record_as_such(
    relay: Relay, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = {"text": "  Send me\nnews.\u00a0I can stop at any time. ", "preTicked": False, "visible": True}
    assert witnessed(relay, {"news": claim}) == {"shown": "same", "preTicked": False, "visible": True}
    assert doubts_counted(capsys.readouterr().out) == []


def test_a_page_that_showed_something_else_is_on_record_with_its_text_counted_and_not_logged(
    relay: Relay, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    claim = {"text": OTHER, "preTicked": True, "visible": False}
    assert witnessed(relay, {"news": claim}) == {
        "shown": "different",
        "text": OTHER,
        "preTicked": True,
        "visible": False,
    }
    printed = capsys.readouterr()
    assert doubts_counted(printed.out) == ["different", "pre-ticked", "invisible"]
    assert [vars(record)["field"] for record in caplog.records if record.getMessage() == "consent in doubt"] == ["news"]
    assert "Sell my" not in printed.out + printed.err + str([vars(record) for record in caplog.records])


@pytest.mark.parametrize(
    "text", ["Send me ne\u00adws. I can stop at any time.*", "\u2610\u200eSend me news.I can stop at any time."]
)
def test_marks_that_pages_add_are_not_another_text(relay: Relay, text: str) -> None:
    assert witnessed(relay, {"news": {"text": text}}) == {"shown": "same"}


def test_a_mark_that_turns_text_around_is_another_text(relay: Relay) -> None:
    assert witnessed(relay, {"news": {"text": f"\u202e{STATEMENT}"}})["shown"] == "different"


def test_an_empty_text_is_not_the_statement(relay: Relay) -> None:
    assert witnessed(relay, {"news": {"text": ""}}) == {"shown": "different", "text": ""}


def test_a_long_text_is_cut_and_half_characters_do_no_harm(relay: Relay) -> None:
    text = witnessed(relay, json.dumps({"news": {"text": "\ud800" + "x" * 5000}}))["text"]
    assert text == "?" + "x" * 1999


def test_the_witness_may_be_its_json_text(relay: Relay) -> None:
    assert witnessed(relay, json.dumps({"news": {"text": STATEMENT}})) == {"shown": "same"}


def test_a_form_body_brings_the_witness_as_text(relay: Relay) -> None:
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us")
    claims = {"news": {"text": OTHER, "visible": True}}
    values = {"email": "ada@example.com", "news": "on", "_witness": json.dumps(claims)}
    assert relay.post("newsletter", values, urlencoded=True).status == 200
    assert kept(relay) == {"shown": "different", "text": OTHER, "visible": True}


@pytest.mark.parametrize(
    "witness",
    [
        None,
        7,
        "",
        "no JSON",
        "[" * 60_000,
        "[]",
        [],
        {},
        {"news": None},
        {"news": "text"},
        {"news": {"text": 7, "preTicked": "no", "visible": 1}},
        {"other": {"text": "x"}},
    ],
)
def test_a_witness_that_cannot_be_read_is_unknown_and_no_error(
    relay: Relay, witness: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert witnessed(relay, witness) == {"shown": "unknown"}
    assert doubts_counted(capsys.readouterr().out) == []


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "one"}], ids=["values", "key"])
def test_a_sign_up_is_the_same_whatever_its_witness_says(relay: Relay, headers: dict[str, str]) -> None:
    relay.form("newsletter", newsletter())
    pulse = relay.twin("pulse", "pulse-us")
    first = relay.post("newsletter", ADA, headers=headers)
    again = relay.post("newsletter", {**ADA, "_witness": {"news": {"text": OTHER}}}, headers=headers)
    assert (first.status, again.status) == (200, 200)
    assert again.json == first.json
    assert len(pulse.writes()) == 1


def test_quarantine_keeps_the_witness_for_the_receipt_of_a_release(relay: Relay) -> None:
    relay.form("newsletter", newsletter(more='[spam]\nhoneypot = "website"'))
    relay.post("newsletter", {**ADA, "website": "x", "_witness": {"news": {"text": OTHER}}})
    (suspect,) = relay.items("quarantine#")
    assert json.loads(suspect["submitted"])["_witness"] == [{"news": {"text": OTHER}}]
