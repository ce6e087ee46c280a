from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.functional.submit.form_texts import newsletter
from tests.support.operator import Operator
from tests.support.personal_data import (
    ADA,
    BOB,
    FIELDS,
    HONEYPOT,
    count,
    everything,
    lease,
    leave_traces,
    receive,
    wait_until_due,
)
from tests.support.relay import Relay


@pytest.fixture(autouse=True)
def form(relay: Relay) -> None:
    relay.form("newsletter", newsletter("dedupe_seconds = 0", fields=FIELDS, more=HONEYPOT))
    relay.twin("pulse", "pulse-us")


def test_an_erasure_leaves_nothing_and_certifies_it(relay: Relay, operator: Operator) -> None:
    leave_traces(relay, ADA)
    wait_until_due(relay)
    assert everything(relay).count(ADA) == 3

    said = operator.run("erase", "--email", "Ada.Lovelace@Example.com", "--receipts", "--json", "--yes")

    assert said.code == 0
    assert ADA not in everything(relay)
    [hashed] = said.json["people"].values()
    assert [item["id"] for item in relay.items() if hashed in str(item)] == [f"erased#{hashed}"]
    assert said.json["removed"] == {
        "retry_queue": 1,
        "dead_letters": 1,
        "quarantine": 1,
        "ledger": 2,
        "consent_receipts": 3,
    }
    assert said.json["complete"]
    assert len(said.json["request_id"]) == 32
    assert ADA not in said.out.lower()


def test_everybody_else_stays(relay: Relay, operator: Operator) -> None:
    leave_traces(relay, ADA)
    leave_traces(relay, BOB)
    wait_until_due(relay)
    before = [relay.queued(), relay.buried()]

    operator.run("erase", "--email", ADA, "--yes")

    assert len(relay.items("person#")) == len(relay.items("quarantine#")) == 1
    assert [[m for m in messages if ADA not in json.dumps(m)] for messages in before] == [
        relay.queued(),
        relay.buried(),
    ]
    assert count(relay, "") == 1, "visible again"


def test_receipts_are_kept_as_proof_unless_asked_for(relay: Relay, operator: Operator) -> None:
    leave_traces(relay, ADA)
    wait_until_due(relay)

    said = operator.run("erase", "--email", ADA, "--yes")

    assert said.code == 0
    assert len(relay.items("consent#")) == 3
    assert said.results["consent receipts"] == "0 removed, 3 kept as proof (--receipts removes them)"
    assert said.results["complete"] == "yes"
    assert ADA not in said.out


def test_a_phone_number_finds_everybody_who_gave_it(relay: Relay, operator: Operator) -> None:
    leave_traces(relay, ADA, phone="(202) 555-0123")
    wait_until_due(relay)

    said = operator.run("erase", "--phone", "+1 202-555-0123", "--json", "--yes")

    assert said.json["removed"]["retry_queue"] == 1
    assert said.json["removed"]["ledger"] == 2, "what is remembered of the person, and the recipient's limit"
    assert ADA not in everything(relay)


def test_what_no_hash_leads_to_is_searched_as_text(relay: Relay, operator: Operator) -> None:
    spam: dict[str, Any] = {"email": "not an address", "website": "spam"}
    relay.post("newsletter", {**spam, "first_name": f"Ada <{ADA.upper()}>"})
    relay.post("newsletter", {**spam, "phone": "202 555 0123"})
    relay.post("newsletter", {**spam, "first_name": f"x{ADA}", "phone": "555-0123"})
    relay.sqs.send_message(QueueUrl=relay.dead_letters, MessageBody=f'{{"version": 99, "who": ["{ADA}"]}}')
    relay.sqs.send_message(QueueUrl=relay.dead_letters, MessageBody=f'{{"version": 99, "who": "{BOB}"}}')

    said = operator.run("erase", "--email", ADA, "--phone", "+12025550123", "--json", "--yes")

    assert said.json["removed"]["quarantine"] == 2
    assert said.json["removed"]["dead_letters"] == 1
    assert len(relay.items("quarantine#")) == len(relay.buried()) == 1


def test_messages_that_another_receiver_holds_are_counted_and_need_another_run(
    relay: Relay, operator: Operator
) -> None:
    leave_traces(relay, ADA)
    receive(relay)

    said = operator.run("erase", "--email", ADA, "--yes")

    assert said.code == 1
    assert said.results["retry queue"].startswith("0 removed, about 1 not readable now")
    assert said.results["run again after"] > said.results["at"]
    assert said.results["complete"] == "no"


