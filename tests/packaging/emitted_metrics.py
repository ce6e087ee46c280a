"""The metrics that the code emits, with their dimensions, read from its source: calls to `shared.telemetry`.

The service is a dimension of each: Powertools adds it.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.paths import ROOT

EMITTERS = {"count", "gauge_seconds", "gauge_milliseconds"}


@cache
def emitted_metrics() -> dict[str, set[frozenset[str]]]:
    """Return name → sets of dimensions, for every metric that a module of `functions` or `shared` emits."""
    found = defaultdict(set)
    for folder in ("functions", "shared"):
        for module in sorted((ROOT / folder).rglob("*.py")):
            for name, dimensions in _of_module(module):
                found[name].add(dimensions)
    return dict(found)


def _of_module(path: Path) -> Iterator[tuple[str, frozenset[str]]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "shared.telemetry"
        for alias in node.names
    }
    tables = dict(_tables(tree))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in imported & EMITTERS:
            dimensions = frozenset(str(keyword.arg) for keyword in call.keywords) - {"value"}
            for name in _names(call.args[0], tables):
                yield name, dimensions | {"service"}


def _tables(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Every table of texts at the top of a module: its name and its values."""
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        table = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(table, ast.Dict):
            yield target.id, [str(value.value) for value in table.values if isinstance(value, ast.Constant)]


def _names(argument: ast.expr, tables: dict[str, list[str]]) -> list[str]:
    """Return the names that an expression can be: a text, a look-up in a table, or one behind the other."""
    match argument:
        case ast.Constant(str() as text):
            return [text]
        case ast.Subscript(ast.Name(table)):
            return tables[table]
        case ast.JoinedStr(parts):
            names = [""]
            for part in parts:
                inner = part.value if isinstance(part, ast.FormattedValue) else part
                names = [before + after for before in names for after in _names(inner, tables)]
            return names
    raise AssertionError(f"cannot tell the metric's name: {ast.unparse(argument)}")
