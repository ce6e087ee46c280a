"""What a cold start loads: an import costs every cold start, so a new one is a decision, made here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.init_phase import GARBAGE_THRESHOLD
from tests.support.form_texts import PULSE_AND_EMAIL
from tests.support.paths import ROOT

BOTH = {
    *("aws_lambda_powertools", "jmespath"),
    *("boto3", "botocore", "dateutil", "s3transfer", "six", "urllib3"),
    *("httpx", "httpcore", "h11", "anyio", "certifi", "idna"),
    *("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"),
}
"""Packages of others that both functions may load."""

LIBRARIES = {
    "submit": BOTH | {"email_validator", "python_multipart", "standardwebhooks"},
    "retry": BOTH,
}

ONLY_HERE = {"click", "rich", "pygments"}
"""What httpx loads for its command line where it is there; it is not deployed."""

NEVER = {
    "submit": {"aws_lambda_powertools.event_handler.openapi.models", "functions.retry"},
    "retry": {"aws_lambda_powertools.event_handler", "functions.submit"},
}
"""Modules that somebody might pull in unawares."""

LOADED = "json.dumps([name for name, module in sys.modules.items() if module])"
NOTE_LOOKS = "looks = []; gc.callbacks.append(lambda phase, info: looks.append(phase))"
LOOKS_FOR_GARBAGE = "looks.count('start')"
OBJECTS_LOOKED_AT = "len(gc.get_objects())"
MADE_BEFORE_A_LOOK = "gc.get_threshold()[0]"
NOTE_FOLDERS = "folders = []; sys.addaudithook(lambda event, of: folders.extend(of) if event == 'os.listdir' else None)"
NOTE_FILES = "files = []; sys.addaudithook(lambda event, of: files.append(str(of[0])) if event == 'open' else None)"
FOLDERS_OF_SERVICES = "sum('botocore/data' in str(folder) for folder in folders)"
TABLE_OF_ADDRESSES = "sum('botocore/data/endpoints' in file for file in files)"
WHAT_IS_INSTALLED = "sum(file.endswith('entry_points.txt') for file in files)"


def loaded(function: str, forms: Path) -> set[str]:
    """The modules that a function's environment holds at the end of its INIT phase."""
    return set(json.loads(after_init(function, forms, LOADED)))


def after_init(function: str, forms: Path, expression: str) -> str:
    """What an expression's value is at the end of a function's INIT phase."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "FORMS_DIR": str(forms),
        "LEDGER_TABLE": "ledger",
        "RETRY_QUEUE_URL": "http://127.0.0.1:9/retry",
        "DEAD_LETTER_QUEUE_URL": "http://127.0.0.1:9/dead",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_LAMBDA_FUNCTION_NAME": "relay",
        "LAMBDA_TASK_ROOT": str(ROOT),
    }
    notes = f"{NOTE_FOLDERS}; {NOTE_FILES}; {NOTE_LOOKS}"
    program = f"import gc, json, sys; {notes}; import functions.{function}.handler; print({expression})"
    command = [sys.executable, "-P", "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout


def libraries(modules: set[str]) -> set[str]:
    """Of these, the packages that are neither ours nor Python's."""
    known = sys.stdlib_module_names | {"functions", "shared"} | ONLY_HERE
    return {name for name in (module.partition(".")[0] for module in modules) if name not in known and name[0] != "_"}


def vendors(modules: set[str]) -> set[str]:
    return {name.split(".")[2] for name in modules if name.startswith("shared.vendors.") and name.endswith(".actions")}


@pytest.mark.parametrize("function", ["submit", "retry"])
def test_a_cold_start_loads_what_its_forms_use_and_nothing_else(function: str, tmp_path: Path) -> None:
    (tmp_path / "news.toml").write_text(PULSE_AND_EMAIL)

    modules = loaded(function, tmp_path)

    assert libraries(modules) <= LIBRARIES[function]
    assert modules & NEVER[function] == set()
    assert vendors(modules) == {"pulse"}
    assert "shared.forms.phone_numbers" not in modules


def test_what_a_form_uses_is_loaded_before_the_first_sign_up(tmp_path: Path) -> None:
    (tmp_path / "news.toml").write_text(PULSE_AND_EMAIL + '[fields.phone]\ntype = "phone"\n')

    assert "phonenumbers" in loaded("submit", tmp_path)


@pytest.mark.parametrize("function", ["submit", "retry"])
def test_a_cold_start_does_not_look_for_garbage_and_later_looks_leave_out_what_it_built(
    function: str, tmp_path: Path
) -> None:
    (tmp_path / "news.toml").write_text(PULSE_AND_EMAIL)

    expressions = f"{LOOKS_FOR_GARBAGE}, {OBJECTS_LOOKED_AT}, {MADE_BEFORE_A_LOOK}"
    looks, objects, made_before_a_look = map(int, after_init(function, tmp_path, expressions).split())

    assert looks <= 1  # the first of those to come, at nothing
    assert objects < 1000
    assert made_before_a_look == GARBAGE_THRESHOLD


def test_a_cold_start_looks_for_no_services_that_it_does_not_call(tmp_path: Path) -> None:
    assert int(after_init("submit", tmp_path, FOLDERS_OF_SERVICES)) < 20


@pytest.mark.parametrize("unread", [TABLE_OF_ADDRESSES, WHAT_IS_INSTALLED])
def test_a_cold_start_reads_no_long_lists_of_others(unread: str, tmp_path: Path) -> None:
    """Neither AWS's addresses of all services nor the plugins of all packages."""
    assert int(after_init("submit", tmp_path, unread)) == 0
