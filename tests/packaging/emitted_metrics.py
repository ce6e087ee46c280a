"""Names of the metrics that the code emits, read from its source: first arguments of calls to `shared.telemetry`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT


def emitted_metrics() -> set[str]:
    """Every name that a module of `functions` or `shared` may emit."""
    modules = [path for folder in ("functions", "shared") for path in sorted((ROOT / folder).rglob("*.py"))]
    return {name for module in modules for name in _of_module(module)}


def _of_module(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    emitting = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "shared.telemetry"
        for alias in node.names
    }
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    texts += [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in emitting and call.args:
            yield from _names(call.args[0], texts)


def _names(argument: ast.expr, texts: list[str]) -> Iterator[str]:
    """A literal is a name; what is computed may be any text or name of its module, behind a literal beginning."""
    beginning = argument.values[0] if isinstance(argument, ast.JoinedStr) else argument
    literal = str(beginning.value) if isinstance(beginning, ast.Constant) else ""
    if beginning is argument and literal:
        yield literal
    else:
        yield from (f"{literal}{text}" for text in texts)
