from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from botocore.exceptions import EndpointConnectionError

from cli.deployment import Deployment
from cli.frame.loading import load
from cli.frame.terminal import print_table
from cli.main import COMMANDS, main
from tests.support.matrix import first_and_others
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
    code = main(["--help"])

    assert code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in ("check", "status", "holds", "dead-letters", "quarantine", "consents", "erase"))


def test_help_answers_without_loading_what_talks_to_aws() -> None:
    script = "import sys; from cli.main import main; main(['--help']); sys.exit(','.join(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)

    loaded = set(ended.stderr.strip().split(","))
    assert "cli.main" in loaded
    assert not loaded & {"boto3", "botocore", "pydantic", "shared.forms", "aws_lambda_powertools"}


COMPLETED = {
    "dead-letters list --form news": "newsletter",
    "dead": "dead-letters",
    "dead-letters re": "replay",
    "send news": "newsletter",
    "status --j": "--json",
}


@pytest.mark.parametrize("words", first_and_others(COMPLETED))
def test_the_shell_completes_commands_options_and_form_ids(words: str) -> None:
    environment = {
        **os.environ,
        "_RELAY_COMPLETE": "complete_bash",
        "COMP_WORDS": f"relay {words}",
        "COMP_CWORD": str(len(words.split())),
        "FORMS_DIR": str(FORMS),
    }
    ended = subprocess.run(
        [sys.executable, "-m", "cli"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert COMPLETED[words] in ended.stdout.split()


def test_each_line_in_the_list_of_commands_is_what_the_command_says_of_itself() -> None:
    assert {name: load(module).help.partition(" Exit code")[0] for name, module, _ in COMMANDS} == {
        name: text for name, _, text in COMMANDS
    }


@pytest.mark.parametrize("width", [50, 79, 80, 81, 100, 120, 160])
def test_a_table_on_a_terminal_keeps_its_width_and_cuts_no_id(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    ids, times = ["b" * 32, "c" * 32], "2026-11-21T22:23:21Z"
    headings = ["submission_id", "form", "attempts", "first_failed_at", "next_try"]
    printed = io.StringIO()

    print_table([[*headings, "cause"], *([each, "newsletter", "2", times, times, "no " * 30] for each in ids)], printed)
    print_table([headings, *([each, "newsletter", "2", times, times] for each in ids)], printed)

    lines = printed.getvalue().splitlines()
    assert all(len(line) <= width for line in lines)
    words = [word for line in lines for word in line.split()]
    assert [words.count(word) for word in (*ids, times, "newsletter")] == [2, 2, 8, 4]


@pytest.mark.parametrize("words", [[], ["unknown"], ["dead-letters"], ["quarantine", "release"], ["check", "--no"]])
def test_an_unknown_command_is_a_mistake(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code = main(words)

    assert code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("relay: ")
    assert said.err.endswith(" --help'.\n")


def test_an_unreachable_aws_is_reported_without_what_was_sent(capsys: pytest.CaptureFixture[str]) -> None:
    def unreachable() -> Deployment:
        raise EndpointConnectionError(endpoint_url="https://sqs.example.com/secret")

    code = main(["status"], unreachable)

    assert code == 2
    said = capsys.readouterr()
    assert said.err == "relay: AWS cannot be reached (EndpointConnectionError); are region and credentials set?\n"
    assert said.out == ""
