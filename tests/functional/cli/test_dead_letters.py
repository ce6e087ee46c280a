from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from local.twins.server import Twin
from tests.support.operator import Operator
from tests.support.personal_data import is_named
from tests.support.relay import Relay

FORM = """
title = "{id}"
allowed_origins = ["https://www.example.com"]
dedupe_seconds = 0
[fields.email]
type = "email"
[fields.first_name]
type = "text"
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = {{ source = 7 }}
"""


@pytest.fixture
def pulse(relay: Relay) -> Twin:
    for form_id in ("newsletter", "event"):
        relay.form(form_id, FORM.format(id=form_id))
    return relay.twin("pulse", "pulse-us")


def bury(relay: Relay, pulse: Twin, name: str, form: str = "newsletter", status: int = 422) -> str:
    """Let a sign-up be refused by the vendor; returns its submission id."""
    pulse.fail("status", status=status, method="POST|PUT")
    answer = relay.post(form, {"email": f"{name.lower()}@example.com", "first_name": name})
    assert (answer.status, answer.json["status"]) == (202, "accepted")
    return str(answer.json["submissionId"])


def _failed_attempts(person: dict[str, Any]) -> list[int]:
    return [attempts["count"] for attempts in person["failed_attempts"].values()]


def test_dead_letters_are_listed_without_personal_data(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = bury(relay, pulse, "Ada")

    said = operator.run("dead-letters", "list")

    assert said.code == 0
    assert said.lines[0].split()[:4] == ["submission_id", "form", "destination", "reason"]
    assert said.lines[1].split()[:4] == [submission_id, "newsletter", "pulse-us", "refused"]
    assert said.lines[-1] == "1 dead letter"
    assert not is_named("ada", said.out)


def test_listing_leaves_every_letter_in_the_queue(relay: Relay, operator: Operator, pulse: Twin) -> None:
    buried = {bury(relay, pulse, f"Ada{number}") for number in range(23)}

    first, second = (operator.run("dead-letters", "list", "--json").json for _ in range(2))

    assert {row["submission_id"] for row in first["dead_letters"]} == buried
    assert [row["submission_id"] for row in first["dead_letters"]] == [
        row["submission_id"] for row in second["dead_letters"]
    ]
    assert second["hidden"] == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--form", "event"], {"event"}),
        (["--destination", "pulse-us"], {"event", "newsletter"}),
        (["--destination", "elsewhere"], set()),
        (["--reason", "misconfigured"], {"event"}),
        (["--form", "newsletter", "--reason", "misconfigured"], set()),
    ],
)
def test_filters_narrow_the_list(
    relay: Relay, operator: Operator, pulse: Twin, words: list[str], expected: set[str]
) -> None:
    bury(relay, pulse, "Ada")
    bury(relay, pulse, "Bob", form="event", status=415)

    said = operator.run("dead-letters", "list", "--json", *words)

    assert {row["form"] for row in said.json["dead_letters"]} == expected


def test_a_filter_by_what_does_not_exist_is_no_all_clear(relay: Relay, operator: Operator, pulse: Twin) -> None:
    bury(relay, pulse, "Ada")
    filters = {
        ("--destination", "pulse-uk"): 'there is no destination pulse-uk among pulse-us; did you mean "pulse-us"?',
        ("--form", "elsewhere"): "there is no form elsewhere among event, newsletter",
        ("--reason", "refusd"): "no dead letter has the reason refusd; they have refused",
    }

    for command, (words, told) in product(("list", "replay", "drop"), filters.items()):
        said = operator.run("dead-letters", command, *words)

        assert (said.code, said.err) == (0, f"{told}\n"), command


def test_a_destination_that_only_a_dead_letter_remembers_is_a_filter_without_a_warning(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    bury(relay, pulse, "Ada")
    for form_id in ("newsletter", "event"):
        relay.form(form_id, FORM.format(id=form_id).replace("pulse-us", "pulse-uk"))

    said = operator.run("dead-letters", "list", "--destination", "pulse-us")

    assert (said.lines[-1], said.err) == ("1 dead letter", "")


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("list", "0 dead letters"),
        ("replay", "0 dead letters replayed"),
        ("replay --dry-run", "0 dead letters would be replayed"),
        ("drop --yes", "0 dead letters dropped"),
    ],
)
def test_a_letter_that_another_receiver_holds_is_counted_as_hidden(
    relay: Relay, operator: Operator, pulse: Twin, words: str, number: str
) -> None:
    bury(relay, pulse, "Ada")
    relay.sqs.receive_message(QueueUrl=relay.dead_letters, VisibilityTimeout=60)

    said = operator.run("dead-letters", *words.split())

    assert said.lines == [number]
    assert "about 1 more message could not be read" in said.err


