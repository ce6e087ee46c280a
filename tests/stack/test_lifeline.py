"""The command `python -m local`: what it says, and that nothing outlives it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.paths import ROOT
from tests.support.waiting import eventually

pytestmark = pytest.mark.stack


def _processes() -> dict[int, int]:
    """Every living process with its parent."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True)
    rows = [line.split() for line in listed.stdout.splitlines()]
    return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}


def _children(pid: int) -> set[int]:
    return {child for child, parent in _processes().items() if parent == pid}


def _running(pids: set[int]) -> set[int]:
    return pids & _processes().keys()


@pytest.fixture
def command(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "--port", "0", "--env-file", str(tmp_path / "relay.env")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # who is killed cannot tidy up
    )
    yield process
    process.kill()
    process.wait()
    assert process.stdout
    process.stdout.close()


def _url(command: "subprocess.Popen[str]") -> str:
    assert command.stdout
    for line in command.stdout:
        if found := re.search(r"Forms +(http://127\.0\.0\.1:\d+)/", line):
            return found.group(1)
    raise AssertionError("the command ended without telling its URL")


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_everything_ends_with_the_command(command: "subprocess.Popen[str]", end: signal.Signals) -> None:
    url = _url(command)
    assert httpx.get(url).status_code == 200
    children = _children(command.pid)
    assert len(children) >= 3  # local AWS services and a worker of each function

    os.kill(command.pid, end)

    command.wait(timeout=15)
    assert command.returncode == (-signal.SIGKILL if end == signal.SIGKILL else 0)
    eventually(lambda: not _running(children), seconds=5)


def test_the_operators_command_reaches_the_stack_by_the_file_that_it_writes(
    command: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    url = _url(command)
    person = {"email": "sentinel@example.com", "partner": "Example Travel"}
    assert httpx.post(f"{url}/forms/partner", json=person, timeout=30).status_code == 200

    status = _in_shell(f". {tmp_path}/relay.env && {sys.executable} -m cli status")

    assert status.returncode == 0, status.stderr
    assert "retry" in status.stdout
    command.send_signal(signal.SIGINT)
    command.wait(timeout=15)
    assert not (tmp_path / "relay.env").exists()


def _in_shell(line: str) -> "subprocess.CompletedProcess[str]":
    elsewhere = {"PATH": os.environ["PATH"], "AWS_PROFILE": "of-another-account"}
    return subprocess.run(
        ["sh", "-c", line],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=elsewhere,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_port_that_cannot_be_is_told_as_such(port: str) -> None:
    told = _in_shell(f"{sys.executable} -m local --port={port}")

    assert told.returncode == 2
    assert "argument --port" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_port_that_is_taken_is_told_with_the_way_out(command: "subprocess.Popen[str]") -> None:
    port = _url(command).rpartition(":")[2]

    second = subprocess.run(
        [sys.executable, "-m", "local", "--port", port],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=30,
        check=False,
    )

    assert second.returncode == 1
    assert f"Port {port} cannot be used" in second.stderr
    assert "--port" in second.stderr
