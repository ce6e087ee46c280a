from __future__ import annotations

import json
from typing import Any

import pytest

from tests.functional.submit.form_texts import newsletter
from tests.support.operator import Operator, Output
from tests.support.relay import Relay


@pytest.fixture(autouse=True)
def receipts(relay: Relay) -> None:
    for form_id in ("newsletter", "event"):
        relay.form(form_id, newsletter())
        relay.twin("pulse", "pulse-us")
        assert relay.post(form_id, {"email": "ada@example.com", "news": True}).status == 200


def exported(said: Output) -> list[Any]:
    assert said.code == 0
    return [json.loads(line) for line in said.lines]


def test_every_receipt_is_one_json_line_with_its_proof_and_no_name(operator: Operator) -> None:
    said = operator.run("consents", "export")

    lines = exported(said)
    assert sorted(line["form"] for line in lines) == ["event", "newsletter"]
    assert [grant["channels"] for line in lines for grant in line["grants"]] == [["email", "sms"]] * 2
    assert {grant["statement"] for line in lines for grant in line["grants"]} == {
        "Send me news. I can stop at any time."
    }
    assert all(line["seal"] and line["page"] and line["caller"] and line["given_at"] for line in lines)
    assert len({tuple(line["people"]) for line in lines}) == 1
    assert said.err == "2 receipts\n"
    assert "ada" not in said.out


def test_receipts_are_narrowed_by_form_and_day(operator: Operator) -> None:
    assert {line["form"] for line in exported(operator.run("consents", "export", "--form", "event"))} == {"event"}
    assert len(exported(operator.run("consents", "export", "--since", "2020-01-01"))) == 2
    assert exported(operator.run("consents", "export", "--since", "2999-01-01")) == []


def test_a_senseless_day_is_a_mistake(operator: Operator) -> None:
    assert operator.run("consents", "export", "--since", "yesterday").code == 2
