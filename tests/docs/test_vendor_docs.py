"""What `docs/vendors.md` and the vendors' own pages say is true: each test, option, key, call and method they name
exists, and none is missing.
"""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from cli.form_schema import form_schema
from shared.vendors.client import VendorClient
from shared.vendors.connection import Connection
from shared.vendors.protocol import ActionSpec
from shared.vendors.registry import ACTIONS
from tests.docs.vendor_pages import code_in, items, marked_rules, pairs, section, told_options
from tests.support.known_tests import known_tests
from tests.support.paths import ROOT
from tests.support.vendor_options import options_of
from tests.vendors.example.mailroom import ACTIONS as EXAMPLE_ACTIONS

INDEX = (ROOT / "docs" / "vendors.md").read_text(encoding="utf-8")
VENDORS = sorted({vendor for vendor, _ in ACTIONS})
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "vendors").glob("*.md"))}
EXAMPLE = (ROOT / "tests" / "vendors" / "example" / "mailroom.md").read_text(encoding="utf-8")
TRAPS_IN_THE_VENDORS_PAGES = {"pulse": 17, "which50": 17, "higherlogic": 11, "esputnik": 10, "whautomate": 10}
"""How many a careful reader of the vendor's documentation counted; the page may know more."""

NAMED_ON = (
    ("README.md", None),
    ("CHANGELOG.md", None),
    ("docs/vendors.md", "vendor's search may lag (`SEARCH_LAG_SECONDS`)."),
    ("docs/vendors.md", "### How many requests a vendor bears"),
    ("docs/operations.md", "## Secrets"),
    ("docs/privacy.md", "| vendor | call | remark |"),
    ("docs/guarantees.md", "### When the outcome of a write is unknown"),
    ("docs/start.md", "| vendor | what a form file can name |"),
)
"""Pages that tell something of each vendor by its title, and after what words; None: anywhere."""

every_vendor = pytest.mark.parametrize("vendor", VENDORS)
every_action = pytest.mark.parametrize("spec", ACTIONS.values(), ids=["-".join(key) for key in ACTIONS])


def written(field: FieldInfo) -> str:
    """Return an option's default as the page has it."""
    if field.is_required():
        return "required"
    default: Any = field.get_default(call_default_factory=True)
    if default is None:
        return "no default"
    return f"default `{json.dumps(list(default) if isinstance(default, tuple) else default)}`"


def clients() -> dict[str, type[VendorClient]]:
    """Return every vendor's client by the name of its class."""
    for path in (ROOT / "shared" / "vendors").glob("*/*.py"):
        importlib.import_module(f"shared.vendors.{path.parent.name}.{path.stem}")
    found = [
        *VendorClient.__subclasses__(),
        *(sub for each in VendorClient.__subclasses__() for sub in each.__subclasses__()),
    ]
    return {client.__name__: client for client in found if client.__module__.startswith("shared.")}


def test_every_registered_vendor_has_a_page_and_the_index_leads_to_it() -> None:
    assert sorted(PAGES) == VENDORS, "docs/vendors/<vendor>.md is a vendor's page"
    assert sorted(re.findall(r"\]\(vendors/(\w+)\.md\)", INDEX)) == VENDORS, "docs/vendors.md begins with a table"


@every_vendor
@pytest.mark.parametrize(("page", "after"), NAMED_ON)
def test_a_page_that_tells_of_each_vendor_names_it(vendor: str, page: str, after: str | None) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    told = text if after is None else re.split(r"\n(?:#|(?:- )?\*\*)", text.partition(f"{after}\n")[2], maxsplit=1)[0]

    title = PAGES[vendor].splitlines()[0].removeprefix("# ")

    assert title in told, f"{page} tells nothing of {title}" + (f" after “{after}”" if after else "")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "local/twins/README.md", "docs/guarantees.md"])
