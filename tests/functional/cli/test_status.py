from __future__ import annotations

import re

import pytest

from cli.deployment import Deployment
from cli.frame.console import iso_time
from cli.main import main
from tests.functional.cli.test_waiting import fail_a_retry
from tests.functional.submit.form_texts import newsletter
from tests.support.operator import Operator
from tests.support.paths import ROOT
from tests.support.relay import Relay


def test_a_quiet_relay_says_so(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", newsletter())
    relay.form("broken", "")

    said = operator.run("status", "--json")

    nothing = {"visible": 0, "delayed": 0, "in_flight": 0}
    assert said.json == {
        "queues": {"retry": nothing, "dead_letters": nothing},
        "oldest_dead_letter": None,
        "destinations": [
            {
                "destination": "pulse-us",
                "circuit": "closed",
                "held_since": None,
                "waiting": 0,
                "oldest_waiting": None,
                "dead_letters": 0,
            }
        ],
        "unlisted": 0,
    }
    assert operator.run("holds").lines == ["0 destinations held"]


def test_an_outage_shows_as_an_open_circuit_and_waiting_messages(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", newsletter("dedupe_seconds = 0"))
    relay.twin("pulse", "pulse-us").stop()
    for number in range(4):
        assert relay.post("newsletter", {"email": f"ada{number}@example.com"}).status == 202

    said = operator.run("status", "--json")
    people = operator.run("status")

    retry = said.json["queues"]["retry"]
    assert retry["visible"] + retry["delayed"] == 4
    assert [row["circuit"] for row in said.json["destinations"]] == ["open"]
    assert "pulse-us     open     -" in people.out


def test_what_waits_is_counted_by_destination_with_the_oldest(
    relay: Relay, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given two deliveries that were tried again in vain
    monkeypatch.setenv("CIRCUIT_FAILURE_THRESHOLD", "100")
    relay.form("newsletter", newsletter("dedupe_seconds = 0"))
    relay.twin("pulse", "pulse-us").fail("status", status=503, count=None)
    for name in ("ada", "bob"):
        relay.post("newsletter", {"email": f"{name}@example.com"})
    while len(relay.items("retry#")) < 2:
        fail_a_retry(relay)

    known, table = operator.run("status", "--json").json, operator.run("status")

    first = min(item["first_failed_at"] for item in relay.items("retry#"))
    [row] = known["destinations"]
    assert (row["waiting"], row["oldest_waiting"], known["unlisted"]) == (2, iso_time(first / 1000), 0)
    assert table.lines[-1].split() == ["pulse-us", "closed", "-", "2", iso_time(first / 1000), "0"]

    # When others wait that SQS shows to nobody
    relay.post("newsletter", {"email": "eve@example.com"})
    some = operator.run("status")

    # Then no number claims to be the whole
    assert "  at least 2  " in some.lines[-2]
    assert some.lines[-1].startswith("about 1 more wait out of sight: for their first retry")


def test_what_waits_out_of_sight_is_not_known_rather_than_nothing(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", newsletter("dedupe_seconds = 0"))
    twin = relay.twin("pulse", "pulse-us")
    relay.secret("pulse-us", {**twin.connection(), "api_token": "not-this-one"})
    relay.post("newsletter", {"email": "ada@example.com"})

    said = operator.run("status")

    assert "  not known  " in said.lines[-2]
    assert said.lines[-1].startswith("about 1 wait, all of them out of sight: ")


def test_dead_letters_that_somebody_else_reads_are_not_taken_for_none(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", newsletter("dedupe_seconds = 0"))
    relay.twin("pulse", "pulse-us").fail("status", status=422, method="POST", count=None)
    for name in ("ada", "bob"):
        relay.post("newsletter", {"email": f"{name}@example.com"})
    relay.sqs.receive_message(QueueUrl=relay.dead_letters, VisibilityTimeout=300)

    assert operator.run("status").lines[-1].endswith("  at least 1")

    relay.sqs.receive_message(QueueUrl=relay.dead_letters, VisibilityTimeout=300)

    assert operator.run("status").lines[-1].endswith("  not known")


def test_dead_letters_are_counted_by_destination_with_the_oldest(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", newsletter("dedupe_seconds = 0"))
    relay.twin("pulse", "pulse-us").fail("status", status=422, method="POST")
    relay.post("newsletter", {"email": "ada@example.com"})

    said = operator.run("status", "--json")

    assert said.json["queues"]["dead_letters"]["visible"] == 1
    assert said.json["oldest_dead_letter"].endswith("Z")
    assert [row["dead_letters"] for row in said.json["destinations"]] == [1]


def test_a_hold_is_told_with_its_beginning(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", newsletter())
    twin = relay.twin("pulse", "pulse-us")
    relay.secret("pulse-us", {**twin.connection(), "api_token": "not-this-one"})
    assert relay.post("newsletter", {"email": "ada@example.com"}).status == 202

    said = operator.run("holds", "--json")
    people = operator.run("holds")
    status = operator.run("status", "--json")

    [hold] = said.json["holds"]
    assert hold["destination"] == "pulse-us"
    assert hold["held_since"] < hold["next_try"]
    assert people.lines[-1] == "1 destination held"
    assert status.json["destinations"][0]["held_since"] == hold["held_since"]


def test_a_hold_that_nothing_waits_for_says_how_it_ends(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", newsletter())
    twin = relay.twin("pulse", "pulse-us")
    relay.secret("pulse-us", {**twin.connection(), "api_token": "not-this-one"})
    relay.post("newsletter", {"email": "ada@example.com"})
    waiting = operator.run("holds")

    # When what waited is gone
    relay.sqs.purge_queue(QueueUrl=relay.retry_queue)
    said = operator.run("holds")

    told = "pulse-us: nothing waits for it now: it ends with the next sign-up; "
    assert waiting.lines[-1] == "1 destination held"
    assert said.lines[-1] == f"{told}relay check --live pulse-us tells whether the key works"


def test_a_missing_variable_is_named_with_the_page_that_says_where_to_take_it_from(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LEDGER_TABLE")

    said = operator.run("status")

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("relay: environment variable LEDGER_TABLE: ")
    [(page, section)] = re.findall(r"(docs/\S+\.md)#([\w-]+)", said.err)
    assert f"## {section.replace('-', ' ')}\n" in (ROOT / page).read_text(encoding="utf-8").lower()


def test_what_aws_refuses_is_told_by_its_code(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/no-such-queue")
    monkeypatch.setenv("LEDGER_TABLE", "no-such-table")

    queue, table = operator.run("dead-letters", "list"), operator.run("quarantine", "list")

    assert (queue.code, table.code) == (2, 2)
    assert queue.err.startswith("relay: AWS answered ")
    assert table.err == "relay: DynamoDB answered ResourceNotFoundException\n"


def test_a_terminal_without_a_region_is_told(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    said = operator.run("status")

    assert said.code == 2
    assert "relay: AWS cannot be reached (NoRegionError); are region and credentials set?" in said.err


def test_an_interrupted_command_ends_as_shells_expect(relay: Relay) -> None:
    def interrupted() -> Deployment:
        raise KeyboardInterrupt

    assert main(["status"], interrupted) == 130
