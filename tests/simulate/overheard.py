"""Promise 9: what the relay logs, counts and says of errors, searched for values of people and secrets."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from shared import telemetry

FORBIDDEN = re.compile(r"person\d+@|1202555|Ann@?[A-J]|size [A-J]|key-\d|key of the ledger")
"""E-mail addresses, phone numbers, names and texts of `people.py`, and the secrets of `accounts.py` and `world.py`."""

_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) - {"msg", "args"}


class Overheard(logging.Handler):
    """Keeps what is logged and counted, unformatted: to format a line takes as long as a schedule."""

    def __init__(self) -> None:
        super().__init__()
        self._records: list[logging.LogRecord] = []
        self._metrics: list[Mapping[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)

    def emit_metric(self, metric: str, unit: object, value: float, dimensions: Mapping[str, str]) -> None:
        self._metrics.append(dimensions)

    def taken(self) -> list[str]:
        """Return what was kept and holds something that it must not, and forget all."""
        texts = [*map(_text, self._records), *map(str, self._metrics)]
        self._records, self._metrics = [], []
        return [text for text in texts if FORBIDDEN.search(text)]


def _text(record: logging.LogRecord) -> str:
    said = {name: value for name, value in record.__dict__.items() if name not in _PLAIN}
    error = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
    return f"{said} {error}"


OVERHEARD = Overheard()


@contextmanager
def listening() -> Generator[None]:
    """Write no line; keep what would be written."""
    with ExitStack() as stack:
        for name in (telemetry.logger.name, "aws_lambda_powertools"):
            log = logging.getLogger(name)
            stack.enter_context(patch.object(log, "handlers", [OVERHEARD]))
            stack.enter_context(patch.object(log, "propagate", new=False))
        stack.enter_context(patch.object(telemetry, "emit", OVERHEARD.emit_metric))
        yield
        OVERHEARD.taken()
