"""`docs/security.md` names tests that exist and limits that the template has."""

from __future__ import annotations

import re

import pytest

from local.template import Template
from tests.support.known_tests import known_tests
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_that_the_page_names_exists() -> None:
    names, files = set(re.findall(r"`(test_\w+)`", PAGE)), set(re.findall(r"`(tests/[\w/]+\.py)`", PAGE))
    assert names
    assert sorted(names - known_tests()) == []
    assert sorted(file for file in files if not (ROOT / file).is_file()) == []


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([A-Z]\w+)(?:=\w+)?`", PAGE)) - {"Origin"}))
def test_every_parameter_alarm_and_output_that_the_page_names_is_the_templates(name: str) -> None:
    template = Template.read(ROOT / "template.yaml")
    resources = {resource.name for resource in template.resources}
    assert name in {*template.parameters, *template.outputs, *resources}