def test_delayed_messages_are_counted_and_need_another_run_sooner(relay: Relay, operator: Operator) -> None:
    relay.sqs.send_message(QueueUrl=relay.retry_queue, MessageBody="{}", DelaySeconds=900)
    delayed = operator.run("erase", "--email", ADA, "--json", "--yes")
    relay.sqs.send_message(QueueUrl=relay.dead_letters, MessageBody="{}")
    relay.sqs.receive_message(QueueUrl=relay.dead_letters, VisibilityTimeout=60)
    both = operator.run("erase", "--email", ADA, "--json", "--yes")

    assert (delayed.code, both.code) == (1, 1)
    assert delayed.json["hidden"] == {"retry_queue": 1, "dead_letters": 0}
    assert both.json["hidden"] == {"retry_queue": 1, "dead_letters": 1}
    assert delayed.json["at"] < delayed.json["run_again_after"] < both.json["run_again_after"]


def test_a_hidden_message_is_dropped_when_it_comes_back_and_a_later_sign_up_is_not(
    relay: Relay, operator: Operator
) -> None:
    pulse = relay.twins["pulse"]
    pulse.fail("status", status=503)
    relay.post("newsletter", {"email": ADA, "news": True})
    handle = receive(relay)
    assert operator.run("erase", "--email", ADA, "--receipts", "--yes").code == 1
    relay.sqs.change_message_visibility(QueueUrl=relay.retry_queue, ReceiptHandle=handle, VisibilityTimeout=0)

    assert relay.retry_waiting() == []
    assert (pulse.contacts(), relay.queued(), relay.items("person#"), relay.items("consent#")) == ([], [], [], [])

    assert relay.post("newsletter", {"email": ADA}).json["status"] == "delivered"
    pulse.fail("status", status=503)
    relay.post("newsletter", {"email": ADA, "first_name": "Later"})
    assert relay.retry_waiting() == []
    assert "Later" in str(pulse.contacts())


def test_a_letter_hidden_during_an_erasure_is_not_delivered_by_a_replay(relay: Relay, operator: Operator) -> None:
    pulse = relay.twins["pulse"]
    pulse.fail("status", status=422)
    relay.post("newsletter", {"email": ADA})
    letter = relay.sqs.receive_message(QueueUrl=relay.dead_letters, VisibilityTimeout=60)["Messages"][0]
    operator.run("erase", "--email", ADA, "--yes")
    relay.sqs.change_message_visibility(
        QueueUrl=relay.dead_letters, ReceiptHandle=letter["ReceiptHandle"], VisibilityTimeout=0
    )

    assert operator.run("dead-letters", "replay").lines[-1] == "1 dead letter replayed"

    assert relay.retry_waiting() == []
    assert (pulse.contacts(), relay.queued(), relay.buried()) == ([], [], [])


def test_an_item_that_a_delivery_has_leased_is_kept_and_counted(relay: Relay, operator: Operator) -> None:
    relay.post("newsletter", {"email": ADA})
    lease(relay, "pulse-us")

    said = operator.run("erase", "--email", ADA, "--yes")

    assert said.code == 1
    assert said.results["ledger"] == "1 removed, 1 in use, run again"
    assert len(relay.items("person#")) == 1


def test_a_preview_removes_nothing_prints_the_same_numbers_and_is_no_failure(relay: Relay, operator: Operator) -> None:
    leave_traces(relay, ADA)
    wait_until_due(relay)
    before = everything(relay)

    preview = operator.run("erase", "--email", ADA, "--json")
    people = operator.run("erase", "--email", ADA)
    after = everything(relay)
    done = operator.run("erase", "--email", ADA, "--json", "--yes")

    assert (preview.code, people.code, done.code) == (0, 0, 0)
    assert after == before
    assert preview.err == people.err
    assert preview.err.splitlines() == [
        "looking through queues and ledger, for some seconds",  # where no terminal shows progress
        "preview only: repeat with --yes to remove",
    ]
    assert "removed" not in preview.json
    assert preview.json["would_remove"] == done.json["removed"]
    assert (preview.json["preview"], preview.json["complete"], done.json["preview"]) == (True, False, False)
    assert "erasure" not in people.results
    assert people.results["dead letters"] == "1 would be removed"
    assert "complete" not in people.results
    assert ADA not in preview.out + people.out


