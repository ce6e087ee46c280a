from __future__ import annotations

import pytest

from tests.support.operator import Operator
from tests.support.relay import Relay

FORM = """
title = "Newsletter"
allowed_origins = ["https://www.example.com"]
[fields.email]
type = "email"
required = true
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
"""

SUBMIT = FORM.replace("upsert", "submit_form").replace("source = 7", 'form_uuid = "00000000-0000"')
SIZE = """
[fields.size]
type = "choice"
options = ["1-5", "huge"]
[[destinations]]
name = "lists"
vendor = "which50"
action = "upsert"
options = { contact_list_id = 3, fields = { email = "Email" } }
custom_fields = { size = "PracticeSize" }
"""


def test_forms_without_a_problem_pass(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", FORM)

    said = operator.run("check")

    assert (said.code, said.lines) == (0, ["1 form, 0 problems"])


def test_every_problem_of_every_file_is_told_at_once_with_file_key_and_reason(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", FORM)
    relay.form("broken", FORM.replace('"email"', '"e-mail"').replace("source = 7", 'source = "seven"'))
    relay.form("worse", "title = ")
    relay.form("bad name", FORM)

    said = operator.run("check", "--json")

    assert said.code == 1
    assert said.json["forms"] == 4
    assert {(problem["file"], problem["key"]) for problem in said.json["problems"]} == {
        ("bad name.toml", "file name"),
        ("broken.toml", "fields.email.type"),
        ("broken.toml", "destinations.pulse-us.options.source"),
        ("worse.toml", "file"),
    }
    assert all(problem["reason"] for problem in said.json["problems"])


def test_what_is_probably_a_mistake_is_told_and_the_form_passes(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", FORM.replace("required = true", '[fields.firstname]\ntype = "text"'))

    said = operator.run("check")

    assert said.code == 0
    field, destination, total = said.lines
    assert field.startswith(
        "newsletter.toml: warning: fields.firstname: its value reaches no destination; did you mean"
    )
    assert destination.startswith("newsletter.toml: warning: destinations.pulse-us: needs email, which the form leaves")
    assert total == "1 form, 0 problems, 2 warnings"
    assert [warning["key"] for warning in operator.run("check", "--json").json["warnings"]] == [
        "fields.firstname",
        "destinations.pulse-us",
    ]


def test_a_rate_limit_that_only_one_of_two_forms_has_is_told(relay: Relay, operator: Operator) -> None:
    relay.form("a-newsletter", FORM.replace("options", 'rate_limit = "60/minute"\noptions'))
    relay.form("event", FORM)

    said = operator.run("check")

    assert said.code == 0
    assert said.lines[0].startswith(
        'event.toml: warning: destinations.pulse-us.rate_limit: is "off" here and "60/minute" in a-newsletter.toml'
    )


def test_forms_of_one_rate_limit_are_no_doubt(relay: Relay, operator: Operator) -> None:
    for name in ("newsletter", "event"):
        relay.form(name, FORM.replace("options", 'rate_limit = "60/minute"\noptions'))

    assert operator.run("check").lines == ["2 forms, 0 problems"]


def test_a_folder_can_be_named_and_needs_no_aws(
    relay: Relay, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LEDGER_TABLE")
    monkeypatch.delenv("FORMS_DIR")
    relay.form("broken", "")

    said = operator.run("check", "--forms", str(relay.forms))

    assert said.code == 1
    assert "broken.toml: title: is required" in said.lines
    assert said.lines[-1] == "1 form, 3 problems"


def test_one_connection_cannot_be_of_two_vendors(relay: Relay, operator: Operator) -> None:
    relay.form("a-newsletter", FORM)
    relay.form(
        "event",
        FORM.replace('vendor = "pulse"', 'vendor = "esputnik"')
        .replace("source = 7", "")
        .replace("upsert", "subscribe"),
    )

    said = operator.run("check")

    assert said.code == 1
    assert said.lines[0].startswith("event.toml: destinations.pulse-us.name: is a connection to pulse in a-news")


def test_a_folder_without_forms_is_a_mistake(relay: Relay, operator: Operator) -> None:
    said = operator.run("check")

    assert said.code == 2
    assert said.err == f"relay: there is no form file in {relay.forms}\n"


def test_credentials_are_tried_with_a_call_that_only_reads(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", FORM)
    relay.form("broken", "")
    twin = relay.twin("pulse", "pulse-us")

    said = operator.run("check", "--live", "pulse-us")

    assert (said.code, said.lines[0]) == (0, f"pulse-us: pulse at 127.0.0.1:{twin.port}: credentials accepted")
    assert {entry.method for entry in twin.requests} == {"GET"}


def test_what_does_not_fit_is_told_with_its_form_and_fails(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", SUBMIT)
    relay.form("event", SUBMIT)
    relay.twin("pulse", "pulse-us")

    said = operator.run("check", "--live", "pulse-us")

    assert said.code == 1
    assert said.lines[1].startswith("event, newsletter: wrong: form_uuid: the account has no such form; it has ")
    assert said.lines[-1] == "0 fit, 1 wrong, 0 notes, 0 untried"


def test_a_live_check_is_told_as_json(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", FORM)
    twin = relay.twin("pulse", "pulse-us")

    said = operator.run("check", "--live", "pulse-us", "--json")

    [result] = said.json["connections"]
    assert said.code == 0
    assert (result["vendor"], result["host"]) == ("pulse", f"127.0.0.1:{twin.port}")
    assert (result["accepted"], result["result"]) == (True, "credentials accepted")
    assert {
        "forms": ["newsletter"],
        "about": "source",
        "result": "untried",
        "text": "no call lists the account's sources",
    } in result["findings"]


def test_options_of_the_form_are_held_against_the_vendors_list(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", FORM + SIZE)
    relay.twin("which50", "lists")

    said = operator.run("check", "--live", "lists")

    assert said.code == 1
    assert 'newsletter: wrong: unlisted_values: list field PracticeSize does not list "huge": left out' in said.out


CONSENT = """
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
"""
LISTS = """
name = "lists"
vendor = "which50"
action = "upsert"
options = { contact_list_id = 3, fields = { email = "Email", consent.email = "EmailConsent" } }
"""


@pytest.mark.parametrize(
    ("box", "destination", "code"),
    [("", "", 1), ("required = true\n", "", 0), ("", "when = { news = true }\n", 0)],
)
def test_a_list_that_consents_by_default_is_wrong_only_where_somebody_arrives_without_consent(
    relay: Relay, operator: Operator, box: str, destination: str, code: int
) -> None:
    # Given a list whose default says yes, and a form whose consent is left to the visitor, or is not
    fields = FORM[: FORM.index("[[destinations]]")]
    relay.form("newsletter", f"{fields}{CONSENT}{box}[[destinations]]{LISTS}{destination}")
    relay.twin("which50", "lists")

    said = operator.run("check", "--live", "lists")

    assert said.code == code, said.out
    assert 'list field EmailConsent has the default "true"' in said.out


def test_refused_credentials_are_told_without_the_key(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", FORM)
    twin = relay.twin("pulse", "pulse-us")
    relay.secret("pulse-us", {**twin.connection(), "api_token": "not-this-one"})

    said = operator.run("check", "--live", "pulse-us")

    assert said.code == 1
    assert "not accepted: pulse: " in said.err
    assert "status 401" in said.err
    assert "not-this-one" not in said.out + said.err


def test_an_incomplete_secret_names_what_it_lacks(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", FORM)
    relay.secret("pulse-us", {"base_url": "https://pulse.example.com"})

    said = operator.run("check", "--live", "pulse-us")

    assert said.code == 1
    assert "api_token" in said.err


def test_a_vendor_without_a_call_that_reads_says_so(relay: Relay, operator: Operator) -> None:
    relay.form(
        "members",
        FORM.replace('"pulse"', '"higherlogic"')
        .replace("source = 7", "")
        .replace("[fields.email]", '[fields.first_name]\ntype = "text"\n[fields.email]'),
    )
    twin = relay.twin("higherlogic", "pulse-us")

    said = operator.run("check", "--live", "pulse-us")

    assert said.code == 0
    assert "no read-only call" in said.out
    assert not twin.requests


def test_an_unknown_connection_is_a_mistake(relay: Relay, operator: Operator) -> None:
    relay.form("newsletter", FORM)

    said = operator.run("check", "--live", "pulse-eu")

    assert (said.code, said.err) == (2, "relay: no form has a destination named pulse-eu\n")
