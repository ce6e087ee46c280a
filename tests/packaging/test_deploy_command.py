"""`make deploy`: asks nothing, runs without a terminal, takes its stage and forms, and ships no broken form."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

CONFIGURATION: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text())


@pytest.fixture
def uv(tmp_path: Path) -> Path:
    """Stands in for uv, and so for the SAM CLI: writes down what it is asked to run."""
    script = tmp_path / "uv"
    script.write_text(f'#!/bin/sh\necho "$FORMS: $*" >> "{tmp_path}/calls"\n')
    script.chmod(0o755)
    return script


def make(uv: Path, *arguments: str) -> tuple[int, list[str]]:
    """Run make without a terminal; its exit code, and what was asked of the SAM CLI."""
    done = subprocess.run(
        ["make", "--old-file=.venv/.ready", f"UV={uv}", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={name: value for name, value in os.environ.items() if name not in {"ARGS", "FORMS", "STAGE", "MAKEFLAGS"}},
    )
    calls = uv.with_name("calls")
    return done.returncode, calls.read_text().splitlines() if calls.exists() else []


def test_a_stage_is_deployed_with_its_own_forms_and_without_a_question(uv: Path) -> None:
    code, calls = make(uv, "deploy", "STAGE=staging", "FORMS=forms")

    assert code == 0
    build, deploy = calls
    assert build.startswith("forms: ")
    assert build.endswith(" sam build")
    assert deploy.endswith(" sam deploy --config-env staging")


def test_production_and_the_forms_folder_are_what_is_deployed_by_default(uv: Path) -> None:
    _, calls = make(uv, "deploy")
    assert calls[-1].startswith("forms: ")
    assert calls[-1].endswith("--config-env production")


@pytest.mark.parametrize("target", ["build", "deploy"])
def test_broken_forms_are_neither_built_nor_deployed(uv: Path, tmp_path: Path, target: str) -> None:
    forms = tmp_path / "forms-broken"
    forms.mkdir()
    (forms / "newsletter.toml").write_text('title = "No fields, no destination"\n')

    code, calls = make(uv, target, f"FORMS={forms}")

    assert code != 0
    assert calls == []


@pytest.mark.parametrize("stage", ["staging", "production"])
def test_a_stage_knows_all_that_sam_would_ask_for(stage: str) -> None:
    parameters = CONFIGURATION[stage]["deploy"]["parameters"]
    assert parameters["confirm_changeset"] is False
    assert parameters["fail_on_empty_changeset"] is False
    assert parameters["resolve_s3"] is True
    assert parameters["capabilities"] == "CAPABILITY_IAM"
    assert "guided" not in parameters


def test_stages_are_stacks_of_their_own() -> None:
    names = [CONFIGURATION[stage]["deploy"]["parameters"]["stack_name"] for stage in ("staging", "production")]
    assert len(set(names)) == 2
