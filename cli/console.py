"""What a command says: its answer to stdout, for people or machines; what went wrong to stderr."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO


@dataclass(frozen=True, slots=True)
class Console:
    """The terminal, or whatever stands in its place."""

    out: TextIO
    err: TextIO

    def say(self, text: str) -> None:
        """Print one line, or several, of the answer."""
        print(text, file=self.out)

    def complain(self, text: str) -> None:
        """Print what the answer lacks, or why there is none."""
        print(text, file=self.err)

    def json(self, value: Any, *, indent: int | None = 2) -> None:
        """Print the answer for machines."""
        self.say(json.dumps(value, indent=indent, ensure_ascii=False))

    def table(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
        """Print rows under the names of `columns`, aligned; what a row lacks is a dash."""
        if not rows:
            return
        texts = [list(columns), *([_text(row.get(column)) for column in columns] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        for line in texts:
            self.say("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def moment(seconds: float) -> str:
    """Return a time, seconds since the epoch, as people and machines read it: ISO 8601, UTC, whole seconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def counted(number: int, thing: str) -> str:
    """Return `1 dead letter`, `2 dead letters`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _text(value: Any) -> str:
    return "-" if value in (None, "") else str(value)
