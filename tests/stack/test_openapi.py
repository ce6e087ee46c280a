"""The running relay keeps to its own description, whatever schemathesis thinks up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.stack import Relay

pytestmark = pytest.mark.stack

CONFIGURATION = """
[parameters]
"path.form_id" = "partner"

[checks]
# The description is the same for every form and cannot say which fields one form takes.
positive_data_acceptance.enabled = false
# Too many fields are too large.
negative_data_rejection.expected-statuses = ["4xx"]
"""


@pytest.mark.parametrize(
    ("phases", "examples"),
    [("examples", 1), pytest.param("examples,coverage,fuzzing,stateful", 80, marks=pytest.mark.matrix)],
)
def test_the_relay_keeps_to_its_description(relay: Relay, tmp_path: Path, phases: str, examples: int) -> None:
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)
    schemathesis = Path(sys.executable).with_name("schemathesis")
    command = f"{schemathesis} --config-file {configuration} run {relay.stack.url}/openapi.json"
    options = f"--phases {phases} --max-examples {examples} --seed 1 --request-timeout 20 --no-color"
    run = subprocess.run(
        [*command.split(), *options.split()], cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
