"""The command `python -m local`: what it prints, and that no process outlives it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.__main__ import main
from tests.support.paths import ROOT
from tests.support.waiting import eventually

pytestmark = pytest.mark.stack

HANG_SECONDS = 60


def _processes() -> dict[int, int]:
    """Return every living process with its parent."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True)
    rows = [line.split() for line in listed.stdout.splitlines()]
    return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}


def _children(pid: int) -> set[int]:
    children = {child for child, parent in _processes().items() if parent == pid}
    assert len(children) >= 3, "local AWS services and a worker of each function"
    return children


@pytest.fixture
def command(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "--port", "0", "--env-file", str(tmp_path / "relay.env")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # a killed stack cannot remove its files
    )
    yield process
    process.kill()
    process.wait()
    assert process.stdout
    process.stdout.close()


def _url(command: subprocess.Popen[str]) -> str:
    assert command.stdout
    for line in command.stdout:
        if found := re.search(r"Forms +(http://127\.0\.0\.1:\d+)/", line):
            return found.group(1)
    raise AssertionError("the command ended without printing its URL")


def test_an_operator_reaches_it_and_nothing_of_it_outlives_it(command: subprocess.Popen[str], tmp_path: Path) -> None:
    # Given the stack, its processes, and a sign-up that was delivered
    url = _url(command)
    children = _children(command.pid)
    person = {"email": "sentinel@example.com", "partner": "Example Travel"}
    assert httpx.post(f"{url}/forms/partner", json=person, timeout=HANG_SECONDS).status_code == 200

    # When somebody signs up while the vendor is down
    httpx.post(f"{url}/twins/pulse/stop", headers={"Origin": url}, timeout=HANG_SECONDS)
    person["email"] = "sentinel.later@example.com"
    assert httpx.post(f"{url}/forms/partner", json=person, timeout=HANG_SECONDS).status_code == 202

    # Then the operator's command, by the file that the stack has written, tells of the delivery
    status = subprocess.run(
        ["sh", "-c", f". {tmp_path}/relay.env && {sys.executable} -m cli status"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "AWS_PROFILE": "of-another-account"},
        timeout=HANG_SECONDS,
        check=False,
    )
    assert status.returncode == 0, status.stderr
    assert "retry" in status.stdout

    # And who stops the stack is told that it is forgotten; the file and the processes go as well
    command.send_signal(signal.SIGINT)
    assert command.stdout
    told = command.stdout.read()
    assert command.wait(timeout=HANG_SECONDS) == 0
    assert "deliveries that wait (1) and dead letters (0) are forgotten" in told
    assert not (tmp_path / "relay.env").exists()
    eventually(lambda: not children & _processes().keys(), seconds=HANG_SECONDS)


@pytest.mark.matrix
@pytest.mark.parametrize(("end", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_no_process_outlives_one_that_was_ended_otherwise(
    command: subprocess.Popen[str], end: signal.Signals, code: int
) -> None:
    assert httpx.get(_url(command), timeout=HANG_SECONDS).status_code == 200
    children = _children(command.pid)

    command.send_signal(end)

    assert command.wait(timeout=HANG_SECONDS) == code
    eventually(lambda: not children & _processes().keys(), seconds=HANG_SECONDS)


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_an_impossible_port_is_a_mistake_of_the_arguments(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], port: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["local", f"--port={port}"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert "argument --port" in capsys.readouterr().err


def test_a_taken_port_is_reported_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = subprocess.run(
            [sys.executable, "-m", "local", "--port", str(port)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=HANG_SECONDS,
            check=False,
        )

    assert ended.returncode == 1
    assert f"Port {port} cannot be used" in ended.stderr
    assert "--port" in ended.stderr