def test_no_page_counts_the_vendors(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")

    assert re.findall(r"(?i)\b(?:five|six|seven|eight) vendors\b", text) == []


@every_action
def test_the_options_of_an_action_are_those_of_its_page_with_their_defaults(spec: ActionSpec) -> None:
    told = {option.name: option.default for option in told_options(PAGES[spec.vendor], spec.action)}

    assert told == {name: written(field) for name, field in options_of(spec).items()}


def test_the_page_that_is_to_be_copied_tells_of_its_options_like_the_others() -> None:
    told = {option.name: option.default for option in told_options(EXAMPLE, "upsert")}

    assert told == {name: written(field) for name, field in options_of(EXAMPLE_ACTIONS[0]).items()}


@every_action
def test_every_option_is_marked_as_fact_guess_or_yours(spec: ActionSpec) -> None:
    assert [
        option
        for option in told_options(PAGES[spec.vendor], spec.action)
        if option.mark not in ("fact", "guess", "yours")
    ] == []


@every_action
def test_what_the_code_assumes_the_page_calls_a_guess(spec: ActionSpec) -> None:
    schema = form_schema()
    [options] = [
        each["properties"]["options"]["$ref"].rpartition("/")[2]
        for each in schema["properties"]["destinations"]["items"]["oneOf"]
        if each["title"] == f"{spec.vendor} {spec.action}"
    ]
    described = schema["$defs"][options]["properties"]
    assumed = {name for name, each in described.items() if "assumed" in each.get("description", "")}

    assert [
        option
        for option in told_options(PAGES[spec.vendor], spec.action)
        if option.name in assumed and option.mark != "guess"
    ] == []


@every_vendor
def test_every_rule_is_marked_as_fact_or_guess(vendor: str) -> None:
    assert {mark for mark, _ in marked_rules(PAGES[vendor])} <= {"fact", "guess"}
    assert list(marked_rules(PAGES[vendor]))


@every_vendor
def test_an_option_that_changes_a_guess_exists(vendor: str) -> None:
    known = {name for spec in ACTIONS.values() if spec.vendor == vendor for name in options_of(spec)}
    known |= {name.partition(".")[0] for name in known}

    named = [name for _, change in marked_rules(PAGES[vendor]) for name in code_in(change)]

    assert {name for name in named if not name.startswith("relay ")} <= known


@every_action
def test_what_is_sent_when_is_told(spec: ActionSpec) -> None:
    text = section(PAGES[spec.vendor], f"## `{spec.action}`")

    calls = [call for _, _, call in (item.partition("**, ") for item in items(section(text, "### What is sent when")))]

    assert all(calls), "each must look like “- **nobody has the address**, `POST /contacts`: all that was given”"
    assert any(re.search(r"`(POST|PUT|PATCH) /", call) for call in calls)


@every_vendor
def test_every_key_of_a_secret_is_explained(vendor: str) -> None:
    [connection] = {spec.connection for spec in ACTIONS.values() if spec.vendor == vendor}
    of_all_vendors = {name for name in Connection.model_fields if f"`{name}`" in INDEX} - {"base_url"}

    told = {name for keys, _ in pairs(section(PAGES[vendor], "## Secret")) for name in code_in(keys)}

    assert told == set(connection.model_fields) - of_all_vendors


@every_vendor
def test_what_a_live_check_tries_is_told_with_the_call_that_tries_credentials(vendor: str) -> None:
    text = section(PAGES[vendor], "## What `relay check --live` tries")
    has_probe = any(spec.probe is not None for spec in ACTIONS.values() if spec.vendor == vendor)

    calls = [call for what, call in pairs(text) if what == "credentials"]

    assert any(call.startswith("`GET ") for call in calls) is has_probe


@every_vendor
def test_every_trap_names_tests_that_exist(vendor: str) -> None:
    for trap in items(section(PAGES[vendor], "## Traps and their tests")):
        found = re.findall(r"`(test_\w+)`", trap)
        assert found, f"trap {trap} names no test"
        assert not set(found) - known_tests(), f"trap {trap}"


@every_vendor
def test_no_trap_of_the_vendors_page_is_missing(vendor: str) -> None:
    assert vendor in TRAPS_IN_THE_VENDORS_PAGES, (
        "count the traps in the vendor's documentation, and note their number in that table, above in this file"
    )
    traps = items(section(PAGES[vendor], "## Traps and their tests"))
    numbers = [int(trap.partition(".")[0]) for trap in traps]

    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= TRAPS_IN_THE_VENDORS_PAGES[vendor]


def test_every_test_named_anywhere_on_the_pages_exists() -> None:
    assert not set(re.findall(r"\btest_\w+", "\n".join([INDEX, *PAGES.values()]))) - known_tests()


def test_every_file_named_anywhere_on_the_pages_exists() -> None:
    named = set(re.findall(r"`((?:shared|tests|local|cli|docs)/[\w./-]+)`", "\n".join([INDEX, *PAGES.values()])))

    assert named
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_the_list_of_clients_holds_every_public_method_and_no_other() -> None:
    told = items(section(INDEX, "## Calling a vendor from your own code"))
    shown = {item.split("`")[1]: set(re.findall(r"`(\w+)\(\)`", item)) for item in told}
    real = {
        name: {member for member in vars(client) if not member.startswith("_") and callable(getattr(client, member))}
        for name, client in clients().items()
    }
    assert shown == real, "docs/vendors.md ends with a list of the clients and their public methods"
