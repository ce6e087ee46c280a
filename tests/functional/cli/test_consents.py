from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.functional.submit.form_texts import newsletter
from tests.support.operator import Operator, Output
from tests.support.personal_data import is_named
from tests.support.relay import Relay


@pytest.fixture(autouse=True)
def receipts(relay: Relay) -> None:
    for form_id in ("newsletter", "event"):
        relay.form(form_id, newsletter())
        relay.twin("pulse", "pulse-us")
        assert relay.post(form_id, {"email": "ada@example.com", "news": True}).status == 200


def exported(said: Output) -> list[Any]:
    assert said.code == 0
    return [json.loads(line) for line in said.lines]


def test_every_receipt_is_one_json_line_with_its_proof_and_no_name(operator: Operator) -> None:
    said = operator.run("consents", "export")

    lines = exported(said)
    assert sorted(line["form"] for line in lines) == ["event", "newsletter"]
    assert [grant["channels"] for line in lines for grant in line["grants"]] == [["email", "sms"]] * 2
    assert {grant["statement"] for line in lines for grant in line["grants"]} == {
        "Send me news. I can stop at any time."
    }
    assert all(line["seal"] and line["page"] and line["caller"] and line["given_at"] for line in lines)
    assert len({tuple(line["people"]) for line in lines}) == 1
    assert said.err == "2 receipts\n"
    assert not is_named("ada", said.out)


def test_receipts_are_narrowed_by_form_and_day(operator: Operator) -> None:
    assert {line["form"] for line in exported(operator.run("consents", "export", "--form", "event"))} == {"event"}
    assert len(exported(operator.run("consents", "export", "--since", "2020-01-01"))) == 2
    assert exported(operator.run("consents", "export", "--since", "2999-01-01")) == []


def test_the_receipt_of_one_sign_up_is_exported_alone(operator: Operator) -> None:
    first, _ = exported(operator.run("consents", "export"))

    assert exported(operator.run("consents", "export", "--submission", first["submission_id"])) == [first]
    assert exported(operator.run("consents", "export", "--submission", "0" * 32)) == []


def test_the_beginning_of_an_id_exports_no_empty_list_but_is_a_mistake(operator: Operator) -> None:
    said = operator.run("consents", "export", "--submission", "bd8f7d36")

    assert (said.code, said.out) == (2, "")
    assert said.err == "relay: bd8f7d36: give the whole id, 32 digits; relay trace bd8f7d36 tells it\n"


def test_an_export_of_a_form_that_does_not_exist_says_so(operator: Operator) -> None:
    said = operator.run("consents", "export", "--form", "newsleter")

    assert said.err.splitlines()[0].startswith("there is no form newsleter among event, newsletter")


def test_a_senseless_day_is_a_mistake(operator: Operator) -> None:
    assert operator.run("consents", "export", "--since", "yesterday").code == 2


def test_the_iso_27560_record_says_what_was_agreed_to_with_whom_and_how_to_take_it_back(
    operator: Operator, relay: Relay
) -> None:
    privacy = """[privacy]
controller = "Example Ltd, London"
notice_url = "https://www.example.com/privacy"
withdrawal = "https://www.example.com/unsubscribe"
jurisdiction = "GB"
language = "en"
"""
    relay.form("sworn", newsletter(more=privacy))
    witness = {"news": {"text": "Other words.", "visible": True}}
    relay.post("sworn", {"email": "grace@example.com", "news": True, "_witness": witness})

    (plain,) = exported(operator.run("consents", "export", "--form", "sworn"))
    said = operator.run("consents", "export", "--form", "sworn", "--format", "iso27560")
    (record,) = exported(said)

    assert record["@context"]["dpv"] == "https://w3id.org/dpv#"
    assert record["@type"] == "dpv:ConsentRecord"
    assert record["dct:identifier"] == plain["submission_id"]
    assert record["dpv:hasConsentStatus"]["@type"] == "dpv:ConsentGiven"
    assert record["dpv:hasConsentStatus"]["dpv:isIndicatedAtTime"]["@value"] == plain["given_at"]
    assert [each["@id"].rpartition(":")[2] for each in record["dpv:hasDataSubject"]] == plain["people"]
    assert record["dpv:hasDataController"]["dct:description"] == "Example Ltd, London"
    assert record["dpv:hasJurisdiction"] == "GB"
    assert record["dpv:hasNotice"]["@id"] == "https://www.example.com/privacy"
    assert record["dpv:hasConsentControl"]["dct:description"] == "https://www.example.com/unsubscribe"
    (process,) = record["dpv:hasProcess"]
    assert process["dpv:hasPurpose"]["dct:description"] == "Send me news. I can stop at any time."
    assert (process["relay:shown"], process["relay:text"], process["relay:visible"]) == (
        "different",
        "Other words.",
        True,
    )
    assert record["relay:seal"] == plain["seal"]
    assert "grace" not in said.out


