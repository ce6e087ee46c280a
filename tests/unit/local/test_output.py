"""What workers print, on its way to the log and to the story."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.lambdas.output import END, START, Output


@contextmanager
def worker(output: Output) -> Iterator[int]:
    """Yield what a worker prints to; it has ended, and all is copied, after the block."""
    printed = output.open()
    try:
        yield printed.fd
    finally:
        os.close(printed.fd)
        printed.wait_for_end()


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


def test_when_an_invocation_has_ended_all_its_lines_are_in_the_log() -> None:
    log = io.BytesIO()
    printed = Output(log).open()
    printed.begin()

    os.write(printed.fd, START + b"1\n" + b"a line of the log\n" * 1000 + END + b"1\n")
    printed.wait_for_invocation()

    assert log.getvalue() == b"a line of the log\n" * 1000
    os.close(printed.fd)
    printed.wait_for_end()
