"""The built artifact, and a Python of the functions' own version to run it with."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from local.template import Template

ROOT = Path(__file__).parents[2]
BUILD = ROOT / ".aws-sam" / "build"
FUNCTIONS = ("SubmitFunction", "RetryFunction")


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
    return output_of("scripts/runtime-python", "3.13")


@pytest.fixture(scope="session")
def runtime_path(runtime_python: str, layer: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The layer's wheels for this machine, then the runtime's boto3: in Lambda's order."""
    folder = tmp_path_factory.mktemp("runtime")
    everything = folder / "everything.txt"
    uv("export", "--locked", "--no-default-groups", "--no-emit-project", "--output-file", str(everything))
    for_layer = ("--requirement", str(layer / "requirements.txt"))
    only_boto3 = ("boto3", "--constraint", str(everything))
    for name, wanted in {"opt": for_layer, "var": only_boto3}.items():
        uv("pip", "install", "--python", runtime_python, "--target", str(folder / name), *wanted)
    return [folder / "opt", folder / "var"]


def built(resource: str) -> Path:
    folder = BUILD / resource
    assert folder.is_dir(), f"{folder} is missing: run `make build` first"
    return folder


def uv(*arguments: str) -> None:
    output_of(os.environ.get("UV", "uv"), *arguments, "--quiet")


def output_of(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=300)
    return done.stdout.strip()