def test_an_unknown_person_is_certified_as_removed(relay: Relay, operator: Operator) -> None:
    done = operator.run("erase", "--email", BOB, "--yes")

    assert done.code == 0
    assert [done.results[store] for store in ("ledger", "quarantine", "retry queue")] == ["0 removed"] * 3
    assert done.results["complete"] == "yes"


def test_hidden_messages_are_not_said_to_be_this_persons(relay: Relay, operator: Operator) -> None:
    relay.sqs.send_message(QueueUrl=relay.retry_queue, MessageBody="{}", DelaySeconds=900)

    said = operator.run("erase", "--email", ADA, "--yes")

    assert said.code == 1
    assert "about 1 not readable now, of anybody" in said.results["retry queue"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "name the person"),
        (["--email", "nobody"], "relay: --email: is no e-mail address\n"),
        (["--phone", "5550123"], "relay: --phone: write the number with + and its country code\n"),
    ],
)
def test_an_invalid_request_is_refused_before_anything_is_removed(
    relay: Relay, operator: Operator, words: list[str], complaint: str
) -> None:
    relay.post("newsletter", {"email": ADA})

    said = operator.run("erase", *words, "--yes")

    assert said.code == 2
    assert complaint in said.err
    assert len(relay.items("person#")) == 1


@pytest.mark.parametrize("headers", [{"idempotency-key": "one"}, {}])
@pytest.mark.parametrize("more", [{}, {"website": "spam"}])
def test_who_signs_up_again_after_an_erasure_is_a_new_sign_up(
    relay: Relay, operator: Operator, headers: dict[str, str], more: dict[str, str]
) -> None:
    relay.form("newsletter", newsletter(fields=FIELDS, more=HONEYPOT))
    first = relay.post("newsletter", {"email": ADA, **more}, headers=headers)
    pulse = relay.twins["pulse"]

    operator.run("erase", "--email", ADA, "--yes")
    asked = len(pulse.requests)
    again = relay.post("newsletter", {"email": ADA, **more}, headers=headers)

    assert again.json["submissionId"] != first.json["submissionId"]
    assert len(relay.items("quarantine#")) == bool(more)
    assert (len(pulse.requests) > asked) == (not more)


def test_an_answer_that_is_not_known_yet_is_waited_for(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", newsletter(fields=FIELDS))
    relay.post("newsletter", {"email": ADA})
    [answer] = relay.items("payload#")
    end = {"id": {"S": answer["id"]}}

    def under_way(status: str) -> None:
        relay.dynamodb.update_item(
            TableName=relay.table,
            Key=end,
            UpdateExpression="SET #status = :status, in_progress_expiration = :later",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":status": {"S": status}, ":later": {"N": str(int((time.time() + 600) * 1000))}},
        )

    under_way("INPROGRESS")
    kept = operator.run("erase", "--email", ADA, "--yes")
    under_way("INPROGRESS")
    said = operator.run("erase", "--email", ADA, "--yes", while_waiting=lambda: under_way("COMPLETED"))

    assert (kept.code, kept.results["ledger"]) == (1, "2 removed, 1 in use, run again")
    assert (said.code, relay.items("payload#")) == (0, [])


def test_two_people_whose_addresses_differ_by_a_sharp_s_stay_two(relay: Relay, operator: Operator) -> None:
    for name in ("straße", "strasse"):
        relay.twins["pulse"].fail("status", status=422)
        relay.post("newsletter", {"email": f"{name}@example.com"})
        relay.post("newsletter", {"email": "none", "first_name": f"{name}@example.com", "website": "spam"})

    said = operator.run("erase", "--email", "STRASSE@example.com", "--json", "--yes")

    assert (said.json["removed"]["dead_letters"], said.json["removed"]["quarantine"]) == (1, 1)
    [left] = relay.buried()
    assert left["submission"]["contact"]["email"] == "straße@example.com"


def test_somebody_elses_message_that_names_the_address_is_kept_and_told(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", newsletter(fields=FIELDS + '[fields.colleague]\ntype = "email"\n'))
    relay.twins["pulse"].fail("status", status=422)
    relay.post("newsletter", {"email": BOB, "colleague": ADA})

    said = operator.run("erase", "--email", ADA, "--yes")
    [letter] = operator.run("dead-letters", "list", "--json").json["dead_letters"]

    assert said.code == 1
    assert said.results["dead letters"] == "0 removed"
    assert said.results["kept, in other people's messages"] == letter["message_id"]
    assert said.results["complete"] == "no"
    assert len(relay.buried()) == 1
