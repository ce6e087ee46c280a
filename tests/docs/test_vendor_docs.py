"""What `docs/vendors.md` says is true: each test, option, key, call and method it names exists, and none is missing."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache

from shared.vendors.client import VendorClient
from shared.vendors.connection import Connection
from shared.vendors.registry import ACTIONS
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "vendors.md").read_text(encoding="utf-8")
VENDORS = {vendor for vendor, _ in ACTIONS}
TITLES = {
    vendor: title
    for title in re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    if (vendor := title.casefold().replace(" ", "")) in VENDORS
}
"""Vendor → its heading on the page: the registered name, but for capitals and spaces."""
TRAPS_IN_THE_VENDORS_PAGES = {"pulse": 17, "which50": 17, "higherlogic": 11, "esputnik": 10, "whautomate": 10}
"""How many a careful reader of the vendor's documentation counted; the page may know more."""


def section(title: str, level: str) -> str:
    """Return the text below a heading, up to the next one of its level or above."""
    [found] = re.findall(
        rf"^{level} {re.escape(title)}$\n(.*?)(?=^#{{2,{len(level)}}} |\Z)", PAGE, re.MULTILINE | re.DOTALL
    )
    return str(found)


def rows(table: str) -> Iterator[list[str]]:
    """Yield the cells of a table's rows, without its head."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def traps(vendor: str) -> list[list[str]]:
    return list(rows(section(f"{TITLES[vendor]}: traps", "###")))


COMMON = section("What holds for every vendor", "##")


@cache
def known_tests() -> frozenset[str]:
    """Return the names of all tests of this project."""
    files = (ROOT / "tests").rglob("*.py")  # the conformance suite is inherited, so its files have other names
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    names = {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return frozenset(name for name in names if name.startswith("test_"))


def clients() -> dict[str, type[VendorClient]]:
    """Return every vendor's client by the name of its class."""
    for path in (ROOT / "shared" / "vendors").glob("*/*.py"):
        importlib.import_module(f"shared.vendors.{path.parent.name}.{path.stem}")
    found = [
        *VendorClient.__subclasses__(),
        *(sub for each in VendorClient.__subclasses__() for sub in each.__subclasses__()),
    ]
    return {client.__name__: client for client in found if client.__module__.startswith("shared.")}


def test_every_registered_vendor_has_its_section_and_its_traps() -> None:
    assert set(TITLES) == VENDORS
    assert set(TRAPS_IN_THE_VENDORS_PAGES) <= VENDORS
    for title in TITLES.values():
        assert section(title, "##")


def test_every_trap_names_tests_that_exist() -> None:
    for vendor in TITLES:
        for number, trap, named in traps(vendor):
            found = re.findall(r"`(test_\w+)`", named)
            assert found, f"{vendor} trap {number}, {trap}, names no test"
            assert not set(found) - known_tests(), f"{vendor} trap {number}"


def test_every_test_named_anywhere_on_the_page_exists() -> None:
    assert not set(re.findall(r"\btest_\w+", PAGE)) - known_tests()


def test_no_trap_of_the_vendors_page_is_missing() -> None:
    for vendor in TITLES:
        numbers = [int(number) for number, _, _ in traps(vendor)]
        assert numbers == list(range(1, len(numbers) + 1)), vendor
        assert len(numbers) >= TRAPS_IN_THE_VENDORS_PAGES.get(vendor, 1), vendor


def test_every_option_and_every_key_of_a_secret_is_explained() -> None:
    for (vendor, action), spec in ACTIONS.items():
        text = section(TITLES[vendor], "##")
        assert f"### `{action}`" in text
        of_all_vendors = {name for name in Connection.model_fields if f"`{name}`" in COMMON}
        names = {*spec.options.model_fields, *spec.connection.model_fields} - of_all_vendors
        assert not {name for name in names if f"`{name}`" not in text}, (vendor, action)


def test_the_table_of_clients_holds_every_public_method_and_no_other() -> None:
    shown = {
        cells[0].split("`")[1]: set(re.findall(r"`(\w+)\(\)`", " ".join(cells[1:])))
        for cells in rows(section("Calling a vendor from your own code", "##"))
    }
    real = {
        name: {member for member in vars(client) if not member.startswith("_") and callable(getattr(client, member))}
        for name, client in clients().items()
    }
    assert shown == real


def test_the_read_only_call_that_tries_credentials_is_named_where_there_is_one() -> None:
    named = {cells[0]: cells[1] for cells in rows(section("Trying credentials", "##"))}
    with_probe = {vendor for (vendor, _), spec in ACTIONS.items() if spec.probe is not None}
    assert {vendor for vendor, title in TITLES.items() if "`GET " in named[title]} == with_probe
