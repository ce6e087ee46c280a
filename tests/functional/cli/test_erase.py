from __future__ import annotations

import json
import time
from typing import Any

import pytest

from local.twins.whautomate.twin import LOCATION_ID
from tests.functional.cli.conftest import Operator, Said
from tests.functional.submit.form_texts import newsletter
from tests.support.relay import Relay
from tests.support.waiting import eventually

ADA, BOB = "ada.lovelace@example.com", "bob@example.com"
FIELDS = """
[fields.email]
type = "email"
required = true
[fields.first_name]
type = "text"
[fields.phone]
type = "phone"
region = "US"
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
"""
HONEYPOT = '[spam]\nhoneypot = "website"\n'


@pytest.fixture(autouse=True)
def form(relay: Relay) -> None:
    relay.form("newsletter", newsletter("dedupe_seconds = 0", fields=FIELDS, more=HONEYPOT))
    relay.twin("pulse", "pulse-us")


def leave_traces(relay: Relay, email: str, **more: object) -> None:
    """Let one person end up in every store: ledger, receipts, quarantine, retry queue and dead letters."""
    pulse = relay.twins["pulse"]
    person = {"email": email, "first_name": email.split("@", maxsplit=1)[0], "news": True, **more}
    assert relay.post("newsletter", person).json["status"] == "delivered"
    assert relay.post("newsletter", {**person, "website": "spam"}).status == 200
    for status in (422, 503):
        pulse.fail("status", status=status)
        assert relay.post("newsletter", {**person, "first_name": f"Name{status}"}).json["status"] == "accepted"


def due(relay: Relay) -> None:
    """Wait until what was queued with a delay can be received."""
    eventually(lambda: _count(relay, "Delayed") == 0)


def _count(relay: Relay, suffix: str) -> int:
    name: Any = f"ApproximateNumberOfMessages{suffix}"
    answer: Any = relay.sqs.get_queue_attributes(QueueUrl=relay.retry_queue, AttributeNames=[name])
    return int(answer["Attributes"][name])


def take(relay: Relay) -> str:
    """Receive the waiting message, as a poller does; returns its receipt handle."""
    due(relay)
    [message] = relay.sqs.receive_message(QueueUrl=relay.retry_queue, VisibilityTimeout=600)["Messages"]
    return message["ReceiptHandle"]


def everything(relay: Relay) -> str:
    """Return every item and every message, as one text to search."""
    return json.dumps([relay.items(), relay.queued(), relay.buried()], default=sorted)


def test_an_erasure_leaves_nothing_and_certifies_it(relay: Relay, operator: Operator) -> None:
    leave_traces(relay, ADA)
    due(relay)
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
        "ledger": 1,
        "consent_receipts": 3,
    }
    assert said.json["complete"]
    assert len(said.json["request_id"]) == 32
    assert ADA not in said.out.lower()


def test_everybody_else_stays(relay: Relay, operator: Operator) -> None:
    leave_traces(relay, ADA)
    leave_traces(relay, BOB)
    due(relay)
    before = [relay.queued(), relay.buried()]

    operator.run("erase", "--email", ADA, "--yes")

    assert len(relay.items("person#")) == len(relay.items("quarantine#")) == 1
    assert [[m for m in messages if ADA not in json.dumps(m)] for messages in before] == [
        relay.queued(),
        relay.buried(),
    ]
    assert _count(relay, "") == 1, "visible again"


def test_receipts_are_kept_as_proof_unless_asked_for(relay: Relay, operator: Operator) -> None:
    leave_traces(relay, ADA)
    due(relay)

    said = operator.run("erase", "--email", ADA, "--yes")

    assert said.code == 0
    assert len(relay.items("consent#")) == 3
    assert said.results["consent receipts"] == "0 removed, 3 kept as proof (--receipts removes them)"
    assert said.results["complete"] == "yes"
    assert ADA not in said.out


def test_a_phone_number_finds_everybody_who_gave_it(relay: Relay, operator: Operator) -> None:
    leave_traces(relay, ADA, phone="(202) 555-0123")
    due(relay)

    said = operator.run("erase", "--phone", "+1 202-555-0123", "--json", "--yes")

    assert said.json["removed"]["ledger"] == said.json["removed"]["retry_queue"] == 1
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
    take(relay)

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
    handle = take(relay)
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
    hold(relay, "pulse-us")

    said = operator.run("erase", "--email", ADA, "--yes")

    assert said.code == 1
    assert said.results["ledger"] == "0 removed, 1 in use, run again"
    assert len(relay.items("person#")) == 1


