"""Importing the handler: what is built in Lambda's INIT phase, and that nothing is asked of the network for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.matrix import first_and_others
from tests.support.paths import ROOT

FORM = """
title = "Newsletter"
[fields.email]
type = "email"
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
"""
IMPORT = """
import socket

def refuse(*arguments):
    raise SystemExit(f"a connection to {arguments[-1]}")

socket.socket.connect = socket.socket.connect_ex = refuse
from functions.submit.handler import application
print(application.cache_info().currsize)
"""
NEEDED = {
    "RETRY_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/retry",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/dead",
    "LEDGER_TABLE": "ledger",
}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1"}


def built(variables: dict[str, str]) -> int:
    """Import the handler in a fresh process without the network; return how many applications it has built."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {**kept, "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "false", **variables}
    command = [sys.executable, "-W", "ignore", "-c", IMPORT]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return int(done.stdout)


@pytest.fixture
def forms(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "newsletter.toml").write_text(FORM)
    (tmp_path / "broken.toml").write_text("no form")
    return {"FORMS_DIR": str(tmp_path)}


def test_with_its_variables_the_first_sign_up_finds_everything_built(forms: dict[str, str]) -> None:
    assert built({**NEEDED, **CREDENTIALS, **forms}) == 1


INCOMPLETE: dict[str, dict[str, str]] = {
    "none": {},
    "only credentials": CREDENTIALS,
    "a malformed one": {**NEEDED, **CREDENTIALS, "DELIVERY_BUDGET_SECONDS": "eight"},
    "no credentials": NEEDED,
    "a profile that does not exist": {**NEEDED, "AWS_PROFILE": "nobody"},
}


@pytest.mark.parametrize("variables", first_and_others(INCOMPLETE))
def test_without_them_the_import_works_all_the_same(variables: str) -> None:
    assert built(INCOMPLETE[variables]) == 0
