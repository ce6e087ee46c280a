"""`docs/architecture.md` and `docs/glossary.md` say what the code says."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import get_args

import functions.submit.idempotency
import shared.ledger
from shared.delivery.outcome import Kind
from shared.ledger import signed_requests
from shared.queue.messages import DeadLetter, Message
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
POWERTOOLS = {"payload#", "key#"}


def first_cells(page: str, heading: str) -> list[str]:
    """Return the first cell of each row of the table below a heading."""
    section = page.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return [row[0] for row in rows[1:]]


def test_every_kind_of_ledger_item_is_listed_and_no_other() -> None:
    # Given the prefixes that the ledger's modules name
    modules = [
        importlib.import_module(f"shared.ledger.{found.name}") for found in pkgutil.iter_modules(shared.ledger.__path__)
    ]
    constants = {value for module in modules for value in vars(module).values() if isinstance(value, str)}
    prefixes = {value for value in constants if re.fullmatch(r"[a-z]+#", value)}
    # And those that are written where they are used
    written = {
        found
        for module in (functions.submit.idempotency, signed_requests)
        for found in re.findall(r'f"([a-z]+#)\{', (ROOT / str(module.__file__)).read_text(encoding="utf-8"))
    }

    listed = {prefix for cell in first_cells(PAGE, "Items in the ledger") for prefix in re.findall(r"`([a-z]+#)", cell)}

    assert listed >= POWERTOOLS
    assert listed == prefixes | written


def test_every_outcome_is_listed_and_no_other() -> None:
    assert {cell.strip("`") for cell in first_cells(PAGE, "Outcomes")} == set(get_args(Kind))


def test_every_member_of_a_message_is_listed_and_no_other() -> None:
    cells = first_cells(PAGE, "Messages in the queues")

    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == set(Message.model_fields)


def test_every_attribute_of_a_dead_letter_is_told() -> None:
    letter = DeadLetter("{}", "refused", cause="a cause", answer="an answer")

    assert [name for name in letter.attributes if f"`{name}`" not in PAGE] == []


def test_the_folders_that_decide_are_all_there_are() -> None:
    named = {
        name
        for cell in first_cells(PAGE, "Where each decision is made")
        for name in re.findall(r"`([\w./]+)`", cell)
        if name.startswith("functions/")
    }

    assert named == {f"functions/{path.parent.name}/" for path in ROOT.glob("functions/*/handler.py")}


def test_every_file_and_folder_that_the_pages_name_exists() -> None:
    named = set(re.findall(r"`((?:shared|functions|cli|local|tests)/[\w./-]*)`", PAGE + GLOSSARY))

    assert named
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_a_term_stands_once_and_in_the_order_of_the_alphabet() -> None:
    terms = [line.strip("| ").split(" | ")[0] for line in GLOSSARY.splitlines() if line.startswith("| ")][1:]

    assert terms == sorted(set(terms))