def hold(relay: Relay, destination: str) -> None:
    """Let a delivery hold the lease on the one person at a destination."""
    [item] = relay.items(f"person#{destination}#")
    relay.dynamodb.update_item(
        TableName=relay.table,
        Key={"id": {"S": item["id"]}},
        UpdateExpression="SET lease_until = :later",
        ExpressionAttributeValues={":later": {"N": str(int((time.time() + 600) * 1000))}},
    )


def test_a_preview_removes_nothing_prints_the_same_numbers_and_is_no_failure(relay: Relay, operator: Operator) -> None:
    leave_traces(relay, ADA)
    due(relay)
    before = everything(relay)

    preview = operator.run("erase", "--email", ADA, "--json")
    people = operator.run("erase", "--email", ADA)
    after = everything(relay)
    done = operator.run("erase", "--email", ADA, "--json", "--yes")

    assert (preview.code, people.code, done.code) == (0, 0, 0)
    assert after == before
    assert preview.err == people.err == "preview only: repeat with --yes to remove\n"
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


DESTINATIONS = f"""
[[destinations]]
name = "yespo"
vendor = "esputnik"
action = "subscribe"
[[destinations]]
name = "members"
vendor = "higherlogic"
action = "upsert"
[[destinations]]
name = "whatsapp"
vendor = "whautomate"
action = "upsert"
options = {{ location_id = "{LOCATION_ID}" }}
"""


@pytest.fixture
def everywhere(relay: Relay) -> Relay:
    """Ada is at Pulse and at the vendors with a documented call to delete."""
    for vendor, name in VENDORS.items():
        relay.twin(vendor, name)
    relay.form("newsletter", newsletter(fields=FIELDS) + DESTINATIONS)
    answer = relay.post("newsletter", {"email": ADA, "first_name": "Ada", "phone": "+12025550123"})
    assert answer.json["status"] == "delivered", relay.buried()
    return relay


VENDORS = {"esputnik": "yespo", "higherlogic": "members", "whautomate": "whatsapp"}


def results(said: Said) -> dict[str, str]:
    return {row["destination"]: row["result"] for row in said.json["vendors"]}


def test_vendors_delete_the_contact_where_they_document_how(everywhere: Relay, operator: Operator) -> None:
    said = operator.run("erase", "--email", ADA, "--vendors", "--json", "--yes")

    assert said.code == 0
    assert results(said) == {
        "pulse-us": "by hand: no documented call",
        "yespo": "deleted",
        "members": "deleted",
        "whatsapp": "deleted",
    }
    assert not everywhere.twins["esputnik"].contacts()
    assert not everywhere.twins["whautomate"].contacts()
    assert everywhere.twins["higherlogic"].writes()[-1].body.count("IsDeleted") == 1
    assert everywhere.items("person#") == []


def test_a_preview_names_the_vendors_that_can_be_asked_in_the_same_run_only_and_asks_none(
    everywhere: Relay, operator: Operator
) -> None:
    remembered = contact_ids(everywhere)

    said = operator.run("erase", "--email", ADA)
    machines = operator.run("erase", "--email", ADA, "--vendors", "--json")

    can_be_asked = "can be asked with --vendors, in the same run only"
    assert {subject: said.results[subject] for subject in subjects(remembered)} == dict.fromkeys(
        subjects(remembered), can_be_asked
    ) | {subjects(remembered)[-1]: "by hand: no documented call"}
    assert results(machines) == {
        "pulse-us": "by hand: no documented call",
        **dict.fromkeys(VENDORS.values(), "would be asked"),
    }
    assert len(everywhere.twins["esputnik"].contacts()) == 1
    assert contact_ids(everywhere) == remembered


def test_vendors_are_not_asked_unless_told_to(everywhere: Relay, operator: Operator) -> None:
    said = operator.run("erase", "--email", ADA, "--json", "--yes")

    assert results(said)["yespo"] == "not asked: without --vendors"
    assert len(everywhere.twins["esputnik"].contacts()) == 1


