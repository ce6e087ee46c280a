"""`docs/start.md`, followed step by step on the embedded stack."""

from __future__ import annotations

import io
import json
import re
import shlex
from pathlib import Path

import pytest

from local.twins import TWINS, vendor_title
from local.twins.pulse.twin import FORM_UUID
from local.twins.whautomate.twin import LOCATION_ID
from local.twins.which50.lists import FIELDS, ContactList
from tests.support.doc_commands import commands_of, post_of
from tests.support.operator import Operator
from tests.support.paths import ROOT
from tests.support.stack import Relay
from tests.support.waiting import eventually

pytestmark = pytest.mark.stack

GUIDE = ROOT / "docs" / "start.md"
(FORM,) = re.findall(r"^```toml\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
COMMANDS = [command for command in commands_of(GUIDE) if not command.startswith(("make", "python3"))]


def words_of(command: str) -> list[str]:
    """Return the arguments of a `relay` command; the test's environment says which stack, in place of `--local`."""
    program, *words = shlex.split(command)
    assert program == ".venv/bin/relay"
    return [word for word in words if word != "--local"]


def test_the_ten_minute_start_works_as_it_is_written(
    relay: Relay, forms: Path, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    check, sign_up, list_letters, show_letter, check_live, replay, sign_up_again, list_waiting, *key_steps = COMMANDS
    sign_up_held, rotate = key_steps
    origin = {"origin": relay.stack.url}
    relay.stack.clients.sqs.purge_queue(QueueUrl=relay.stack.references["DeadLetterQueue"])

    # Given nothing that other tests left, and the guide's form, of which `relay check` says what the guide says
    (forms / "practice.toml").write_text(FORM, encoding="utf-8")
    (said,) = [line for line in operator.run(*words_of(check)).lines if line.startswith("practice.toml")]
    assert "warning" in said
    assert "whautomate upsert is not sent email" in said

    # When somebody signs up
    path, headers, body = post_of(sign_up)
    answer = relay.client.post(path, content=body, headers={**headers, **origin})

    # Then one vendor has the contact, and the other's delivery is a dead letter
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    assert len(relay.held("pulse", "ada@example.com")) == 1
    listed = operator.run(*words_of(list_letters)).out
    assert "misconfigured" in listed
    assert "location_id" in listed

    # And the vendor's answer and a live check tell what is wrong, and what would be right
    submission_id = answer.json()["submissionId"]
    assert "Location not found" in operator.run(*words_of(show_letter.replace("ID", submission_id))).out
    checked = operator.run(*words_of(check_live))
    assert (checked.code, f'it has "{LOCATION_ID} Main street"' in checked.out) == (1, True)

    # When the form is mended and the letter replayed
    assert LOCATION_ID in GUIDE.read_text(encoding="utf-8")
    (forms / "practice.toml").write_text(FORM.replace("nowhere", LOCATION_ID), encoding="utf-8")
    assert operator.run(*words_of(replay)).code == 0

    # Then it arrives
    eventually(lambda: relay.held("whautomate", "+12025550123"))

    # When a vendor is down while somebody else signs up
    relay.stack.twins["pulse"].stop()
    path, headers, body = post_of(sign_up_again)
    assert relay.client.post(path, content=body, headers={**headers, **origin}).status_code == 202
    eventually(lambda: "pulse-us" in operator.run(*words_of(list_waiting)).out)

    # Then the contact is there once the vendor is back, and once only
    relay.stack.twins["pulse"].start()
    eventually(lambda: relay.held("pulse", "grace@example.com"))
    assert len(relay.held("pulse", "grace@example.com")) == 1

    # When the vendor changes its key, and somebody signs up
    relay.client.post("/twins/pulse/wrong-key", headers=origin)
    path, headers, body = post_of(sign_up_held)
    assert relay.client.post(path, content=body, headers={**headers, **origin}).status_code == 202
    eventually(lambda: "credentials" in operator.run(*words_of(list_waiting)).out)

    # And the new key is stored
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(relay.stack.twins["pulse"].connection())))
    assert operator.run(*words_of(rotate)).code == 0

    # Then the delivery arrives
    eventually(lambda: relay.held("pulse", "mary@example.com"))
    relay.client.post("/twins/pulse/right-key", headers=origin)


@pytest.mark.parametrize("vendor", TWINS)
def test_the_guide_names_what_each_twin_knows(vendor: str) -> None:
    known = {
        "pulse": [FORM_UUID],
        "which50": [str(ContactList().number), *(field.name for field in FIELDS)],
        "whautomate": [LOCATION_ID, "Newsletter"],
    }
    told = GUIDE.read_text(encoding="utf-8").partition("## What the twins know")[2]
    (row,) = [row for row in told.splitlines() if row.startswith(f"| {vendor_title(vendor).partition(' / ')[0]}")]

    assert [name for name in known.get(vendor, []) if f"`{name}`" not in row] == []
