"""`docs/guarantees.md`: the tests and files that it names exist."""

from __future__ import annotations

import re

from tests.support.known_tests import known_tests
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "guarantees.md").read_text()


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert named
    assert sorted(named - known_tests()) == []


def test_every_file_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`((?:shared|functions|tests|docs)/[\w/]+\.\w+)`", PAGE))
    assert named
    assert [path for path in named if not (ROOT / path).is_file()] == []
