"""The examples of `docs/website.md`."""

from __future__ import annotations

import re

from local.lambdas.execution import ROOT

GUIDE = (ROOT / "docs" / "website.md").read_text(encoding="utf-8")


def example(kind: str, number: int) -> str:
    """Return an example of a language, counted from 0."""
    blocks: list[str] = re.findall(rf"^```{kind}\n(.+?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return blocks[number]
