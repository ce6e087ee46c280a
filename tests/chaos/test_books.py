"""The books of a small run; `make chaos` makes a large one."""

from __future__ import annotations

import os

import pytest

from tests.chaos.run import Options, run


@pytest.mark.chaos
@pytest.mark.matrix
def test_what_was_accepted_has_ended_once_whatever_broke_meanwhile(capsys: pytest.CaptureFixture[str]) -> None:
    options = Options(seed=int(os.environ.get("CHAOS_SEED") or 1), size=int(os.environ.get("CHAOS_SIGNUPS") or 400))
    books, table = run(options, lambda _: None)
    with capsys.disabled():
        print(f"\n{table}")  # noqa: T201
    assert books.balanced, table
