"""What workers print, on its way to the log and to the story."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.lambdas.output import START, Output

HANG_SECONDS = 60


@contextmanager
def worker(output: Output) -> Iterator[int]:
    """Yield what a worker prints to; it has ended, and all is copied, after the block."""
    printed, copying = output.open()
    try:
        yield printed
    finally:
        os.close(printed)
        copying.join(HANG_SECONDS)
    assert not copying.is_alive()


def test_lines_reach_the_log_and_the_listener_unchanged_the_last_one_though_it_was_cut_off() -> None:
    log, heard = io.BytesIO(), []

    with worker(Output(log, lambda line, _: heard.append(line))) as printed:
        os.write(printed, b"first\nsecond\xff\nthi")

    assert log.getvalue() == b"first\nsecond\xff\nthi"
    assert heard == [b"first\n", b"second\xff\n", b"thi"]


def test_the_line_that_starts_an_invocation_tells_only_when_it_started() -> None:
    log, heard, before = io.BytesIO(), [], time.time()

    with worker(Output(log, lambda line, started_at: heard.append((line, started_at)))) as printed:
        os.write(printed, START + b"1 Version: $LATEST\none\ntwo\n")
        os.write(printed, START + b"2 Version: $LATEST\nthree\n")

    assert log.getvalue() == b"one\ntwo\nthree\n"
    (_, first), (_, second), (_, third) = heard
    assert before <= first == second <= third


@pytest.mark.parametrize("lines", [1, 20_000])
def test_a_worker_is_never_kept_waiting_by_a_log_that_is_closed(lines: int) -> None:
    log, heard = io.BytesIO(), []
    log.close()

    with worker(Output(log, lambda line, _: heard.append(line))) as printed:
        os.write(printed, b"a line of the log\n" * lines)

    assert len(heard) == lines
