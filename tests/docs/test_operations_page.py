"""`docs/operations.md` explains whatever can be seen on a dashboard."""

from __future__ import annotations

import re
from typing import get_args

from shared.delivery.outcome import Outcome
from tests.support.paths import ROOT


def test_every_metric_is_explained() -> None:
    sources = [path.read_text() for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py")]
    names = {name for source in sources for name in re.findall(r"\bcount\(\"(\w+)\"", source)}
    names |= {kind.__name__ for kind in get_args(Outcome)}
    page = (ROOT / "docs" / "operations.md").read_text()
    assert {name for name in names if f"`{name}`" not in page} == set()
