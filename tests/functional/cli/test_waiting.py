"""What `relay waiting` lists, and that it hurries a delivery."""

from __future__ import annotations

import re
from typing import Any

import pytest

from local.twins.server import Twin
from tests.functional.submit.form_texts import newsletter
from tests.support.operator import TIME, Operator
from tests.support.personal_data import is_named
from tests.support.relay import Relay

YESPO = """
[[destinations]]
name = "yespo"
vendor = "esputnik"
action = "upsert"
"""


@pytest.fixture
def pulse(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> Twin:
    monkeypatch.setenv("CIRCUIT_FAILURE_THRESHOLD", "100")  # these tests are about single deliveries
    relay.form("newsletter", newsletter("dedupe_seconds = 0"))
    return relay.twin("pulse", "pulse-us")


def fail_twice(relay: Relay, pulse: Twin, name: str = "ada") -> str:
    """Let a sign-up and its first retry fail; returns the submission id."""
    pulse.fail("status", status=503, count=2)
    submission_id = str(relay.post("newsletter", {"email": f"{name}@example.com"}).json["submissionId"])
    fail_a_retry(relay)
    return submission_id


def fail_a_retry(relay: Relay) -> None:
    """Let the retry function try what is queued, as soon as it is due; it stays."""
    tries = iter(range(10))
    while not relay.retry_waiting():
        next(tries)


def test_nothing_waits(relay: Relay, operator: Operator, pulse: Twin) -> None:
    assert operator.run("waiting", "list").lines == ["0 deliveries waiting"]


def test_what_failed_is_listed_by_destination_and_reason(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = fail_twice(relay, pulse)

    said = operator.run("waiting", "list")
    each = operator.run("waiting", "list", "--each")
    record = operator.run("waiting", "list", "--json").json

    assert said.lines[1].split()[:3] == ["pulse-us", "unavailable", "1"]
    assert said.lines[-1] == "1 delivery waiting"
    assert each.lines[1].split()[:5] == [submission_id, "newsletter", "pulse-us", "unavailable", "2"]
    assert (record["unlisted"], record["closed"]) == (0, [])
    assert not is_named("ada", said.out + each.out)


def test_what_is_due_and_was_not_tried_is_listed_too(relay: Relay, operator: Operator, pulse: Twin) -> None:
    pulse.fail("status", status=503)
    relay.post("newsletter", {"email": "ada@example.com"})

    said = operator.run("waiting", "list", "--json").json

    assert [total["deliveries"] for total in said["totals"]] + [said["unlisted"]] in ([1, 0], [1])


def test_what_waits_for_a_closed_destination_is_counted_and_the_destination_named(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    relay.secret("pulse-us", {**pulse.connection(), "api_token": "not-this-one"})
    for name in ("ada", "bob"):
        relay.post("newsletter", {"email": f"{name}@example.com"})
    relay.hide_queued()

    said = operator.run("waiting", "list")

    assert any(line.startswith("about 2 wait, all of them out of sight: for their first retry") for line in said.lines)
    assert said.lines[-1] == "pulse-us takes nothing now: credentials refused"


def let_its_time_pass(relay: Relay, submission_id: str) -> None:
    """Let the next try of a delivery to Pulse have been due long ago, as its note says."""
    relay.dynamodb.update_item(
        TableName=relay.table,
        Key={"id": {"S": f"retry#{submission_id}#pulse-us"}},
        UpdateExpression="SET again_at = :past",
        ExpressionAttributeValues={":past": {"N": "1700000000000"}},
    )


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ({"status": 401}, r"held: credentials refused"),
        ({"status": 429, "retry_after": 3600}, rf"paused until {TIME}"),
        ({"status": 503, "count": None}, rf"circuit open, tried by {TIME}"),
        ({"status": 503, "count": 0}, rf"by {TIME}"),
    ],
    ids=["held", "paused", "circuit open", "looked at since"],
)
def test_what_a_delivery_waits_for_is_told_instead_of_a_time_that_is_over(
    relay: Relay,
    operator: Operator,
    pulse: Twin,
    monkeypatch: pytest.MonkeyPatch,
    trouble: dict[str, Any],
    told: str,
) -> None:
    # Given a delivery that waits for its next try, and other people's trouble with the vendor meanwhile
    submission_id = fail_twice(relay, pulse)
    monkeypatch.setenv("CIRCUIT_FAILURE_THRESHOLD", "2")
    if trouble.get("count") != 0:
        pulse.fail("status", **trouble)
        for name in ("bob", "eve"):
            relay.post("newsletter", {"email": f"{name}@example.com"})

    # When the time of its next try is over
    let_its_time_pass(relay, submission_id)

    # Then every command tells what it really waits for
    deliveries = operator.run("waiting", "list", "--json").json["deliveries"]
    [listed] = [row for row in deliveries if row["submission_id"] == submission_id]
    [traced] = operator.run("trace", submission_id, "--json").json["destinations"]
    assert re.fullmatch(told, listed["next_try"])
    assert re.fullmatch(told, traced["next_try"])


def test_a_pause_that_is_longer_than_the_wait_is_told_though_the_time_of_the_next_try_is_still_to_come(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    submission_id = fail_twice(relay, pulse)
    pulse.fail("status", status=429, retry_after=36_000)
    relay.post("newsletter", {"email": "bob@example.com"})

    listed = operator.run("waiting", "list", "--each")
    [traced] = operator.run("trace", submission_id, "--json").json["destinations"]

    assert re.fullmatch(rf"paused until {TIME}", traced["next_try"])
    assert listed.lines[-1] == f"pulse-us takes nothing now: {traced['next_try']}, as the vendor asked"


def test_a_hurried_delivery_is_tried_at_once(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = fail_twice(relay, pulse)

    said = operator.run("waiting", "hurry", submission_id)

    assert (said.code, said.lines) == (0, [f"hurried {submission_id} to pulse-us", "1 delivery hurried"])
    assert relay.retry_waiting() == []
    assert len(pulse.contacts()) == 1
    assert operator.run("waiting", "list").lines == ["0 deliveries waiting"]


def test_a_delivery_is_hurried_by_the_beginning_of_its_id(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = fail_twice(relay, pulse)

    said = operator.run("waiting", "hurry", submission_id[:8].upper())

    assert (said.code, said.lines[0]) == (0, f"hurried {submission_id} to pulse-us")


def test_a_sign_up_of_which_no_record_is_kept_is_not_said_to_wait_nowhere(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    submission_id = str(relay.post("newsletter", {"email": "ada@example.com"}).json["submissionId"])

    said = operator.run("waiting", "hurry", submission_id)

    assert (said.code, said.err) == (1, f"{submission_id}: none of its deliveries is known to wait\n")


def test_all_of_a_destination_are_hurried(relay: Relay, operator: Operator, pulse: Twin) -> None:
    pulse.fail("status", status=503, count=None)
    answers = [relay.post("newsletter", {"email": f"{name}@example.com"}) for name in ("ada", "bob")]
    while len(relay.items("retry#")) < len(answers):
        fail_a_retry(relay)

    elsewhere = operator.run("waiting", "hurry", "--destination", "elsewhere", "--json")
    said = operator.run("waiting", "hurry", "--destination", "pulse-us", "--json")

    assert elsewhere.code == 1
    assert [each["reason"] for each in elsewhere.json["refused"]] == ["there is no such destination"]
    assert elsewhere.err == "there is no destination elsewhere among pulse-us\n"
    assert {each["submission_id"] for each in said.json["hurried"]} == {each.json["submissionId"] for each in answers}


def test_what_does_not_wait_cannot_be_hurried(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = fail_twice(relay, pulse)
    relay.sqs.purge_queue(QueueUrl=relay.retry_queue)

    gone = operator.run("waiting", "hurry", submission_id)
    unknown = operator.run("waiting", "hurry", "no-such-id")

    assert (gone.code, unknown.code) == (1, 1)
    assert f"{submission_id} to pulse-us: cannot be hurried: the retry function has looked at it" in gone.err
    assert unknown.err == "no-such-id: nothing is known of such a sign-up\n"
    assert unknown.lines == ["0 deliveries hurried"]
    assert operator.run("waiting", "hurry").code == 2


def test_a_first_wait_cannot_be_hurried_and_its_end_is_told(relay: Relay, operator: Operator, pulse: Twin) -> None:
    pulse.fail("status", status=503)
    submission_id = str(relay.post("newsletter", {"email": "ada@example.com"}).json["submissionId"])
    relay.hide_queued()

    said = operator.run("waiting", "hurry", submission_id)
    beginning = operator.run("waiting", "hurry", submission_id[:8])  # as other lists show it

    assert (said.code, said.lines) == (1, ["0 deliveries hurried"])
    first_wait = "waits for its first retry, which cannot be hurried; tried again by itself, by 2"
    assert said.err.startswith(f"{submission_id} to pulse-us: {first_wait}")
    assert beginning.err.startswith(f"{submission_id} to pulse-us: {first_wait}")


def test_what_an_open_circuit_keeps_waiting_is_told_with_its_destination(
    relay: Relay, operator: Operator, pulse: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIRCUIT_FAILURE_THRESHOLD", "2")
    submission_id = fail_twice(relay, pulse)
    pulse.fail("status", status=503, count=None)
    for name in ("bob", "eve"):  # one person's failures count once
        relay.post("newsletter", {"email": f"{name}@example.com"})

    hurried = operator.run("waiting", "hurry", submission_id)
    relay.sqs.purge_queue(QueueUrl=relay.retry_queue)
    refused = operator.run("waiting", "hurry", submission_id)

    because = "pulse-us takes nothing now (circuit open); soon after the vendor answers again, tried again"
    assert hurried.lines[0].startswith(f"hurried {submission_id} to pulse-us, but {because}")
    assert refused.err.startswith(f"{submission_id} to pulse-us: cannot be hurried: {because}")


def test_nothing_hurried_for_a_held_destination_is_a_failure_that_says_why(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    nothing = operator.run("waiting", "hurry", "--destination", "pulse-us")
    relay.secret("pulse-us", {**pulse.connection(), "api_token": "not-this-one"})
    relay.post("newsletter", {"email": "ada@example.com"})
    relay.hide_queued()

    said = operator.run("waiting", "hurry", "--destination", "pulse-us")
    record = operator.run("waiting", "hurry", "--destination", "pulse-us", "--json")

    because = "pulse-us takes nothing now (credentials refused); tried again by itself, by 2"
    assert (nothing.code, nothing.lines) == (0, ["0 deliveries hurried"])
    assert (said.code, said.err) == (1, "")
    assert said.out.startswith(f"0 deliveries hurried: {because}")
    assert [each["reason"][: len(because)] for each in record.json["refused"]] == [because]


def test_the_deliveries_of_a_sign_up_that_cannot_be_hurried_are_told_beside_the_one_that_can(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    # Given one that waits for its second retry, and one behind held credentials
    relay.form("newsletter", newsletter("dedupe_seconds = 0") + YESPO)
    yespo = relay.twin("esputnik", "yespo")
    relay.secret("yespo", {**yespo.connection(), "api_key": "not-this-one"})
    submission_id = fail_twice(relay, pulse)

    said = operator.run("waiting", "hurry", submission_id)
    alone = operator.run("waiting", "hurry", submission_id, "--destination", "pulse-us")

    assert (said.code, said.lines) == (1, [f"hurried {submission_id} to pulse-us", "1 delivery hurried"])
    assert said.err.startswith(f"{submission_id} to yespo: yespo takes nothing now (credentials refused); tried again")
    assert "yespo" not in alone.err


def test_a_destination_that_was_renamed_is_told_with_what_becomes_of_its_deliveries(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    submission_id = fail_twice(relay, pulse)
    relay.hide_queued()
    relay.form("another", newsletter())  # which has it still
    relay.form("newsletter", newsletter("dedupe_seconds = 0").replace('"pulse-us"', '"pulse-usa"'))

    listed = operator.run("waiting", "list")
    traced = operator.run("trace", submission_id, "--json").json

    told = "its form has no such destination now: a dead letter once it is an hour old"
    assert listed.lines[-1] == f"pulse-us of newsletter: {told}"
    (waiting,) = [row for row in traced["destinations"] if row["destination"] == "pulse-us"]
    assert waiting["reason"] == f"unavailable; {told}"


@pytest.mark.parametrize("words", [["--destination", "pulse-su"], ["--form", "newsleter"]])
def test_a_list_by_a_name_that_does_not_exist_says_so(
    relay: Relay, operator: Operator, pulse: Twin, words: list[str]
) -> None:
    said = operator.run("waiting", "list", *words)

    assert (said.code, said.lines) == (0, ["0 deliveries waiting"])
    assert said.err.startswith(f"there is no {words[0][2:]} {words[1]} among ")
    assert "did you mean" in said.err


def test_what_is_noted_of_an_erased_person_is_erased_too(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = fail_twice(relay, pulse)

    operator.run("erase", "--email", "ada@example.com", "--yes")

    assert relay.items("retry#") == []
    assert operator.run("waiting", "hurry", submission_id).code == 1
