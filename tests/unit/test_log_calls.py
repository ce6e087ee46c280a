"""No event, body, form value or secret can reach a log line: a call's keys are on a list, its values off another.

That nothing personal is printed when the relay runs is proven in `tests/functional/submit/test_logs.py`; this finds the
call that no test runs. A new key is a decision: it must be an id, a count, an outcome or a name from configuration.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.support.paths import ROOT

FILES = sorted(path for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py"))


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEYS = words("""
    after age_seconds attempts before contacts correlation_id destination error field file flags form kind message_id
    milliseconds operation origin outcome parts problems reason status submission_id vendor warnings
""")
"""What a log line's entries and a metric's dimensions may be called."""

PERSONAL = words("""
    answer body caller connection contact content credentials custom email event fields headers identity ip page payload
    people phone query raw row secret submitted text url values
""")
"""Names of what holds, or may hold, a person's data or a secret."""

SILENT = {"shared/telemetry.py"}
"""Where logging itself is set up."""


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in FILES:
        name = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and name not in SILENT:
                yield f"{name}:{node.lineno}", node


def identifiers(node: ast.AST) -> set[str]:
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return names | {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}


def wrong_with(call: ast.Call) -> Iterator[str]:
    method = ast.unparse(call.func)
    if method in {"print", "pprint", "warnings.warn", "sys.stderr.write", "traceback.print_exc"} or method.startswith(
        "logging."
    ):
        yield f"{method} prints past the logger"
    if method not in {"count", "gauge_seconds", "gauge_milliseconds"} and not method.startswith("logger."):
        return
    is_message = method.startswith("logger.") and method != "logger.set_correlation_id"
    if is_message and any(not isinstance(argument, ast.Constant) for argument in call.args):
        yield "the message is not a constant"
    yield from (f"key {keyword.arg}" for keyword in call.keywords if keyword.arg not in KEYS)
    for part in [*call.args, *(keyword.value for keyword in call.keywords)]:
        yield from (f"tells {name}" for name in sorted(identifiers(part) & PERSONAL))


def test_no_log_call_tells_more_than_ids_counts_and_outcomes() -> None:
    found = [(where, problem) for where, call in calls() for problem in wrong_with(call)]

    assert found == []


def test_the_guard_sees_what_it_guards_against() -> None:
    bad = [
        'logger.info("x", form=submission.contact)',
        'logger.info(f"for {name}")',
        'logger.error("x", person=name)',
        'count("Accepted", form=values["email"])',
        "print(form)",
    ]
    for text in bad:
        (call,) = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
        assert list(wrong_with(call)), text
