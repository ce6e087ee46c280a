"""`docs/operations.md` explains whatever can be seen on a dashboard, and says for every alarm what to do first."""

from __future__ import annotations

import re
import shlex
from typing import get_args

import boto3
import jmespath  # type: ignore[import-untyped]
import pytest
from botocore import xform_name

from local.template import Template
from shared.delivery.outcome import Outcome
from tests.support.alarms import alarms
from tests.support.paths import ROOT

COMMANDS = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


RUNBOOK = re.findall(r"^### `(\w+Alarm)`\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL)
"""Each alarm, and the text of its entry."""


def test_every_metric_is_explained() -> None:
    sources = [path.read_text() for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py")]
    emitted = r"\b(?:count|gauge_seconds|gauge_milliseconds)\(\"(\w+)\""
    names = {name for source in sources for name in re.findall(emitted, source)}
    names |= {kind.__name__ for kind in get_args(Outcome)}
    assert {name for name in names if f"`{name}`" not in PAGE} == set()


def test_the_runbook_has_one_entry_for_every_alarm_of_the_template() -> None:
    assert sorted(alarm for alarm, _ in RUNBOOK) == sorted(alarms())


@pytest.mark.parametrize("entry", RUNBOOK, ids=lambda entry: entry[0])
def test_an_entry_says_what_failed_what_to_run_first_and_what_to_do_then(entry: tuple[str, str]) -> None:
    failure, block, then = re.split(r"```(?:sh\n)?", entry[1])
    assert min(len(failure), len(then)) > 20
    command = " ".join(block.replace("# needs AWS\n", "").replace("\\\n", " ").split())
    assert exists(command), command


def aws_commands() -> list[str]:
    """Return every command of AWS's tool on the page, on one line."""
    blocks = re.findall(r"^( *)```sh\n(.*?)^\1```$", PAGE, re.MULTILINE | re.DOTALL)
    lines = (line.strip() for _, block in blocks for line in block.replace("\\\n", " ").splitlines())
    return [line for line in lines if line.startswith("aws ")]


SERVICES = {"deploy": "codedeploy"}
"""What AWS's tool calls otherwise than its library."""


def options_of(group: str, operation: str) -> set[str]:
    """Return the options of a command of AWS's tool, as it makes them of the operation's parameters."""
    client = boto3.client(SERVICES.get(group, group), region_name="us-east-1")  # type: ignore[call-overload]
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation.replace("-", "_")])
    parameters = model.input_shape.members if model.input_shape else {}
    return {f"--{xform_name(name, '-')}" for name in parameters}


@pytest.mark.parametrize("command", aws_commands())
def test_a_command_of_aws_exists_with_its_options(command: str) -> None:
    """Nobody has run them against an account: at least each word is one that AWS's tool knows."""
    _, group, operation, *words = shlex.split(command, comments=True)
    given = {word for word in words if word.startswith("--")} - {"--query", "--output"}
    if (group, operation) == ("logs", "tail"):  # the tool's own
        assert given <= {"--since", "--filter-pattern"}
    elif operation == "wait":
        client = boto3.client(group, region_name="us-east-1")  # type: ignore[call-overload]
        assert words[0].replace("-", "_") in client.waiter_names
    else:
        assert given <= options_of(group, operation)


def test_the_versions_to_roll_back_to_are_the_newest_by_number() -> None:
    query = re.search(r"--query '(sort_by\(.*?)'", PAGE)
    assert query is not None
    numbers = ["$LATEST", "1", "10", "9", "11", "2"]
    answer = {"Versions": [{"Version": number, "LastModified": f"day {number}"} for number in numbers]}

    assert jmespath.search(query[1], answer) == [[number, f"day {number}"] for number in ("2", "9", "10", "11")]


def exists(command: str) -> bool:
    """Whether a command is one of ours, a log of this stack, or one that AWS's tool knows."""
    program, *words = command.split()
    if program == "relay":
        return command in {found.strip() for found in re.findall(r"^##+ `(relay [a-z -]+)", COMMANDS, re.MULTILINE)}
    group = re.search(r'"/aws/[^"]+"', command)
    if words[:2] == ["logs", "tail"] and group:
        return group[0].strip('"') in log_groups()
    operation = words[1].replace("-", "_")
    return hasattr(boto3.client(words[0], region_name="us-east-1"), operation)  # type: ignore[call-overload]


def test_the_page_names_what_a_deployment_answers_with() -> None:
    assert [name for name in Template.read(ROOT / "template.yaml").outputs if f"`{name}`" not in PAGE] == []


def log_groups() -> set[str]:
    """Names of the stack's log groups, with the page's variable for the stack's name."""
    template = Template.read(ROOT / "template.yaml")
    groups = (template.resolve(group.properties, {}) for group in template.of_type("AWS::Logs::LogGroup"))
    return {group["LogGroupName"].replace("signup-relay", "$stack") for group in groups}
