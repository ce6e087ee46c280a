"""What `relay trace` says of one sign-up, wherever it stands."""

from __future__ import annotations

import re
from typing import Any

import pytest

from local.twins.server import Twin
from tests.functional.cli.test_waiting import fail_a_retry
from tests.functional.submit.form_texts import CHAT
from tests.support.operator import TIME, Operator
from tests.support.personal_data import is_named
from tests.support.relay import Relay

FORM = """
title = "Newsletter"
allowed_origins = ["https://www.example.com"]
dedupe_seconds = 0
[fields.email]
type = "email"
required = true
[fields.first_name]
type = "text"
[fields.vip]
type = "boolean"
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
[spam]
honeypot = "website"
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
[[destinations]]
name = "yespo"
vendor = "esputnik"
action = "upsert"
when = { vip = true }
"""
LATER = """
[[destinations]]
name = "later"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
"""
ADA = {"email": "ada@example.com", "first_name": "Ada"}


@pytest.fixture
def pulse(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> Twin:
    monkeypatch.setenv("CIRCUIT_FAILURE_THRESHOLD", "100")  # these tests are about single deliveries
    relay.form("newsletter", FORM)
    relay.twin("esputnik", "yespo")
    return relay.twin("pulse", "pulse-us")


def sign_up(relay: Relay, **more: Any) -> str:
    return str(relay.post("newsletter", {**ADA, **more}).json["submissionId"])


def states(operator: Operator, submission_id: str) -> dict[str, str]:
    said = operator.run("trace", submission_id, "--json")
    assert not is_named("ada", said.out)
    return {each["destination"]: each["state"] for each in said.json["destinations"]}


def of_pulse(operator: Operator, submission_id: str) -> dict[str, Any]:
    destinations = operator.run("trace", submission_id, "--json").json["destinations"]
    return next(each for each in destinations if each["destination"] == "pulse-us")


def test_a_delivered_sign_up(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = sign_up(relay, news=True, vip=True)

    said = operator.run("trace", submission_id)

    assert said.code == 0
    assert said.lines[0] == f"sign-up {submission_id}"
    assert said.lines[1] == "form: newsletter"
    assert said.lines[3] == "consent receipt: kept"
    assert states(operator, submission_id) == {"pulse-us": "delivered", "yespo": "delivered"}


def test_the_beginning_of_an_id_is_answered_with_the_whole_one(relay: Relay, operator: Operator, pulse: Twin) -> None:
    # As the timeline shows it.
    submission_id = sign_up(relay, news=True, vip=True)

    said = operator.run("trace", f" {submission_id[:8]}", "--json")

    assert said.json == operator.run("trace", submission_id, "--json").json
    assert said.json["submission_id"] == submission_id


@pytest.mark.parametrize("status", [None, 503, 422], ids=["delivered", "waiting", "dead-letter"])
def test_another_part_of_an_id_is_nobodys_while_its_sign_up_is_known(
    relay: Relay, operator: Operator, pulse: Twin, status: int | None
) -> None:
    if status:
        pulse.fail("status", status=status, method="POST")
    submission_id = sign_up(relay, news=True)

    for part in (submission_id[1:], submission_id[8:24], submission_id[-12:]):
        said = operator.run("trace", part)

        assert (said.code, said.out) == (1, "")
        assert said.err == f"nothing is known of {part}: it was never accepted, or is forgotten by now\n"


def test_a_beginning_that_several_ids_share_is_answered_with_them(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    pulse.fail("status", status=503)
    ids = {sign_up(relay, email=f"ada{number}@example.com") for number in range(17)}
    shared = next(each for each in "0123456789abcdef" if sum(one.startswith(each) for one in ids) > 1)

    said = operator.run("trace", shared)

    assert (said.code, said.out) == (1, "")
    assert set(said.err.split()[-2:]) <= {each for each in ids if each.startswith(shared)}


@pytest.mark.parametrize("nothing", ["", " "])
def test_no_id_is_a_mistake(operator: Operator, nothing: str) -> None:
    said = operator.run("trace", nothing)

    assert (said.code, said.out) == (2, "")
    assert said.err == "relay: name the sign-up: its submission id, or how that begins\n"


def test_one_that_nobody_knows(relay: Relay, operator: Operator, pulse: Twin) -> None:
    said = operator.run("trace", "no-such-id")

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("nothing is known of no-such-id")


def test_a_dead_letter_with_its_cause_and_what_the_others_skipped(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    pulse.fail("status", status=422, method="POST")
    submission_id = sign_up(relay)

    letter = of_pulse(operator, submission_id)

    assert (letter["state"], letter["reason"], letter["failed_attempts"]) == ("dead-letter", "refused", 1)
    assert "status 422" in letter["last_error"]
    assert states(operator, submission_id)["yespo"] == "skipped"


def test_a_retry_that_failed_again_waits_with_its_attempts_and_its_last_error(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    pulse.fail("status", status=503, count=2)
    submission_id = sign_up(relay)
    fail_a_retry(relay)

    waiting = of_pulse(operator, submission_id)

    assert (waiting["state"], waiting["reason"], waiting["failed_attempts"]) == ("waiting", "unavailable", 2)
    assert "status 503" in waiting["last_error"]
    assert waiting["next_try"] > waiting["at"]


def test_a_retry_that_succeeded_in_the_end_keeps_its_attempts(relay: Relay, operator: Operator, pulse: Twin) -> None:
    pulse.fail("status", status=503, count=2)
    submission_id = sign_up(relay)
    fail_a_retry(relay)
    operator.run("waiting", "hurry", submission_id)
    assert relay.retry_waiting() == []

    delivered = of_pulse(operator, submission_id)

    assert (delivered["state"], delivered["failed_attempts"]) == ("delivered", 2)
    assert (delivered["last_error"], "status 503" in delivered["error_before"]) == (None, True)
    assert re.fullmatch(TIME, delivered["at"])


def test_what_was_delivered_at_once_tells_the_latest_time_and_where_the_exact_one_is(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    submission_id = sign_up(relay)

    said = operator.run("trace", submission_id)

    delivered = of_pulse(operator, submission_id)
    assert re.fullmatch(TIME, delivered["at_latest"])
    assert (delivered["at"], delivered["reason"]) == (None, None)
    assert f"delivered  -                by {delivered['at_latest']}" in said.out
    assert "at_latest" not in said.out
    assert said.err.endswith("docs/operations.md#what-became-of-a-sign-up\n")


def test_what_was_delivered_while_its_visitor_waited_tells_the_time(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    # Given a form that keeps its answers, to tell a repeat
    relay.form("newsletter", FORM.replace("dedupe_seconds = 0", ""))
    submission_id = sign_up(relay, news=True)

    delivered = of_pulse(operator, submission_id)

    assert re.fullmatch(TIME, delivered["at"])
    assert delivered["reason"] == "while the visitor waited"


def test_one_that_was_queued_behind_held_credentials(relay: Relay, operator: Operator, pulse: Twin) -> None:
    relay.secret("pulse-us", {**pulse.connection(), "api_token": "not-this-one"})
    submission_id = sign_up(relay, news=True)
    relay.retry_waiting()
    relay.hide_queued()

    waiting = of_pulse(operator, submission_id)

    assert waiting["state"] == "waiting"
    assert waiting["reason"].startswith("credentials refused")


def test_one_that_a_newer_sign_up_has_overtaken(relay: Relay, operator: Operator, pulse: Twin) -> None:
    pulse.fail("status", status=503)
    older = sign_up(relay, news=True)
    sign_up(relay, news=True)
    relay.retry_waiting()

    assert states(operator, older)["pulse-us"] == "superseded"


def test_suspected_spam(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = sign_up(relay, website="https://spam.example.com")

    said = operator.run("trace", submission_id, "--json")

    assert (said.json["quarantine"], said.json["destinations"]) == ("honeypot", [])


def test_a_released_sign_up_says_when_it_was_released_and_what_became_of_it(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    relay.form("newsletter", FORM.replace("dedupe_seconds = 0\n", ""))
    submission_id = sign_up(relay, website="https://spam.example.com")
    operator.run("quarantine", "release", submission_id)

    queued = operator.run("trace", submission_id)
    relay.form("newsletter", FORM + LATER)
    assert relay.retry_waiting() == []
    delivered = operator.run("trace", submission_id[:8], "--json").json

    assert "quarantine: none" in queued.lines
    assert "Ada" not in str(relay.items("released#"))
    assert f"released from quarantine: {delivered['released_at']}" in queued.lines
    assert (delivered["form"], delivered["quarantine"]) == ("newsletter", None)
    assert re.fullmatch(TIME, delivered["released_at"])
    told = {row["destination"]: (row["state"], row["reason"]) for row in delivered["destinations"]}
    # It waited for a person, not while its visitor did.
    assert told["pulse-us"] == ("delivered", None)
    assert told["yespo"] == ("skipped", "condition")
    assert told["later"] == ("not-sent", "the form got this destination later")


def test_a_released_sign_up_that_a_newer_one_has_overtaken_says_so(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    submission_id = sign_up(relay, website="https://spam.example.com")
    sign_up(relay)
    operator.run("quarantine", "release", submission_id)
    assert relay.retry_waiting() == []

    assert states(operator, submission_id)["pulse-us"] == "superseded"


def test_what_is_told_of_a_release_is_erased_with_its_person(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = sign_up(relay, website="https://spam.example.com")
    operator.run("quarantine", "release", submission_id)

    operator.run("erase", "--email", "ada@example.com", "--yes")

    assert relay.items("released#") == []


def test_a_destination_that_the_form_got_later_is_not_said_to_have_the_sign_up(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    # Given a sign-up that was delivered to all destinations that there were, and whose answer is still known
    form = FORM.replace("dedupe_seconds = 0\n", "")
    relay.form("newsletter", form)
    submission_id = sign_up(relay, news=True, vip=True)

    # When the form gets another one
    relay.form("newsletter", form + LATER)

    # Then nobody says that the sign-up is there
    assert states(operator, submission_id) == {"pulse-us": "delivered", "yespo": "delivered", "later": "not-sent"}


def test_a_destination_that_the_form_got_later_does_not_seem_to_wait_though_other_messages_are_out_of_sight(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    # Given a delivered sign-up, another one that waits out of sight, and a connection renamed since
    relay.form("newsletter", FORM.replace("dedupe_seconds = 0\n", ""))
    submission_id = sign_up(relay, vip=True)
    pulse.fail("status", status=503)
    sign_up(relay, email="bob@example.com")
    relay.hide_queued()
    relay.form("newsletter", FORM.replace('"pulse-us"', '"pulse-usa"'))

    rows = operator.run("trace", submission_id, "--json").json["destinations"]

    assert {row["destination"]: (row["state"], row["reason"]) for row in rows} == {
        "pulse-us": ("delivered", "while the visitor waited"),
        "pulse-usa": ("not-sent", "the form got this destination later"),
        "yespo": ("delivered", "while the visitor waited"),
    }


def test_a_destination_of_which_nothing_is_recorded_is_unknown_and_the_log_is_named(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    # Given a form that keeps no answers, and another sign-up that waits out of sight
    submission_id = sign_up(relay)
    pulse.fail("status", status=503)
    sign_up(relay, email="bob@example.com")
    relay.hide_queued()
    relay.form("newsletter", FORM + LATER)

    said = operator.run("trace", submission_id, "--json")

    told = {row["destination"]: (row["state"], row["reason"]) for row in said.json["destinations"]}
    waits = "still waiting, since 1 message of the retry queue cannot be looked at"
    rest = f"superseded, dropped, erased, {waits}, or not sent, since the form got this destination later"
    assert told["yespo"] == ("unknown", f"no record of it: delivered, skipped by its `when`, {rest}")
    assert told["later"] == ("unknown", f"no record of it: delivered, skipped, {rest}")
    log = "what became of the unknown is in the log: docs/operations.md#what-became-of-a-sign-up"
    assert log in operator.run("trace", submission_id).err


def test_a_destination_that_skipped_a_sign_up_says_so_and_why(relay: Relay, operator: Operator, pulse: Twin) -> None:
    # Given a visitor who wanted no news, so that there is not even a consent receipt, and gave no phone number
    form = FORM.replace("dedupe_seconds = 0\n", "").replace("vip = true", "news = true")
    relay.form("newsletter", form + CHAT)
    relay.twin("whautomate", "chat")
    answer = relay.post("newsletter", ADA)
    again = relay.post("newsletter", ADA)

    rows = operator.run("trace", answer.json["submissionId"], "--json").json["destinations"]

    assert {row["destination"]: (row["state"], row["reason"]) for row in rows} == {
        "pulse-us": ("delivered", "while the visitor waited"),
        "yespo": ("skipped", "condition"),
        "chat": ("skipped", "no-identity"),
    }
    # And no answer tells anybody which destinations there are
    assert again.json == answer.json == {"submissionId": answer.json["submissionId"], "status": "delivered"}


def test_a_dead_letter_whose_replay_its_destination_skipped_says_so(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    # Given a dead letter whose form has got a condition since, which the sign-up does not meet
    pulse.fail("status", status=422, method="POST")
    submission_id = sign_up(relay, news=False)
    relay.form("newsletter", FORM.replace('name = "pulse-us"\n', 'name = "pulse-us"\nwhen = { news = true }\n'))

    # When it is replayed
    operator.run("dead-letters", "replay")
    assert relay.retry_waiting() == []

    # Then nobody is left to guess
    row = of_pulse(operator, submission_id)
    assert (row["state"], row["reason"]) == ("skipped", "condition")


def test_a_dead_letter_that_somebody_dropped_says_so_while_others_wait(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    pulse.fail("status", status=422, method="POST")
    submission_id = sign_up(relay)
    pulse.fail("status", status=503, method="POST")
    sign_up(relay, email="bob@example.com")
    relay.hide_queued()

    operator.run("dead-letters", "drop", "--submission", submission_id, "--yes")

    row = of_pulse(operator, submission_id)
    assert (row["state"], row["reason"]) == ("dropped", "was a dead letter: refused")
    operator.run("erase", "--email", "ada@example.com", "--yes")
    assert relay.items("retry#") == []


def test_a_waiting_sign_up_without_consent_tells_when_it_was_received(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    pulse.fail("status", status=503, count=None)
    submission_id = sign_up(relay)
    assert relay.retry_waiting() != []
    relay.hide_queued()

    said = operator.run("trace", submission_id)

    assert re.search(rf"^received at: {TIME}$", said.out, re.MULTILINE)


def test_a_dead_letter_that_was_replayed_is_no_dead_letter(relay: Relay, operator: Operator, pulse: Twin) -> None:
    pulse.fail("status", status=503)
    pulse.fail("status", status=422, method="POST", count=2)
    submission_id = sign_up(relay)
    relay.retry_waiting()
    assert of_pulse(operator, submission_id)["state"] == "dead-letter"

    operator.run("dead-letters", "replay")

    assert of_pulse(operator, submission_id)["state"] == "waiting"
    relay.retry_waiting()
    assert of_pulse(operator, submission_id)["state"] == "dead-letter"
    operator.run("dead-letters", "replay")
    assert relay.retry_waiting() == []
    delivered = of_pulse(operator, submission_id)
    assert (delivered["state"], delivered["last_error"]) == ("delivered", None)
    assert delivered["reason"].endswith("after a replay: it had become a dead letter")
