"""The operator's commands against the embedded stack: the same as against AWS."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.frame import target
from cli.main import main
from local.env_file import write_env_file
from tests.support.operator import Output, connect_without_waiting
from tests.support.paths import ROOT
from tests.support.stack import Relay
from tests.support.waiting import eventually

pytestmark = pytest.mark.stack

HANG_SECONDS = 120

Run = Callable[..., Output]


@pytest.fixture
def run(relay: Relay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `relay --local …`, which finds the stack by the file that `make run` writes."""
    file = tmp_path / "relay.env"
    write_env_file(file, relay.stack.url, relay.stack.operator_variables())
    monkeypatch.setattr(target, "ENV_FILE", file)

    def run(*words: str) -> Output:
        capsys.readouterr()
        code = main(["--local", *words], connect_without_waiting)
        printed = capsys.readouterr()
        return Output(code, printed.out, printed.err)

    return run


def until(words: bytes, terminal: int) -> bytes:
    """Return what is shown up to these words."""
    shown = b""
    while words not in shown:
        ready, _, _ = select.select([terminal], [], [], HANG_SECONDS)
        assert ready, f"nothing more after {shown!r}"
        shown += os.read(terminal, 4096)
    return shown


def test_a_test_sign_up_is_sent_and_traced(relay: Relay, run: Run) -> None:
    email = relay.person()["email"]

    sent = run("send", "newsletter", "--set", f"email={email}", "--json")

    assert (sent.code, sent.json["status"]) == (0, 200)
    traced = run("trace", sent.json["answer"]["submissionId"], "--json").json
    assert traced["form"] == "newsletter"
    assert [each["state"] for each in traced["destinations"]] == ["delivered", "delivered"]
    assert len(relay.held("pulse", email)) == 1


def test_a_signed_form_is_sent_as_its_sender_signs(relay: Relay, run: Run) -> None:
    sent = run("send", "partner")

    assert sent.code == 0, sent.err
    assert sent.lines[0].startswith(("200 delivered: ", "202 accepted: "))


def test_a_refusal_names_the_field_and_not_its_value(relay: Relay, run: Run) -> None:
    sent = run("send", "newsletter", "--set", "email=no-address")

    assert (sent.code, sent.out) == (1, "")
    assert "  email: " in sent.err
    assert "no-address" not in sent.err


def test_credentials_are_asked_for_at_a_terminal_and_never_shown(relay: Relay) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "cli", "connection", "add", "typed-in", "--vendor", "esputnik", "--untried"]
    environment = {**os.environ, **relay.stack.operator_variables()}
    shown = b""
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=ROOT)
    try:
        os.close(theirs)
        for question, answer in (
            (b"base_url", b"https://esputnik.example.com/api"),
            (b"api_key", b"a-key-that-nobody-may-see"),
            (b"account", b""),
            (b"username", b""),
        ):
            shown += until(question, ours)
            if question == b"api_key":
                # The question is shown before the terminal is told to hide what is typed, and to forget what was.
                eventually(lambda: not termios.tcgetattr(ours)[3] & termios.ECHO)
            os.write(ours, answer + b"\n")
        shown += until(b"stored", ours)
        assert process.wait(timeout=HANG_SECONDS) == 0
    finally:
        process.kill()  # where it waits for more than is typed
        process.wait()
        os.close(ours)

    assert b"a-key-that-nobody-may-see" not in shown
    name = relay.stack.operator_variables()["SECRET_PREFIX"] + "typed-in"
    stored = json.loads(relay.stack.clients.secrets.get_secret_value(SecretId=name)["SecretString"])
    assert stored == {"base_url": "https://esputnik.example.com/api", "api_key": "a-key-that-nobody-may-see"}


def test_what_waits_is_listed_and_arrives_in_the_end(relay: Relay, run: Run) -> None:
    # Given a vendor that fails, and a sign-up that waits for it
    relay.stack.twins["pulse"].fail("status", status=503, count=None)
    sent = run("send", "newsletter", "--set", f"email={relay.person()['email']}", "--json")
    submission_id = sent.json["answer"]["submissionId"]
    assert sent.json["status"] == 202

    def waiting() -> set[str]:
        return {each["submission_id"] for each in run("waiting", "list", "--json").json["deliveries"]}

    eventually(lambda: submission_id in waiting())

    # When it is well again
    relay.stack.twins["pulse"].faults.clear()

    # Then it arrives
    def states() -> set[str]:
        return {each["state"] for each in run("trace", submission_id, "--json").json["destinations"]}

    eventually(lambda: states() == {"delivered"}, seconds=90)
