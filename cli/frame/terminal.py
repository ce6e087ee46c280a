"""What is printed for a person at a terminal: tables that fit its width."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TextIO

from rich import box
from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

LAST_COLUMN_WIDTH = 24
"""Characters that the last column, which holds sentences, may be wrapped to."""

GAP = 3
"""Characters between two columns."""


def print_table(texts: Sequence[Sequence[str]], out: TextIO) -> None:
    """Print rows, the first of which holds the headings; where they are too wide, each row as lines of its own.

    Ids are never cut or wrapped: the next command needs them.
    """
    console = Console(file=out, highlight=False)
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    widths[-1] = min(widths[-1], LAST_COLUMN_WIDTH)
    if sum(widths) + GAP * (len(widths) - 1) <= console.width:
        console.print(_table(texts, widths))
        return
    headings, *rows = texts
    for row in rows:
        console.print(_block(headings, row))


class _Count(ProgressColumn):
    """How much is done, once something is."""

    def render(self, task: Task) -> Text:
        """Return `12`, or `12 of 40` where the whole is known."""
        done, whole = int(task.completed), "" if task.total is None else f" of {int(task.total)}"
        return Text(f"{done}{whole}" if done or whole else "")


@contextmanager
def show_progress(text: str, total: int | None, err: TextIO) -> Generator[Callable[[], None]]:
    """Show what is going on, how much of it is done and for how long; it vanishes at the end."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), _Count(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=err), transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(text, total=total)
        yield lambda: progress.advance(task)


def _table(texts: Sequence[Sequence[str]], widths: Sequence[int]) -> Table:
    headings, *rows = texts
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading, width in zip(headings, widths, strict=True):
        table.add_column(heading, min_width=width, overflow="fold")
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
