from __future__ import annotations

import subprocess
import sys

import pytest
from botocore.exceptions import EndpointConnectionError

from cli.deployment import Deployment
from cli.main import main, parser
from tests.support.paths import ROOT

FORMS = ROOT / "forms"


def test_the_projects_own_forms_pass_as_a_process_of_its_own() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cli", "check", "--forms", str(FORMS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "forms, 0 problems" in ended.stdout.splitlines()[-1]


def test_a_reader_that_leaves_early_is_no_defect() -> None:
    command = [sys.executable, "-m", "cli", "check", "--forms", str(FORMS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (1, "")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in ("check", "status", "holds", "dead-letters", "quarantine", "consents", "erase"))


@pytest.mark.parametrize("words", [[], ["unknown"], ["dead-letters"], ["quarantine", "release"], ["check", "--no"]])
def test_an_unknown_command_is_a_mistake(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(words)

    assert ended.value.code == 2


def test_an_unreachable_aws_is_reported_without_what_was_sent(capsys: pytest.CaptureFixture[str]) -> None:
    def unreachable() -> Deployment:
        raise EndpointConnectionError(endpoint_url="https://sqs.example.com/secret")

    code = main(["status"], unreachable)

    assert code == 2
    said = capsys.readouterr()
    assert said.err == "relay: AWS cannot be reached (EndpointConnectionError); are region and credentials set?\n"
    assert said.out == ""
