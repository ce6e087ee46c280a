"""The built artifact, and a Python of the functions' own version to run it with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from local.template import Template
from tests.support.paths import ROOT

BUILD = ROOT / ".aws-sam" / "build"
RUNTIME_VERSION = "3.13"
FUNCTIONS = ("SubmitFunction", "RetryFunction", "SilenceFunction")


@pytest.fixture(scope="session")
def template() -> Template:
    return Template.read(ROOT / "template.yaml")


@pytest.fixture(scope="session", params=FUNCTIONS)
def function(request: pytest.FixtureRequest) -> Path:
    return built(request.param)


@pytest.fixture(scope="session")
def layer() -> Path:
    return built("DependenciesLayer")


@pytest.fixture(scope="session")
def runtime_python() -> str:
    """A Python of the template's version, as `make build` finds it."""
    return output_of("scripts/runtime-python", RUNTIME_VERSION)


@pytest.fixture(scope="session")
def runtime_path(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The layer's packages for this machine, then the runtime's boto3: in Lambda's order."""
    folder = tmp_path_factory.mktemp("runtime")
    output_of("scripts/runtime-packages", RUNTIME_VERSION, str(folder))
    return [folder / "opt", folder / "var"]


def built(resource: str) -> Path:
    folder = BUILD / resource
    assert folder.is_dir(), f"{folder} is missing: run `make build` first"
    return folder


def output_of(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=300)
    return done.stdout.strip()
