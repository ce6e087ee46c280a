"""What `make build` puts into the functions' archives and into their layer."""

from __future__ import annotations

import struct
import tomllib
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.packaging

MAGIC_OF_3_13 = struct.pack(
    "<H2s", 3571, b"\r\n"
)  # of every 3.13 release; CPython's Include/internal/pycore_magic_number.h
UNCHECKED_HASH = 0b01  # PEP 552: hash-based, source not looked at
AARCH64 = 183  # ELF's e_machine


def test_a_function_holds_the_code_the_forms_and_the_licence_and_nothing_of_the_embedded_stack(function: Path) -> None:
    assert {path.name for path in function.iterdir()} == {"functions", "shared", "forms", "LICENSE", "RELEASE"}


@pytest.mark.parametrize("folder", ["functions", "shared", "forms"])
def test_a_function_holds_every_file_of_the_tree(function: Path, folder: str) -> None:
    assert files_without_byte_code(function / folder) == files_without_byte_code(ROOT / folder)


def test_every_module_of_a_function_has_byte_code_that_the_runtime_loads_unchecked(function: Path) -> None:
    assert modules_without_usable_byte_code(function) == []


def test_every_module_of_the_layer_has_byte_code_that_the_runtime_loads_unchecked(layer: Path) -> None:
    assert modules_without_usable_byte_code(layer / "python") == []


def test_every_compiled_extension_of_the_layer_is_for_the_functions_processor_and_version(
    layer: Path,
) -> None:
    extensions = list(layer.rglob("*.so*"))
    assert extensions, "pydantic's core is an extension"
    for extension in extensions:
        header = extension.read_bytes()[:20]
        assert header[:4] == b"\x7fELF"
        assert struct.unpack_from("<H", header, 18) == (AARCH64,)
        assert "cpython-313-aarch64" in extension.name or "abi3" in extension.name


def test_every_wheel_of_the_layer_is_made_for_the_functions_platform(layer: Path) -> None:
    for description in layer.rglob("*.dist-info/WHEEL"):
        tags = [line.removeprefix("Tag: ") for line in description.read_text().splitlines() if line.startswith("Tag: ")]
        assert any(tag.endswith("-none-any") or is_for_the_runtime(tag) for tag in tags), (description, tags)


def test_the_layer_holds_the_locked_runtime_packages_without_what_the_runtime_brings(layer: Path) -> None:
    lock = {
        (package["name"], package["version"]) for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    }
    held = {name_and_version(folder) for folder in (layer / "python").glob("*.dist-info")}
    names = {name for name, _ in held}

    assert held <= lock
    assert {
        "aws-lambda-powertools",
        "httpx",
        "pydantic",
        "email-validator",
        "phonenumberslite",
        "jmespath",
    } <= names
    assert not names & {"boto3", "botocore", "s3transfer", "urllib3", "aws-xray-sdk", "pytest", "moto"}
    assert not names & {"pyyaml", "rich", "tomli-w"}, "what only the embedded stack needs"
    assert not names & {"typer", "rich", "shellingham"}, "only the `relay` command needs them"


def test_function_and_layer_together_stay_far_below_what_lambda_takes(function: Path, layer: Path) -> None:
    unpacked = sum(path.stat().st_size for folder in (function, layer) for path in folder.rglob("*") if path.is_file())
    assert unpacked < 50_000_000, "Lambda takes 250 MB, but every module costs cold start"


def modules_without_usable_byte_code(folder: Path) -> list[str]:
    modules = list(folder.rglob("*.py"))
    assert modules, f"{folder} holds no module"
    return [str(module.relative_to(folder)) for module in modules if not has_usable_byte_code(module)]


def has_usable_byte_code(module: Path) -> bool:
    byte_code = module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc"
    if not byte_code.exists():
        return False
    return byte_code.read_bytes()[:8] == MAGIC_OF_3_13 + struct.pack("<I", UNCHECKED_HASH)


def files_without_byte_code(folder: Path) -> set[Path]:
    return {
        path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }


def is_for_the_runtime(tag: str) -> bool:
    interpreter, abi, platform = tag.split("-")
    return platform.endswith("aarch64") and (interpreter, abi) in {("cp313", "cp313"), ("cp39", "abi3")}


def name_and_version(folder: Path) -> tuple[str, str]:
    name, version = folder.name.removesuffix(".dist-info").split("-")
    return name.lower().replace("_", "-"), version
