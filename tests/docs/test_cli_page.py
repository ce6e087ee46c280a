"""`docs/cli.md` says what the commands say of themselves."""

from __future__ import annotations

from cli.reference import reference
from tests.support.paths import ROOT


def test_the_page_of_the_commands_is_written_from_them() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")

    assert page == reference(), "write it again: python -m cli.reference > docs/cli.md"
