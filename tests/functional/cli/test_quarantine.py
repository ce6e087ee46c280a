from __future__ import annotations

import json

import pytest

from local.twins.server import Twin
from tests.functional.submit.form_texts import CHAT, newsletter
from tests.support.operator import Operator
from tests.support.personal_data import is_named
from tests.support.relay import Relay

HONEYPOT = '[spam]\nhoneypot = "website"\n'
ADA = {"email": "ada@example.com", "news": True, "website": "https://spam.example.com"}


@pytest.fixture
def pulse(relay: Relay) -> Twin:
    relay.form("newsletter", newsletter("dedupe_seconds = 0", more=HONEYPOT))
    return relay.twin("pulse", "pulse-us")


def suspect(relay: Relay, **more: object) -> str:
    answer = relay.post("newsletter", {**ADA, **more})
    assert answer.status == 200
    return str(answer.json["submissionId"])


def test_suspects_are_listed_without_personal_data(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = suspect(relay)

    said = operator.run("quarantine", "list")
    machines = operator.run("quarantine", "list", "--form", "newsletter", "--json")

    assert said.lines[1].split()[:3] == [submission_id, "newsletter", "honeypot"]
    assert said.lines[-1] == "1 suspected sign-up"
    assert [row["submission_id"] for row in machines.json["quarantine"]] == [submission_id]
    assert operator.run("quarantine", "list", "--form", "other").lines == ["0 suspected sign-ups"]
    assert not is_named("ada", said.out + machines.out)


def test_one_suspect_is_shown_whole(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = suspect(relay)

    said = operator.run("quarantine", "show", submission_id)

    assert said.json["submitted"] == {name: [value] for name, value in ADA.items()}
    assert said.json["page"] == "https://www.example.com/news"


def test_what_filled_the_honeypot_is_shown_since_it_tells_a_browser_from_a_bot_and_is_not_delivered(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    submission_id = suspect(relay, website="Ada Lovelace", nonsense="of a bot")

    said = operator.run("quarantine", "show", submission_id)
    operator.run("quarantine", "release", submission_id)

    assert said.json["submitted"] == {name: [value] for name, value in {**ADA, "website": "Ada Lovelace"}.items()}
    assert "Lovelace" not in json.dumps(relay.queued())


def test_a_release_delivers_as_of_the_moment_it_was_sent(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = suspect(relay)
    [item] = relay.items("quarantine#")

    said = operator.run("quarantine", "release", submission_id)
    [message] = relay.queued()
    stay = relay.retry_waiting()

    assert (said.code, said.out) == (0, f"released {submission_id}\n  pulse-us: queued for delivery\n")
    assert message["submission"]["id"] == submission_id
    assert message["submission"]["received_at"] == item["received_at"]
    assert stay == []
    assert len(pulse.contacts()) == 1
    assert relay.items("quarantine#") == []
    (kept,) = relay.items("consent#")
    assert [grant["channels"] for grant in json.loads(kept["receipt"])["grants"]] == [["email", "sms"]]


SKIPPING = (
    CHAT
    + """
[[destinations]]
name = "which50"
vendor = "which50"
action = "upsert"
when = { news = false }
options = { contact_list_id = 3, fields = { email = "Email" } }
"""
)


def test_a_release_promises_nothing_to_a_destination_that_skips_the_sign_up(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    relay.form("newsletter", newsletter("dedupe_seconds = 0", more=HONEYPOT + SKIPPING))
    chat, list_of_50 = relay.twin("whautomate", "chat"), relay.twin("which50", "which50")
    submission_id = suspect(relay)

    said = operator.run("quarantine", "release", submission_id)

    assert said.lines == [
        f"released {submission_id}",
        "  chat: not delivered: the sign-up has nothing that the vendor knows people by",
        "  which50: not delivered: the sign-up does not match its condition",
        "  pulse-us: queued for delivery",
    ]
    assert relay.retry_waiting() == []
    assert [len(twin.contacts()) for twin in (pulse, chat, list_of_50)] == [1, 0, 0]


def test_a_released_consent_is_kept_though_every_destination_skips_it(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    only_without_consent = newsletter("dedupe_seconds = 0", more=HONEYPOT).replace(
        "options = { source = 7 }", "options = { source = 7 }\nwhen = { news = false }"
    )
    relay.form("newsletter", only_without_consent)
    submission_id = suspect(relay)

    operator.run("quarantine", "release", submission_id)

    assert relay.retry_waiting() == []
    assert pulse.contacts() == []
    assert len(relay.items("consent#")) == 1


def test_a_release_after_newer_data_overwrites_nothing(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = suspect(relay)
    relay.post("newsletter", {"email": "ada@example.com", "news": True})

    operator.run("quarantine", "release", submission_id)
    stay = relay.retry_waiting()

    assert stay == []
    assert len(pulse.writes()) == 1


def test_a_release_that_crashed_before_the_delete_delivers_once(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = suspect(relay)
    item = relay.dynamodb.get_item(TableName=relay.table, Key={"id": {"S": f"quarantine#{submission_id}"}})["Item"]

    for _ in range(2):
        relay.dynamodb.put_item(TableName=relay.table, Item=item)
        operator.run("quarantine", "release", submission_id)
        assert relay.retry_waiting() == []

    assert len(pulse.writes()) == 1
    assert relay.queued() == []


def test_what_the_form_would_refuse_is_not_released(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = suspect(relay, email="not an address")

    said = operator.run("quarantine", "release", submission_id)

    assert said.code == 1
    assert said.err == f"{submission_id}: not released: the form refuses email: invalid_email\n"
    assert len(relay.items("quarantine#")) == 1
    assert relay.queued() == []


def test_a_form_that_is_gone_or_broken_keeps_its_suspects(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = suspect(relay)
    (relay.forms / "newsletter.toml").unlink()

    said = operator.run("quarantine", "release", submission_id)

    assert said.code == 1
    assert "form newsletter: no such form" in said.err
    assert len(relay.items("quarantine#")) == 1


def test_suspects_are_dropped_only_with_a_yes(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = suspect(relay)

    asked = operator.run("quarantine", "drop", submission_id)
    before = len(relay.items("quarantine#"))
    done = operator.run("quarantine", "drop", submission_id, "--yes")

    assert (asked.code, before) == (2, 1)
    assert (done.code, done.out) == (0, f"dropped {submission_id}\n")
    assert relay.items("quarantine#") == []


@pytest.mark.parametrize("words", [["show"], ["release"], ["drop", "--yes"]])
def test_what_is_not_in_quarantine_is_named(operator: Operator, words: list[str]) -> None:
    said = operator.run("quarantine", *words, "nobody")

    assert (said.code, said.err) == (1, "nobody: not in quarantine\n")


def test_the_beginning_of_an_id_deletes_nothing(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = suspect(relay)

    said = operator.run("quarantine", "drop", "--yes", submission_id[:8])

    assert said.code == 2
    assert f"relay trace {submission_id[:8]} tells it" in said.err
    assert len(relay.items("quarantine#")) == 1


def test_the_beginning_of_an_id_shows_and_releases(relay: Relay, operator: Operator, pulse: Twin) -> None:
    submission_id = suspect(relay)

    shown = operator.run("quarantine", "show", submission_id[:4])
    released = operator.run("quarantine", "release", f" {submission_id[:8]}")

    assert shown.json["submission_id"] == submission_id
    assert released.lines[0] == f"released {submission_id}"


@pytest.mark.parametrize("command", ["show", "release"])
def test_a_beginning_that_does_not_tell_one_id_does_nothing(
    relay: Relay, operator: Operator, pulse: Twin, command: str
) -> None:
    submission_id = suspect(relay)
    table = relay.dynamodb
    item = table.get_item(TableName=relay.table, Key={"id": {"S": f"quarantine#{submission_id}"}})["Item"]
    table.put_item(TableName=relay.table, Item={**item, "id": {"S": f"quarantine#{submission_id[:-1]}x"}})

    several = operator.run("quarantine", command, submission_id[:8])
    short = operator.run("quarantine", command, submission_id[:3])

    told = f"relay: {submission_id[:8]}: 2 ids begin so; relay quarantine list shows them\n"
    assert (several.code, several.out, several.err) == (2, "", told)
    assert (short.code, short.err) == (2, f"relay: {submission_id[:3]}: give 4 digits of the id at least\n")
    assert len(relay.items("quarantine#")) == 2


def test_a_list_of_a_form_that_does_not_exist_says_so(relay: Relay, operator: Operator, pulse: Twin) -> None:
    said = operator.run("quarantine", "list", "--form", "newsleter")

    assert (said.code, said.lines) == (0, ["0 suspected sign-ups"])
    assert said.err.startswith("there is no form newsleter among ")


def test_what_has_outlived_its_time_is_gone_though_dynamodb_still_holds_it(
    relay: Relay, operator: Operator, pulse: Twin
) -> None:
    submission_id = suspect(relay)
    relay.dynamodb.update_item(
        TableName=relay.table,
        Key={"id": {"S": f"quarantine#{submission_id}"}},
        UpdateExpression="SET expiration = :past",
        ExpressionAttributeValues={":past": {"N": "1000000000"}},
    )

    assert operator.run("quarantine", "list").lines == ["0 suspected sign-ups"]
    assert operator.run("quarantine", "release", submission_id).code == 1


def test_metrics_of_the_functions_do_not_end_up_in_an_answer(relay: Relay, operator: Operator) -> None:
    fields = '[fields.email]\ntype = "email"\n[fields.born]\ntype = "date"\non_invalid = "drop"\n'
    relay.form("newsletter", newsletter(fields=fields, more=HONEYPOT))
    submission_id = suspect(relay, born="yesterday")

    said = operator.run("quarantine", "release", submission_id)

    assert said.out == f"released {submission_id}\n  pulse-us: queued for delivery\n"
    assert "born" not in json.dumps(relay.queued())
