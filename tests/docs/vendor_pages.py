"""Reads a vendor's page: its sections, and the lists in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


def section(page: str, heading: str) -> str:
    """Return the text below a heading, such as `## Secret`, up to the next one of its level or above."""
    level = len(heading.partition(" ")[0])
    [found] = re.findall(rf"^{re.escape(heading)}$\n(.*?)(?=^#{{2,{level}}} |\Z)", page, re.MULTILINE | re.DOTALL)
    return str(found)


def items(text: str) -> Iterator[str]:
    """Yield the entries of a list, each as one line."""
    for item in re.findall(r"^(?:-|\d+\.) .*(?:\n +.*)*", text, re.MULTILINE):
        yield re.sub(r"\s*\n\s+", " ", item)


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after the colon of a list's entries, such as "- credentials: `GET /account`"."""
    for item in items(text):
        before, _, after = item.removeprefix("- ").partition(": ")
        yield before, after


@dataclass(frozen=True)
class ToldOption:
    """An entry of a page's list of options: "- `tags`, default `[]`, yours: what it does"."""

    name: str
    default: str
    mark: str


def told_options(page: str, action: str) -> list[ToldOption]:
    """Return what a page tells of an action's options."""
    text = section(section(page, f"## `{action}`"), "### Options")
    form = re.compile(r"- `([^`]+)`, (required|no default|default `[^`]+`), (\w+)[^:]*: .+")
    found = []
    for item in items(text):
        told = form.fullmatch(item)
        assert told, f"must look like “- `tags`, default `[]`, yours: …”: {item}"
        found.append(ToldOption(*told.groups()))
    return found


def marked_rules(page: str) -> Iterator[tuple[str, str]]:
    """Yield the mark of each rule, and what changes it: "- guess: what is assumed; changed by `tags`"."""
    for mark, rule in pairs(section(page, "## Facts and guesses")):
        yield mark.partition(" ")[0], rule.partition("; changed by ")[2]


def code_in(text: str) -> list[str]:
    """Return what stands in code spans."""
    return re.findall(r"`([^`]+)`", text)