def test_one_letter_is_shown_in_full_by_its_submission_or_message_id(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    submission_id = bury(relay, pulse, "Ada")
    bury(relay, pulse, "Bob")

    shown = operator.run("dead-letters", "show", submission_id)
    again = operator.run("dead-letters", "show", shown.json["message_id"])

    assert shown.code == 0
    assert shown.json["body"]["submission"]["contact"] == {"email": "ada@example.com", "first_name": "Ada"}
    assert again.json == shown.json


def test_the_list_says_the_cause_and_only_the_letter_itself_the_vendors_answer(
    relay: Relay, operator: Operator
) -> None:
    texts = {
        "reason": "misconfigured",
        "cause": "location_id is unknown",
        "answer": '{"error": "Ada has no location"}',
    }
    attributes: Any = {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}
    sent = relay.sqs.send_message(QueueUrl=relay.dead_letters, MessageBody="{}", MessageAttributes=attributes)

    shown = operator.run("dead-letters", "show", sent["MessageId"])
    listed = operator.run("dead-letters", "list", "--json")

    assert {name: shown.json[name] for name in texts} == texts
    assert [row["cause"] for row in listed.json["dead_letters"]] == ["location_id is unknown"]
    assert "Ada" not in listed.out


@pytest.mark.parametrize("words", [["list", "--submission"], ["replay", "--submission"], ["drop", "--submission"]])
def test_the_beginning_of_an_id_is_no_all_clear(
    relay: Relay, operator: Operator, pulse: Twin, words: list[str]
) -> None:
    beginning = bury(relay, pulse, "Ada")[:8]

    said = operator.run("dead-letters", *words, beginning)

    assert (said.code, said.out) == (2, "")
    assert said.err == f"relay: {beginning}: give the whole id, 32 digits; relay trace {beginning} tells it\n"


def test_a_letter_is_shown_by_the_beginning_of_either_id(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = bury(relay, pulse, "Ada")
    [row] = operator.run("dead-letters", "list", "--json").json["dead_letters"]

    for beginning in (submission_id[:8], row["message_id"][:13]):
        assert operator.run("dead-letters", "show", beginning).json["submission_id"] == submission_id


def test_a_beginning_that_several_letters_share_shows_none(relay: Relay, operator: Operator, pulse: Twin) -> None:
    body = json.dumps({"not": "ours"})
    for end in ("1", "2"):
        attributes: Any = {"submission_id": {"StringValue": f"abcd{end}", "DataType": "String"}}
        relay.sqs.send_message(QueueUrl=relay.dead_letters, MessageBody=body, MessageAttributes=attributes)

    said = operator.run("dead-letters", "show", "abcd")

    told = "relay: abcd: 2 ids begin so; relay dead-letters list shows them\n"
    assert (said.code, said.out, said.err) == (2, "", told)


def test_a_letter_that_is_not_there_cannot_be_shown(relay: Relay, operator: Operator, pulse: Twin) -> None:
    said = operator.run("dead-letters", "show", "nothing")

    assert (said.code, said.out, said.err) == (1, "", "no dead letter has the id nothing\n")


def test_a_refused_sign_up_is_replayed_after_the_fix_and_delivered_exactly_once(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    bury(relay, pulse, "Ada")
    assert not pulse.contacts()

    said = operator.run("dead-letters", "replay", "--reason", "refused")
    stay = relay.retry_waiting()

    assert (said.code, said.lines[-1]) == (0, "1 dead letter replayed")
    assert stay == []
    assert len(pulse.contacts()) == 1
    assert (relay.queued(), relay.buried()) == ([], [])


def test_a_replay_starts_a_new_age_and_keeps_the_first_failure(relay: Relay, operator: Operator, pulse: Twin) -> None:
    bury(relay, pulse, "Ada")
    [old] = relay.buried()
    old = {**old, "first_failed_at": 1_000_000, "queued_at": 1_000_000}
    letter = relay.sqs.receive_message(QueueUrl=relay.dead_letters)["Messages"][0]
    relay.sqs.delete_message(QueueUrl=relay.dead_letters, ReceiptHandle=letter["ReceiptHandle"])
    relay.sqs.send_message(QueueUrl=relay.dead_letters, MessageBody=json.dumps(old))

    operator.run("dead-letters", "replay")

    [message] = relay.queued()
    assert message["first_failed_at"] == 1_000_000
    assert message["queued_at"] > old["submission"]["received_at"]


def test_a_replay_of_an_exhausted_retry_counts_its_attempts_from_nothing(
    relay: Relay, operator: Operator, pulse: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETRY_MAX_AGE_SECONDS", "0.001")
    pulse.fail("status", status=503, count=None)
    relay.post("newsletter", {"email": "ada@example.com"})
    relay.retry_waiting()
    assert [_failed_attempts(item) for item in relay.items("person#")] == [[2]]

    listed = operator.run("dead-letters", "list", "--json", "--reason", "exhausted-unavailable")
    operator.run("dead-letters", "replay")

    assert [row["attempts"] for row in listed.json["dead_letters"]] == [2]
    assert [_failed_attempts(item) for item in relay.items("person#")] == [[]]


def test_a_replay_that_crashed_before_the_delete_delivers_once(relay: Relay, operator: Operator, pulse: Twin) -> None:
    bury(relay, pulse, "Ada")
    relay.sqs.send_message(QueueUrl=relay.dead_letters, MessageBody=json.dumps(relay.buried()[0]))

    for _ in range(2):
        said = operator.run("dead-letters", "replay", "--limit", "1")
        assert said.lines[-1] == "1 dead letter replayed"
        assert relay.retry_waiting() == []

    assert len(pulse.writes()) == 1
    assert (relay.queued(), relay.buried()) == ([], [])


def test_a_replay_after_newer_data_is_superseded_and_overwrites_nothing(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    pulse.fail("status", status=422, method="POST|PUT")
    relay.post("newsletter", {"email": "ada@example.com", "first_name": "Old"})
    relay.post("newsletter", {"email": "ada@example.com", "first_name": "New"})
    before = pulse.contacts()

    operator.run("dead-letters", "replay")
    stay = relay.retry_waiting()

    assert "New" in json.dumps(before)
    assert stay == []
    assert pulse.contacts() == before
    assert len(pulse.writes()) == 1
    assert (relay.queued(), relay.buried()) == ([], [])


def test_a_replay_can_wait_until_it_is_known_that_it_was_delivered(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    submission_id = bury(relay, pulse, "Ada")

    said = operator.run("dead-letters", "replay", "--wait", while_waiting=relay.retry_waiting)

    assert said.code == 0
    assert said.lines[1] == f"delivered: {submission_id} to pulse-us (newsletter)"
    assert said.lines[2] == "1 dead letter replayed: 1 delivered"
    assert len(pulse.contacts()) == 1


def test_a_replay_that_is_refused_again_is_told_with_its_cause(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = bury(relay, pulse, "Ada")
    pulse.fail("status", status=422, method="POST|PUT")

    said = operator.run("dead-letters", "replay", "--wait", while_waiting=relay.retry_waiting)

    assert said.code == 1
    assert said.err.startswith("dead-letter (pulse: ")
    assert said.lines[-1] == "1 dead letter replayed: 0 delivered, 1 dead-letter again"
    assert submission_id in said.err
    assert not is_named("ada", said.err)


def test_a_replay_that_newer_data_has_overtaken_is_told(relay: Relay, operator: Operator, pulse: Twin) -> None:
    pulse.fail("status", status=422, method="POST|PUT")
    relay.post("newsletter", {"email": "ada@example.com", "first_name": "Old"})
    relay.post("newsletter", {"email": "ada@example.com", "first_name": "New"})

    said = operator.run("dead-letters", "replay", "--wait", "--json", while_waiting=relay.retry_waiting)

    assert [row["outcome"] for row in said.json["replayed"]] == ["superseded"]


def test_a_dry_run_moves_nothing(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = bury(relay, pulse, "Ada")

    said = operator.run("dead-letters", "replay", "--dry-run")

    assert said.lines == [
        f"would replay {submission_id} to pulse-us (newsletter, refused)",
        "1 dead letter would be replayed",
    ]
    assert (len(relay.queued()), len(relay.buried())) == (0, 1)


def test_a_limit_replays_the_oldest_first(relay: Relay, operator: Operator, pulse: Twin) -> None:
    ids = [bury(relay, pulse, f"Ada{number}") for number in range(3)]

    operator.run("dead-letters", "replay", "--limit", "2", "--rate", "5/s")

    assert [message["submission"]["id"] for message in relay.queued()] == ids[:2]
    assert [message["submission"]["id"] for message in relay.buried()] == ids[2:]


def test_an_unreadable_letter_is_named_and_not_replayed(relay: Relay, operator: Operator, pulse: Twin) -> None:
    message_id = relay.sqs.send_message(QueueUrl=relay.dead_letters, MessageBody="no JSON")["MessageId"]
    bury(relay, pulse, "Ada")

    said = operator.run("dead-letters", "replay")
    listed = operator.run("dead-letters", "list", "--json")

    assert said.code == 1
    assert said.err == f"cannot be replayed, its body is not a message: {message_id}\n"
    assert len(relay.queued()) == 1
    assert [row["reason"] for row in listed.json["dead_letters"]] == ["received-too-often"]
    assert operator.run("dead-letters", "show", message_id).json["body"] == "no JSON"


@pytest.mark.parametrize("words", [["--rate", "fast"], ["--rate", "0"], ["--limit", "0"], ["--limit", "some"]])
def test_a_senseless_rate_or_limit_is_a_mistake(operator: Operator, words: list[str]) -> None:
    assert operator.run("dead-letters", "replay", *words).code == 2


def test_letters_are_dropped_only_with_yes_and_a_preview_is_no_failure(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    bury(relay, pulse, "Ada")
    kept = bury(relay, pulse, "Bob", form="event")

    asked = operator.run("dead-letters", "drop", "--form", "newsletter")
    after_asking = len(relay.buried())
    done = operator.run("dead-letters", "drop", "--form", "newsletter", "--yes")

    assert (asked.code, asked.lines[-1]) == (0, "1 dead letter would be dropped")
    assert asked.err == "preview only: repeat with --yes to drop\n"
    assert after_asking == 2
    assert (done.code, done.lines[-1]) == (0, "1 dead letter dropped")
    assert [message["submission"]["id"] for message in relay.buried()] == [kept]