def test_an_erasure_without_the_vendors_names_the_contacts_it_leaves_there_with_the_ids_it_forgets(
    everywhere: Relay, operator: Operator
) -> None:
    ids = contact_ids(everywhere)

    said = operator.run("erase", "--email", ADA, "--yes")

    assert everywhere.items("person#") == []
    assert all(said.results[subject].endswith("the relay has forgotten it") for subject in subjects(ids))
    assert ADA not in said.out


def test_an_item_in_use_is_not_called_forgotten(everywhere: Relay, operator: Operator) -> None:
    ids = contact_ids(everywhere)
    hold(everywhere, "yespo")

    said = operator.run("erase", "--email", ADA, "--yes")

    assert said.code == 1
    assert said.results[subjects(ids)[0]] == "not asked: without --vendors"


def subjects(ids: dict[str, str]) -> list[str]:
    """Return what the certificate's table calls each contact, Pulse's last."""
    return [f"{name} ({vendor}), contact {ids[name]}" for vendor, name in {**VENDORS, "pulse": "pulse-us"}.items()]


def contact_ids(relay: Relay) -> dict[str, str]:
    """Return by destination what the ledger remembers of Ada."""
    return {item["id"].split("#")[1]: item["contact_id"] for item in relay.items("person#")}


def test_a_contact_that_is_another_person_by_now_is_not_deleted(everywhere: Relay, operator: Operator) -> None:
    whautomate = everywhere.twins["whautomate"]
    remember(everywhere, "members", "an id of the tenant's own")
    remember(everywhere, "whatsapp", str(_somebody_else(everywhere)))

    said = operator.run("erase", "--email", ADA, "--vendors", "--json", "--yes")

    assert results(said)["whatsapp"] == results(said)["members"] == "not there, or another person's by now"
    assert len(whautomate.contacts()) == 2
    assert not any("IsDeleted" in entry.body for entry in everywhere.twins["higherlogic"].writes())


def test_a_contact_that_is_gone_already_is_no_failure(everywhere: Relay, operator: Operator) -> None:
    everywhere.twins["esputnik"].clear()
    everywhere.twins["whautomate"].clear()

    said = operator.run("erase", "--email", ADA, "--vendors", "--json", "--yes")

    assert said.code == 0
    assert results(said)["yespo"] == results(said)["whatsapp"] == "not there, or another person's by now"


def test_a_contact_of_unknown_id_is_left_to_be_deleted_by_hand(everywhere: Relay, operator: Operator) -> None:
    remember(everywhere, "yespo", None)

    said = operator.run("erase", "--email", ADA, "--vendors", "--json", "--yes")

    assert results(said)["yespo"] == "by hand: its id is not known"


def remember(relay: Relay, destination: str, contact_id: str | None) -> None:
    """Let the ledger remember Ada at a destination by this id."""
    [item] = [item for item in relay.items(f"person#{destination}#") if item["contact_id"] != contact_id]
    change: dict[str, Any] = (
        {"UpdateExpression": "REMOVE contact_id"}
        if contact_id is None
        else {
            "UpdateExpression": "SET contact_id = :other",
            "ExpressionAttributeValues": {":other": {"S": contact_id}},
        }
    )
    relay.dynamodb.update_item(TableName=relay.table, Key={"id": {"S": item["id"]}}, **change)


def _somebody_else(relay: Relay) -> object:
    relay.post("newsletter", {"email": BOB, "first_name": "Bob", "phone": "+12025550199"})
    [bob] = [c for c in relay.twins["whautomate"].contacts() if "0199" in json.dumps(c)]
    return bob["id"]


def test_a_vendor_that_fails_keeps_the_item_that_knows_the_contact(everywhere: Relay, operator: Operator) -> None:
    everywhere.twins["esputnik"].fail("status", status=503)

    failed = operator.run("erase", "--email", ADA, "--vendors", "--json", "--yes")
    left = [item["id"].split("#")[1] for item in everywhere.items("person#")]
    again = operator.run("erase", "--email", ADA, "--vendors", "--json", "--yes")

    assert failed.code == 1
    assert results(failed)["yespo"].startswith("failed: esputnik: ")
    assert left == ["yespo"]
    assert (again.code, results(again)) == (0, {"yespo": "deleted"})


def test_a_contact_at_a_destination_that_no_form_has_is_left_to_be_deleted_by_hand(
    everywhere: Relay, operator: Operator
) -> None:
    everywhere.form("newsletter", newsletter())

    said = operator.run("erase", "--email", ADA, "--vendors", "--yes")

    assert "by hand: no form has this destination" in said.out
