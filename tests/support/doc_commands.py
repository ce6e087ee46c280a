"""The shell commands of the documentation: fenced blocks of the language `sh`."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.paths import ROOT

NEEDS_AWS = "# needs AWS"
"""First line of a block whose commands cannot be tried without an account."""

_BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Return the pages that people read: README, CONTRIBUTING and everything in `docs/` and `examples/`."""
    folders = (page for folder in ("docs", "examples") for page in (ROOT / folder).rglob("*.md"))
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(folders)]


def commands_of(page: Path) -> list[str]:
    """Return the commands of a page that need no AWS, without comments, each on one line."""
    blocks = [block for _, block in _BLOCK.findall(page.read_text(encoding="utf-8"))]
    return [command for block in blocks if NEEDS_AWS not in block for command in _commands_in(block)]


START = ROOT / "docs" / "start.md"
"""A page whose commands need what the ones before them left: its own test runs them in their order."""


def operator_commands() -> list[str]:
    """Return the commands of the other pages that run the operator's command on a deployment of the environment."""
    found = {command for page in pages() if page != START for command in commands_of(page)}
    return sorted(
        command for command in found if re.match(r"(\.venv/bin/)?relay (?!--stack|--profile|--install)", command)
    )


def _commands_in(block: str) -> list[str]:
    lines = (re.sub(r"(^|\s+)#.*", "", line).strip() for line in block.replace("\\\n", " ").splitlines())
    return [" ".join(line.split()) for line in lines if line]


def post_of(command: str) -> tuple[str, dict[str, str], str]:
    """Return path, headers (lower case) and body of the request that a `curl` command of a page sends."""
    program, *words = shlex.split(command)
    assert program == "curl"
    given = [(option, words[place + 1]) for place, option in enumerate(words) if option in {"-H", "-d"}]
    split = (text.split(": ", 1) for option, text in given if option == "-H")
    headers = {name.lower(): value for name, value in split}
    (url,) = (word for word in words if word.startswith("http://"))
    (body,) = (text for option, text in given if option == "-d")
    return urlsplit(url).path, headers, body
