"""What CONTRIBUTING.md says of adding a vendor is so: the paths exist for every vendor, the names exist in the code."""

from __future__ import annotations

import re
from dataclasses import fields

from shared.conditions import ConditionalName
from shared.http.call import AnswerWords, Effect
from shared.vendors import flows, matching
from shared.vendors.client import VendorClient, segment
from shared.vendors.connection import Connection
from shared.vendors.protocol import Action, ActionSpec, Options
from shared.vendors.registry import ACTIONS
from tests.support.paths import ROOT
from tests.vendors.conformance.vendor import VendorUnderTest

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a vendor")[2].partition("\n## ")[0]
IN_CODE = re.findall(r"`([^`]+)`", PAGE)
KNOWN = {
    *(
        name
        for each in (Connection, Options, VendorClient, Action, VendorUnderTest)
        for name in (each.__name__, *dir(each))
    ),
    *(field.name for field in fields(ActionSpec)),
    *VendorUnderTest.__annotations__,
    *vars(flows),
    *vars(matching),
    *ConditionalName.model_fields,
    *(each.__name__ for each in (ActionSpec, ConditionalName, Effect, segment)),
}
WORDS = {"ACTIONS", "OPTIONS", "Ability", "Findings", "id"}
"""Names that stand in each package or test, and so in no single place, and a vendor's own."""


def test_every_path_exists_for_every_vendor() -> None:
    paths = [path for path in IN_CODE if re.fullmatch(r"[\w.<>/-]+/[\w.<>/-]*|[\w-]+\.(toml|yaml)", path)]
    assert len(paths) > 15
    for vendor in {vendor for vendor, _ in ACTIONS}:
        assert [path for path in paths if not (ROOT / path.replace("<vendor>", vendor)).exists()] == []


def test_every_name_exists() -> None:
    names = {name.removesuffix("()") for name in IN_CODE if re.fullmatch(r"_?[A-Za-z_]+(\(\))?", name)}
    assert names - WORDS - KNOWN == set()


def test_the_words_of_a_vendors_answers_can_be_named_as_shown() -> None:
    [shown] = re.findall(r"`words = AnswerWords\((.+)\)`", PAGE)

    assert {name for name, _ in re.findall(r"(\w+)=\((.+?)\)", shown)} <= {field.name for field in fields(AnswerWords)}


def test_the_page_is_one_page() -> None:
    assert len(PAGE.splitlines()) <= 60


def test_the_examples_page_has_the_headings_of_every_vendors_page() -> None:
    wanted = headings("tests/vendors/example/mailroom.md")
    for vendor in {vendor for vendor, _ in ACTIONS}:
        assert wanted <= headings(f"docs/vendors/{vendor}.md") | {"## `upsert`"}, vendor


def headings(path: str) -> set[str]:
    return {line for line in (ROOT / path).read_text(encoding="utf-8").splitlines() if line.startswith("##")}