def test_an_iso_27560_record_leaves_out_what_the_form_does_not_say(operator: Operator) -> None:
    for record in exported(operator.run("consents", "export", "--format", "iso27560")):
        assert not {"dpv:hasDataController", "dpv:hasNotice", "dpv:hasJurisdiction", "dpv:hasConsentControl"} & set(
            record
        )


@pytest.fixture
def export(operator: Operator, tmp_path: Path) -> Path:
    file = tmp_path / "receipts.jsonl"
    file.write_text(operator.run("consents", "export").out, encoding="utf-8")
    return file


def test_an_export_as_it_was_made_verifies(operator: Operator, export: Path) -> None:
    said = operator.run("consents", "verify", str(export))
    assert (said.code, said.out, said.err) == (0, "", "2 receipts, 0 bad\n")


def test_an_export_verifies_in_a_pipe(operator: Operator, export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(export.read_bytes())))

    assert operator.run("consents", "verify", "-").err == "2 receipts, 0 bad\n"


def test_an_export_in_the_other_format_is_not_taken_for_forged_receipts(operator: Operator, export: Path) -> None:
    receipts = export.read_text()
    records = operator.run("consents", "export", "--format", "iso27560").out
    export.write_text(records)
    alone = operator.run("consents", "verify", str(export))
    export.write_text(receipts + records)
    mixed = operator.run("consents", "verify", str(export))

    told = f"relay: {export} holds records of ISO 27560; verify reads receipts: export without --format\n"
    assert (alone.code, alone.out, alone.err) == (2, "", told)
    assert mixed.lines == [f"line {number}: not a receipt but a record of ISO 27560" for number in (3, 4)]


def test_kept_until_may_change_without_breaking_the_seal(operator: Operator, export: Path) -> None:
    lines = [{**json.loads(line), "kept_until": "2099-01-01T00:00:00Z"} for line in export.read_text().splitlines()]
    export.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert operator.run("consents", "verify", str(export)).code == 0


def _reworded(line: dict[str, Any]) -> str:
    line["grants"][0]["statement"] = "Sell my data."
    return json.dumps(line)


DOES_NOT_FIT = "the seal does not fit: the line was changed, or sealed with another key"


TAMPERED: list[tuple[Callable[[dict[str, Any]], str], str]] = [
    (_reworded, DOES_NOT_FIT),
    (lambda line: json.dumps({**line, "added": 1}), DOES_NOT_FIT),
    (lambda line: json.dumps({**line, "seal": "é\ud800"}), DOES_NOT_FIT),
    (lambda line: json.dumps({name: value for name, value in line.items() if name != "page"}), DOES_NOT_FIT),
    (lambda line: json.dumps({name: value for name, value in line.items() if name != "seal"}), "no seal"),
    (lambda line: json.dumps({**line, "seal": 7}), "no seal"),
    (lambda line: '{"form": "other", ' + json.dumps(line)[1:], "a key stands twice"),
    (lambda line: "not at all", "not JSON"),
    (lambda line: "[" * 100_000, "not JSON"),
    (lambda line: "[]", "not a JSON object"),
]


def test_each_line_that_was_tampered_with_is_named(operator: Operator, export: Path) -> None:
    first, second = export.read_text().splitlines()
    lines = [tampered(json.loads(second)) for tampered, _ in TAMPERED]
    export.write_text("\n".join([first, *lines, "", lines[0]]) + "\n")
    said = operator.run("consents", "verify", str(export))
    told = [f"line {number}: {fault}" for number, (_, fault) in enumerate(TAMPERED, start=2)]
    assert (said.code, said.lines) == (1, [*told, f"line {len(TAMPERED) + 3}: {DOES_NOT_FIT}"])


def test_bytes_that_are_no_text_are_a_bad_line(operator: Operator, export: Path) -> None:
    export.write_bytes(export.read_bytes() + b'{"seal": "\xff"}\n')
    said = operator.run("consents", "verify", str(export))
    assert (said.code, said.lines) == (1, ["line 3: not JSON"])


def test_receipts_sealed_with_another_key_are_told_from_our_own(
    operator: Operator, export: Path, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.secret("other-key", {"key": "another"})
    monkeypatch.setenv("LEDGER_KEY_SECRET", "signup-relay/other-key")
    assert operator.run("consents", "verify", str(export)).lines == [f"line {n}: {DOES_NOT_FIT}" for n in (1, 2)]


def test_a_file_or_a_key_that_cannot_be_read_is_told(
    operator: Operator, export: Path, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = operator.run("consents", "verify", str(export.with_name("other.jsonl")))
    assert (missing.code, missing.err) == (
        2,
        f"relay: {export.with_name('other.jsonl')} cannot be read: No such file or directory\n",
    )
    relay.secret("empty-key", {})
    monkeypatch.setenv("LEDGER_KEY_SECRET", "signup-relay/empty-key")
    keyless = operator.run("consents", "verify", str(export))
    assert (keyless.code, keyless.err) == (2, "relay: secret signup-relay/empty-key holds no key\n")
