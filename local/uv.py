"""Where uv is, which installs what must not be installed beside the project."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / ".tools"
"""Where make installs the uv that it pins."""


def find_uv(variables: Mapping[str, str], tools: Path = TOOLS) -> str | None:
    """Return the path of uv: the one that make names, the one on PATH, or the newest that make installed.

    Args:
        variables: the environment; make sets `UV`.
        tools: the folder in which make installs its own.
    """
    installed = sorted(tools.glob("uv-*/bin/uv"), key=lambda path: path.stat().st_mtime)
    on_path = shutil.which("uv", path=variables.get("PATH", ""))
    return variables.get("UV") or on_path or (str(installed[-1]) if installed else None)
