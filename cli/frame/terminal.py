"""What is printed for a person at a terminal: tables that fit its width."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TextIO

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

LAST_COLUMN_WIDTH = 24
"""Characters that the last column, which holds sentences, may be wrapped to."""


def print_table(texts: Sequence[Sequence[str]], out: TextIO) -> None:
    """Print rows, the first of which holds the headings; where they are too wide, each row as lines of its own.

    Ids are never cut or wrapped: the next command needs them.
    """
    console = Console(file=out, highlight=False)
    table = _table(texts)
    if Measurement.get(console, console.options, table).minimum <= console.width:
        console.print(table)
        return
    headings, *rows = texts
    for row in rows:
        console.print(_block(headings, row))


@contextmanager
def show_progress(text: str, total: int | None, err: TextIO) -> Generator[Callable[[], None]]:
    """Show what is going on, how much of it is done and for how long; it vanishes at the end."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=err), transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(text, total=total)
        yield lambda: progress.advance(task)


def _table(texts: Sequence[Sequence[str]]) -> Table:
    headings, *rows = texts
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for number, heading in enumerate(headings, start=1):
        is_last = number == len(headings)
        longest = max(len(row[number - 1]) for row in texts)
        table.add_column(heading, no_wrap=not is_last, min_width=min(LAST_COLUMN_WIDTH, longest) if is_last else None)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _block(headings: Sequence[str], row: Sequence[str]) -> Table:
    block = Table.grid(padding=(0, 2))
    block.add_column(no_wrap=True, style="bold")
    block.add_column(overflow="fold")
    for heading, text in zip(headings, row, strict=True):
        block.add_row(Text(heading), Text(text))
    block.add_row("", "")
    return block
