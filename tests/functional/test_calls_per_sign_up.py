"""What `docs/cost.md` says that a sign-up calls, held against what it calls."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable

import pytest

from shared.telemetry import logger
from tests.functional.submit.form_texts import newsletter
from tests.support.alarms import metrics_in
from tests.support.paths import ROOT
from tests.support.relay import Answer, Relay
from tests.support.roles import calls

PAGE = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
SECOND = """
[[destinations]]
name = "yespo"
vendor = "esputnik"
action = "subscribe"
"""
WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}


BILLED_WRITE_BYTES = 1024


def told(what: str) -> float:
    found = re.search(rf"\| {what}[^|]*\| ([\d.]+) \|", PAGE)
    assert found is not None
    return float(found[1])


@pytest.fixture
def sign_up(relay: Relay) -> Callable[[], Answer]:
    """Two destinations, a consent and a warm environment; a call lets somebody new sign up there."""
    relay.form("newsletter", newsletter() + SECOND)
    relay.twin("pulse", "pulse-us")
    relay.twin("esputnik", "yespo")
    relay.post("newsletter", {"email": "first@example.com", "news": True})
    return lambda: relay.post("newsletter", {"email": "ada@example.com", "news": True})


def test_a_sign_up_makes_the_calls_of_the_page_on_cost(sign_up: Callable[[], Answer]) -> None:
    calls.clear()
    assert sign_up().status == 200

    made = Counter(calls)
    assert sum(made[action] for action in WRITES) == told("DynamoDB, writes")
    assert sum(made.values()) - sum(made[action] for action in WRITES) <= told("DynamoDB, consistent reads")
    assert {action.partition(":")[0] for action in made} == {"dynamodb"}


def test_what_a_sign_up_writes_fits_the_writes_that_are_billed(relay: Relay, sign_up: Callable[[], Answer]) -> None:
    assert sign_up().status == 200
    assert [item["id"] for item in relay.items() if len(json.dumps(item, default=str)) > BILLED_WRITE_BYTES] == []


def test_a_sign_up_logs_no_more_than_the_page_says(
    sign_up: Callable[[], Answer], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    capsys.readouterr()
    caplog.clear()
    assert sign_up().status == 200

    metrics = [line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    lines = [logger.registered_formatter.format(record) for record in caplog.records]
    assert lines
    assert sum(len(line) + 1 for line in [*metrics, *lines]) <= told("logs, KB of ours") * 1000


def test_a_healthy_stack_has_the_metrics_that_the_page_counts(
    sign_up: Callable[[], Answer], capsys: pytest.CaptureFixture[str]
) -> None:
    """One form and two destinations. What a vendor's rules left out is told too, and does not happen to every form."""
    capsys.readouterr()
    assert sign_up().status == 200

    metrics = {(each.name, *each.dimensions.values()) for each in metrics_in(capsys.readouterr().out)}
    assert len([metric for metric in metrics if metric[0] != "PartsLeftOut"]) == told("metrics of ours")
