"""`docs/operations.md` explains whatever can be seen on a dashboard, and says for every alarm what to do first."""

from __future__ import annotations

import re
from typing import get_args

import boto3
import pytest

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
