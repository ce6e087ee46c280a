"""A release: published as a version, readers before writers, a tenth of the traffic first where that is wanted."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest

from local.template import Template
from tests.packaging.conftest import FUNCTIONS, built
from tests.support.paths import ROOT
from tests.support.template_facts import properties

Resources = dict[str, dict[str, Any]]
WITH_CANARY = ("SubmitFunction", "RetryFunction")
"""What runs once an hour has no traffic to give a tenth of."""


def transformed(**parameters: str) -> Resources:
    """Resources of the template as SAM hands them to CloudFormation."""
    version = re.search(r"^SAM_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    uv = os.environ.get("UV") or shutil.which("uv")
    assert version is not None
    assert uv is not None, "uv is not on PATH: `make packaging` finds it"
    done = subprocess.run(
        [uv, "tool", "run", "--quiet", "--from", f"aws-sam-cli=={version[1]}", "python", "scripts/transform-template"]
        + [f"{name}={value}" for name, value in parameters.items()],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "AWS_DEFAULT_REGION": "us-east-1"},
    )
    resources: Resources = json.loads(done.stdout)["Resources"]
    return resources


@pytest.fixture(scope="module")
def canary() -> Resources:
    return transformed(CanaryRelease="true")


def names_in(value: Any) -> Iterator[str]:
    """Every logical id or parameter that a value refers to."""
    if isinstance(value, list):
        for item in value:
            yield from names_in(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::GetAtt":
                yield inner[0] if isinstance(inner, list) else inner.split(".")[0]
            elif key == "Fn::Sub":
                text = inner if isinstance(inner, str) else inner[0]
                yield from (name.split(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text))
                yield from names_in(inner[1:])
            else:
                yield from names_in(inner)


def needs(resources: Resources) -> dict[str, set[str]]:
    """Each resource with those that CloudFormation creates before it."""
    graph: dict[str, set[str]] = {}
    for name, body in resources.items():
        waits = body.get("DependsOn", [])
        graph[name] = ({waits} if isinstance(waits, str) else set(waits)) | (set(names_in(body)) & set(resources))
    return graph


def everything_before(resources: Resources, name: str) -> set[str]:
    graph = needs(resources)
    found: set[str] = set()
    todo = [name]
    while todo:
        near = graph[todo.pop()] - found
        found |= near
        todo += near
    return found


@pytest.mark.packaging
def test_code_that_reads_messages_is_released_before_code_that_writes_them(canary: Resources) -> None:
    """Else an old reader meets a new form's message, or a newer version's, and buries it."""
    assert "RetryFunctionAliaslive" in everything_before(canary, "SubmitFunction")
    assert "SubmitFunction" not in everything_before(canary, "RetryFunctionAliaslive")


@pytest.mark.packaging
@pytest.mark.parametrize("function", WITH_CANARY)
def test_a_canary_release_is_rolled_back_by_alarms_that_do_not_wait_for_it(canary: Resources, function: str) -> None:
    alias = canary[f"{function}Aliaslive"]
    group = canary[f"{function}DeploymentGroup"]["Properties"]

    assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"] == {
        "Ref": f"{function}DeploymentGroup"
    }
    assert group["AlarmConfiguration"]["Alarms"]
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]


@pytest.mark.packaging
def test_nothing_in_a_canary_release_waits_for_itself(canary: Resources) -> None:
    assert set(TopologicalSorter(needs(canary)).static_order()) == set(canary)


@pytest.mark.packaging
def test_a_first_deployment_has_no_canary_to_wait_for() -> None:
    resources = transformed()
    assert not [name for name, body in resources.items() if "CodeDeploy" in body["Type"]]
    assert "UpdatePolicy" not in resources["SubmitFunctionAliaslive"]


@pytest.mark.packaging
def test_requests_and_messages_go_to_the_released_version_not_to_the_newest_code(canary: Resources) -> None:
    assert canary["RetryFunctionRetryQueue"]["Properties"]["FunctionName"] == {"Ref": "RetryFunctionAliaslive"}
    (target,) = canary["SilenceFunctionEveryHour"]["Properties"]["Targets"]
    assert target["Arn"] == {"Ref": "SilenceFunctionAliaslive"}
    integrations = re.findall(r"functions/\$\{(\w+)\}/invocations", json.dumps(canary["Api"]["Properties"]["Body"]))
    assert set(integrations) == {"SubmitFunctionAliaslive"}


@pytest.mark.packaging
def test_a_release_differs_when_only_a_parameter_or_the_layer_has_changed() -> None:
    """SAM publishes no version for those, so the build writes into the code what it was made from."""
    sources = [ROOT / name for name in ("uv.lock", "template.yaml", "samconfig.toml", "build.mk")]
    together = b"".join(path.read_bytes() for path in sources)
    checksum = subprocess.run(["cksum"], input=together, capture_output=True, check=True).stdout

    assert {(built(function) / "RELEASE").read_bytes() for function in FUNCTIONS} == {checksum}


def test_snap_start_is_off_unless_it_is_asked_for(template: Template) -> None:
    apply_on = properties(template, "SubmitFunction")["SnapStart"]["ApplyOn"]
    assert template.resolve(apply_on, {}) == "None"
    assert template.resolve(apply_on, {"SnapStart": "PublishedVersions"}) == "PublishedVersions"
