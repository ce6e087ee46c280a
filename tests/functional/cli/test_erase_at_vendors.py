from __future__ import annotations

import json

import pytest

from tests.functional.submit.form_texts import newsletter
from tests.support.operator import Operator, Output
from tests.support.personal_data import (
    ADA,
    BOB,
    DESTINATIONS,
    FIELDS,
    VENDORS,
    contact_ids,
    lease,
    remember,
    remembered,
    subjects,
)
from tests.support.relay import Relay


@pytest.fixture
def everywhere(relay: Relay) -> Relay:
    """Ada is at Pulse and at the vendors with a documented call to delete."""
    relay.twin("pulse", "pulse-us")
    for vendor, name in VENDORS.items():
        relay.twin(vendor, name)
    relay.form("newsletter", newsletter(fields=FIELDS) + DESTINATIONS)
    answer = relay.post("newsletter", {"email": ADA, "first_name": "Ada", "phone": "+12025550123"})
    assert answer.json["status"] == "delivered", relay.buried()
    return relay


def results(said: Output) -> dict[str, str]:
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
    [left] = everywhere.items("person#")
    assert left.keys() == {"id", "memory", "expiration"}
    assert left["memory"] == '{"erasures":1}'


def test_a_contact_is_named_by_the_connection_that_reached_it_where_two_lead_to_its_account(
    everywhere: Relay, operator: Operator
) -> None:
    # Given another form, first in the alphabet, with a connection of its own to the same account
    everywhere.twin("pulse", "another")
    everywhere.form("event", newsletter(fields=FIELDS).replace('"pulse-us"', '"another"'))

    assert "pulse-us" in results(operator.run("erase", "--email", ADA, "--json"))


def test_who_signs_up_again_is_not_lost_under_an_id_that_the_vendor_has_deleted(
    everywhere: Relay, operator: Operator
) -> None:
    everywhere.form("newsletter", newsletter("dedupe_seconds = 0", fields=FIELDS) + DESTINATIONS)
    everywhere.twins["esputnik"].options.change({"duplicate_window": 0})
    ids = [contact_ids(everywhere)["members"]]

    for _ in range(2):
        assert operator.run("erase", "--email", ADA, "--vendors", "--yes").code == 0
        answer = everywhere.post("newsletter", {"email": ADA, "first_name": "Ada", "phone": "+12025550123"})
        assert answer.json["status"] == "delivered", everywhere.buried()
        ids.append(contact_ids(everywhere)["members"])

    held = [each["ContactDetails"] for each in everywhere.twins["higherlogic"].contacts()]
    assert len(set(ids)) == 3
    assert {each["ContactId"]: each["IsDeleted"] for each in held} == dict(zip(ids, (True, True, False), strict=True))


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
    lease(everywhere, "yespo")

    said = operator.run("erase", "--email", ADA, "--yes")

    assert said.code == 1
    assert said.results[subjects(ids)[0]] == "not asked: without --vendors"


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


def _somebody_else(relay: Relay) -> object:
    relay.post("newsletter", {"email": BOB, "first_name": "Bob", "phone": "+12025550199"})
    [bob] = [c for c in relay.twins["whautomate"].contacts() if "0199" in json.dumps(c)]
    return bob["id"]


def test_a_vendor_that_fails_keeps_the_item_that_knows_the_contact(everywhere: Relay, operator: Operator) -> None:
    everywhere.twins["esputnik"].fail("status", status=503)

    failed = operator.run("erase", "--email", ADA, "--vendors", "--json", "--yes")
    left = [name for name, [item] in remembered(everywhere).items() if "contact_id" in item]
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

    assert "by hand: no destination leads to this account" in said.out


def test_a_contact_whose_vendor_cannot_be_asked_for_want_of_credentials_is_not_forgotten(
    everywhere: Relay, operator: Operator
) -> None:
    connection = everywhere.twins["esputnik"].connection()
    everywhere.secrets.delete_secret(SecretId="signup-relay/yespo", ForceDeleteWithoutRecovery=True)

    failed = operator.run("erase", "--email", ADA, "--vendors", "--json", "--yes")
    everywhere.secret("yespo", connection)
    again = operator.run("erase", "--email", ADA, "--vendors", "--json", "--yes")

    assert (failed.code, failed.json["complete"]) == (1, False)
    assert results(failed)["yespo"].startswith("failed: ")
    assert (again.code, results(again)) == (0, {"yespo": "deleted"})
    assert not everywhere.twins["esputnik"].contacts()


def test_without_the_vendors_missing_credentials_keep_nothing(everywhere: Relay, operator: Operator) -> None:
    everywhere.secrets.delete_secret(SecretId="signup-relay/yespo", ForceDeleteWithoutRecovery=True)

    assert operator.run("erase", "--email", ADA, "--yes").code == 0
    assert not everywhere.items("person#")


def test_who_interrupts_an_erasure_reads_the_ids_that_were_forgotten_until_then(
    everywhere: Relay, operator: Operator
) -> None:
    lease(everywhere, "pulse-us")
    known = contact_ids(everywhere)

    def interrupt() -> None:
        raise KeyboardInterrupt

    said = operator.run("erase", "--email", ADA, "--json", "--yes", while_waiting=interrupt)

    left = {item.get("contact_id") for item in everywhere.items("person#")}
    told = {row["contact_id"] for row in said.json["vendors"]}
    assert said.code == 130
    assert (said.json["interrupted"], said.json["complete"]) == (True, False)
    assert set(known.values()) - left <= told
    [pulse] = [row for row in said.json["vendors"] if row["destination"] == "pulse-us"]
    assert pulse["contact"] == "known"
