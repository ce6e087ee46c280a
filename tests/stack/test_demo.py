"""`make demo`, played small: its story, its books, and that it can fail."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from rich.console import Console

from local.demo.__main__ import DEMO_VARIABLES, FEWEST_SIGN_UPS, main, play, show_books
from local.demo.screen import Screen
from local.trial.promises import EVENTS, PROMISES
from local.trial.stage import Stage, staged
from local.trial.visitors import Accepted, Person

pytestmark = pytest.mark.stack


@dataclass
class Played:
    stage: Stage
    accepted: list[Accepted]
    story: str

    def books(self) -> tuple[int, str]:
        """Return the exit status of the demo, and what it prints in the end."""
        printed = io.StringIO()
        return show_books(self.stage, self.accepted, Screen(_console(printed)), seconds=0), printed.getvalue()


def _console(file: io.StringIO) -> Console:
    return Console(file=file, width=200)


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    """The demo, played to its end, with the stack still up."""
    logger, printed = logging.getLogger("local"), io.StringIO()
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    with staged(DEMO_VARIABLES) as stage:
        accepted = play(stage, Screen(_console(printed)), FEWEST_SIGN_UPS, seed=1)
        yield Played(stage, accepted, printed.getvalue())
    logger.setLevel(level)


@pytest.mark.matrix
def test_the_demo_keeps_every_promise_and_exits_zero(played: Played) -> None:
    status, books = played.books()

    assert status == 0, books
    assert "Every promise was kept" in books
    assert [promise for promise in (*PROMISES.values(), EVENTS) if promise not in books] == []
    assert len(played.accepted) > FEWEST_SIGN_UPS


@pytest.mark.parametrize(
    "chapter",
    ["An outage", "A double click", "A late retry", "A correction after a slow write", "Wrong credentials"],
)
@pytest.mark.matrix
def test_the_demo_tells_each_chapter(played: Played, chapter: str) -> None:
    assert chapter in played.story


@pytest.mark.matrix
def test_neither_a_late_retry_nor_a_slow_write_brings_an_old_name_back(played: Played) -> None:
    assert "Whautomate knows Grace Hopper, Which50 knows Mary." in played.story


@pytest.mark.matrix
def test_a_sign_up_that_no_vendor_got_makes_the_demo_exit_one(played: Played) -> None:
    # Given a played demo, and one more visitor who was told that all is well
    forgotten = replace(played.accepted[0], person=Person("nobody@example.com", "+12025550100"), submission_id="0" * 32)

    # When the books are balanced
    status, books = replace(played, accepted=[*played.accepted, forgotten]).books()

    # Then the demo fails, and names the promise and the sign-up
    assert status == 1
    assert "A promise was broken" in books
    assert f"lost: {forgotten.submission_id}" in books


def test_too_few_sign_ups_for_the_story_are_a_mistake_of_the_arguments(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["demo", f"--sign-ups={FEWEST_SIGN_UPS - 1}"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert f"at least {FEWEST_SIGN_UPS}" in capsys.readouterr().err
