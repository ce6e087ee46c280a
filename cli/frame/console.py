"""Prints a command's answer to stdout, as text or JSON, and warnings to stderr."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

Advance = Callable[[], None]
"""Says that another piece of the work is done."""


@dataclass(frozen=True, slots=True)
class Console:
    """Where a command prints."""

    out: TextIO
    err: TextIO

    def say(self, text: str) -> None:
        """Print a part of the answer."""
        print(text, file=self.out)

    def warn(self, text: str) -> None:
        """Print what went wrong, or what the reader should know beside the answer."""
        print(text, file=self.err)

    def json(self, value: Any, *, indent: int | None = 2) -> None:
        """Print the answer as JSON."""
        self.say(json.dumps(value, indent=indent, ensure_ascii=False))

    @contextmanager
    def progress(self, text: str, total: int | None = None, *, prints: bool = False) -> Generator[Advance]:
        """Show on a terminal how long work goes on; yields what to call after each piece of it.

        Args:
            text: what goes on.
            total: of how many pieces.
            prints: whether the answer is printed meanwhile, which on the same terminal is progress enough.
        """
        if not self.err.isatty() or (prints and self.out.isatty()):
            yield lambda: None
            return
        from cli.frame.terminal import show_progress

        with show_progress(text, total, self.err) as advance:
            yield advance

    def table(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
        """Print rows under `columns`, aligned; a missing value is a dash. On a terminal, within its width."""
        if not rows:
            return
        texts = [list(columns), *([_text(row.get(column)) for column in columns] for row in rows)]
        if self.out.isatty():
            from cli.frame.terminal import print_table

            print_table(texts, self.out)
            return
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        for line in texts:
            self.say("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def iso_time(seconds: float) -> str:
    """Return seconds since the epoch as ISO 8601 in UTC, whole seconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def counted(number: int, thing: str, things: str | None = None) -> str:
    """Return `1 dead letter`, `2 dead letters`; `things` where it is not made by an s."""
    return f"{number} {thing}" if number == 1 else f"{number} {things or f'{thing}s'}"


def _text(value: Any) -> str:
    return "-" if value in (None, "") else str(value)
