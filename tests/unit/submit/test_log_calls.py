"""No event, body, form value or secret can reach a log line: every call says only what is on these lists.

A new word on a list is a decision: it must be an id, a count, an outcome or a name from configuration.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILES = sorted(path for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py"))


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEYS = words("""
    after attempts before contacts correlation_id destination error field file form message_id milliseconds operation
    origin outcome parts problems reason status submission_id vendor warnings
""")
"""What a log line's entries and a metric's dimensions may be called."""

THINGS = words("""
    arrival attempted attempts broken call circumstances destination error exact file finer form form_id from_state id
    job kind left_out letter message message_id name operation outcome problems reason receipt record refused request
    status submission submission_id to_state transition vendor VENDOR warnings website
""")
"""Our own objects, and those of their attributes that hold no text of a visitor, a vendor or a secret."""

WORDS = THINGS | words("getattr len list lower monotonic round started str time type __name__")
"""The identifiers from which a value may be put together."""

METRICS = WORDS | words("_METRIC report dropped")
"""Those from which a metric's name or count may be put together; a log line's message is a constant."""

SILENT = {"shared/telemetry.py"}
"""Where logging itself is set up."""


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield node


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    for path in FILES:
        for call in calls(path):
            told = ast.unparse(call.func)
            if told == "count" or told.startswith("logger."):
                yield f"{path.relative_to(ROOT)}:{call.lineno}", call


def identifiers(node: ast.AST) -> set[str]:
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return names | {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}


LOG_CALLS = list(log_calls())


@pytest.mark.parametrize(("where", "call"), LOG_CALLS, ids=[where for where, _ in LOG_CALLS])
def test_a_log_call_tells_ids_counts_and_outcomes_only(where: str, call: ast.Call) -> None:
    method = ast.unparse(call.func)
    if method == "logger.set_correlation_id":
        assert ast.unparse(call.args[0]) in {"None", "circumstances.submission_id"}
        return
    assert method in {"count", "logger.info", "logger.warning", "logger.error", "logger.thread_safe_append_keys"}
    for argument in call.args:
        assert identifiers(argument) <= (METRICS if method == "count" else frozenset())
    for keyword in call.keywords:
        assert keyword.arg in KEYS
        assert identifiers(keyword.value) <= WORDS


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_said_in_any_other_way(path: Path) -> None:
    if str(path.relative_to(ROOT)) in SILENT:
        return
    for call in calls(path):
        told = ast.unparse(call.func)
        assert told not in {"print", "pprint", "warnings.warn", "sys.stderr.write", "traceback.print_exc"}
        assert not told.startswith("logging.")


def test_the_guard_sees_every_log_call_there_is() -> None:
    text = "\n".join(path.read_text() for path in FILES)
    assert len(LOG_CALLS) >= text.count("logger.info(") + text.count("logger.warning(") + text.count("logger.error(")
