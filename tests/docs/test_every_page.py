"""What holds for every page: no long line, no dead link, no shell command that nobody has tried."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from tests.docs.tried_commands import TRIED
from tests.support.doc_commands import START, commands_of, operator_commands, pages
from tests.support.paths import ROOT

MAX_LINE = 120

_FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@cache
def all_pages(root: Path = ROOT) -> tuple[Path, ...]:
    """Return every Markdown file of the repository, also one that is not added to it yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return tuple(path for name in sorted(set(listed.stdout.splitlines())) if (path := root / name).is_file())


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


every_page = pytest.mark.parametrize("page", all_pages(), ids=name_of)


def anchors(page: Path) -> set[str]:
    """Return what can be linked to on a page, as GitHub names its headings."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings)
    return {"".join(c for c in each if _is_kept(c)).replace(" ", "-") for each in plain}


def _is_kept(character: str) -> bool:
    return character in " -_" or unicodedata.category(character)[0] in "LN"


def test_a_page_that_is_not_added_yet_is_held_to_the_rules_too(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("scratch.md\n")
    for name in ("new.md", "scratch.md"):
        (tmp_path / name).write_text("# A page\n")

    assert [page.name for page in all_pages(tmp_path)] == ["new.md"]


@every_page
def test_no_line_is_long(page: Path) -> None:
    lines = enumerate(page.read_text(encoding="utf-8").splitlines(), 1)

    long = [number for number, line in lines if len(line) > MAX_LINE]

    assert long == [], f"lines over {MAX_LINE} characters in {name_of(page)}; where a table is too wide, make it a list"


@every_page
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page.read_text(encoding="utf-8")))
    dead = []
    for link in _LINK.findall(text):
        if re.match(r"https?:|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)

    assert dead == []


def test_every_command_of_the_pages_is_tried_by_a_test_or_needs_aws() -> None:
    # Given the commands that a test of their own runs, and those that are run as they stand on the pages
    in_order = {command for command in commands_of(START) if command.startswith(".venv/bin/relay")}
    tried = {*TRIED, *operator_commands(), *in_order}

    untried = {name_of(page): [c for c in commands_of(page) if c not in tried] for page in pages()}

    assert {page: commands for page, commands in untried.items() if commands} == {}


def test_every_command_that_is_said_to_be_tried_stands_on_a_page() -> None:
    assert sorted(TRIED.keys() - {command for page in pages() for command in commands_of(page)}) == []


@pytest.mark.parametrize("test", sorted(set(TRIED.values())))
def test_every_test_that_tries_a_command_exists(test: str) -> None:
    file, _, name = test.partition("::")

    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


def test_the_gate_runs_the_tests() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert re.search(r"^check: .*\btest\b", makefile, re.MULTILINE)
    assert re.search(r"^make check$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)


def test_python_serves_a_folder() -> None:
    known = subprocess.run([sys.executable, "-m", "http.server", "--help"], capture_output=True, text=True, check=True)

    assert [word for word in ("port", "--bind", "--directory") if word not in known.stdout] == []


def test_the_shell_can_complete_the_command() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "cli", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "--install-completion" in shown.stdout
