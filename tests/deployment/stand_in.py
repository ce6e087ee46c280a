"""The stand-in for AWS, and what of the template it can take.

Left out, because ministack refuses or ignores it: alarms on metric math and metric queries, the routes of an HTTP API
that SAM writes as an OpenAPI body, and Python 3.13 on arm64, in whose place functions run in the stand-in's own Python.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml

from local.template import REGION, CloudFormationLoader
from tests.support.paths import ROOT

BUILD = ROOT / ".aws-sam" / "build"


@dataclass(frozen=True)
class Account:
    """An AWS account on this machine, with the SAM CLI."""

    url: str
    report: Path

    def client(self, service: str) -> Any:
        """Return a client of one of its services."""
        session: Any = boto3.Session("local", "local", region_name=REGION)  # whose stubs know no services by variable
        return session.client(service, endpoint_url=self.url)

    def deploy(self, stage: str, *arguments: str) -> dict[str, str]:
        """Deploy a stage as `make deploy` does, without a terminal; returns the outputs of its stack."""
        files = ("--template-file", str(_reduced()), "--config-file", str(ROOT / "samconfig.toml"))
        self._sam("deploy", *files, "--config-env", stage, *arguments)
        name = arguments[arguments.index("--stack-name") + 1] if "--stack-name" in arguments else _stack_of(stage)
        (stack,) = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def delete(self, stage: str) -> None:
        """Delete the stack of a stage."""
        self._sam("delete", "--stack-name", _stack_of(stage), "--no-prompts")

    def _sam(self, *arguments: str) -> None:
        """Run the SAM CLI of the Makefile's version; what it says goes to the report."""
        version = re.search(r"^SAM_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
        uv = os.environ.get("UV") or shutil.which("uv")
        assert version is not None
        assert uv is not None, "uv is not on PATH: `make deploy-check` finds it"
        began = time.monotonic()
        done = subprocess.run(
            [uv, "tool", "run", "--quiet", "--from", f"aws-sam-cli=={version[1]}", "sam", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
                "AWS_ENDPOINT_URL": self.url,
                "AWS_ACCESS_KEY_ID": "local",
                "AWS_SECRET_ACCESS_KEY": "local",
                "AWS_DEFAULT_REGION": REGION,
                "SAM_CLI_TELEMETRY": "0",
            },
        )
        with self.report.open("a", encoding="utf-8") as report:
            report.write(f"\n$ sam {' '.join(arguments)}\n{done.stdout}")
            report.write(f"exit code {done.returncode} after {time.monotonic() - began:.0f} s\n")
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def left_out() -> list[str]:
    """Names of the resources that the stand-in refuses."""
    return [name for name, body in _template()["Resources"].items() if _is_refused(body)]


def _is_refused(resource: dict[str, Any]) -> bool:
    return resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]


def _template() -> dict[str, Any]:
    with (BUILD / "template.yaml").open(encoding="utf-8") as file:
        document: dict[str, Any] = yaml.load(file, Loader=CloudFormationLoader)  # noqa: S506 - a SafeLoader
    return document


def _reduced() -> Path:
    """Write the built template without what the stand-in refuses, with a layer for this machine."""
    document = _template()
    for name in left_out():
        del document["Resources"][name]
    for function in ("SubmitFunction", "RetryFunction"):
        document["Resources"][function]["Properties"].pop("DeploymentPreference")  # its alarms are among those
    document["Globals"]["Function"]["Environment"]["Variables"]["RETRY_BASE_SECONDS"] = "1"  # not worth waiting for
    document["Resources"]["DependenciesLayer"]["Properties"]["ContentUri"] = str(_layer())
    path = BUILD / "stand-in.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _layer() -> Path:
    """Return what the layer holds, for the Python in which the stand-in runs functions."""
    folder = BUILD / "StandInLayer"
    if not folder.exists():
        uv = os.environ.get("UV") or "uv"
        requirements = BUILD / "DependenciesLayer" / "requirements.txt"
        subprocess.run(
            [
                *(uv, "pip", "install", "--quiet", "--python", sys.executable),
                *("--requirement", str(requirements), "--target", str(folder / "python")),
            ],
            check=True,
            timeout=300,
        )
    return folder


def _stack_of(stage: str) -> str:
    configuration = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    return str(configuration[stage]["deploy"]["parameters"]["stack_name"])
