"""What a command did to several things, one after the other: as lines while it goes on, or as one JSON object."""

from __future__ import annotations

from typing import Any

from cli.frame.console import Console


class Results:
    """Collects what was done under the name `done`, and what was not."""

    def __init__(self, console: Console, done: str, *, as_json: bool) -> None:
        self._console = console
        self._name = done
        self._as_json = as_json
        self._done: list[Any] = []
        self._refused: list[dict[str, Any]] = []

    def add(self, value: Any, line: str) -> None:
        """Note what was done; `value` is it in JSON."""
        self._done.append(value)
        if not self._as_json:
            self._console.say(line)

    def refuse(self, value: Any, reason: str) -> None:
        """Note what could not be done, and why."""
        self.refuse_in_total(value, reason)
        if not self._as_json:
            self._console.warn(reason)

    def refuse_in_total(self, value: Any, reason: str) -> None:
        """Note what could not be done, and why, where the total says it."""
        self._refused.append({"subject": value, "reason": reason})

    def end_one(self, value: Any, line: str, *, is_well: bool) -> None:
        """Note how something ended that was done before."""
        if not is_well:
            self.refuse(value, line)
        elif not self._as_json:
            self._console.say(line)

    def end(self, total: str | None = None) -> int:
        """Print the total, or all of it as JSON; return the exit code."""
        if self._as_json:
            self._console.json({self._name: self._done, "refused": self._refused})
        elif total:
            self._console.say(total)
        return 1 if self._refused else 0
