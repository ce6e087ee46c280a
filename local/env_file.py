"""Writes the file that points `relay` at the running stack: `. .local/relay.env` in a second terminal."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from local.lambdas.execution import ROOT

ENV_FILE = ROOT / ".local" / "relay.env"


def write_env_file(path: Path, url: str, variables: Mapping[str, str]) -> None:
    """Write `variables` as a shell script, which also unsets the profile and session of real AWS.

    Raises:
        OSError: the file cannot be written.
    """
    lines = [
        f"# Written by `make run`: points `relay` at the embedded stack on {url}, for as long as that runs.",
        "unset AWS_PROFILE AWS_SESSION_TOKEN",
        *(f"export {name}={shlex.quote(value)}" for name, value in variables.items()),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
