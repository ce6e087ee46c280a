"""The tests of this project, by name, for pages that name them."""

from __future__ import annotations

import re
from functools import cache

from tests.support.paths import ROOT


@cache
def known_tests() -> frozenset[str]:
    """Return the names of all tests."""
    files = (ROOT / "tests").rglob("*.py")
    return frozenset(
        name
        for file in files
        for name in re.findall(r"^ *def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)
    )
