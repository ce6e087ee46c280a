"""What style sheets say of elements, as far as it hides them. No scripts run, and no layout is computed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

_IMPORTANT = "!important"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_HIDING = frozenset(
    {"display", "visibility", "position", "left", "right", "top", "bottom", "opacity", "clip", "clip-path"}
    | {"width", "height", "max-width", "max-height", "overflow", "transform"}
)
_DESCENDED = ("@layer", "@supports", "@scope")
"""At-rules whose rules hold on a screen as they are; what stands in `@media` and others is not read."""


class Styles:
    """The declarations of each element that can hide it: those of its sheets in order, then its own."""

    def __init__(self, tree: LexborHTMLParser, sheets: list[str]) -> None:
        self._declared: dict[int, dict[str, str]] = {}
        for sheet in sheets:
            for selector, declarations in _rules(_COMMENT.sub("", sheet)):
                self._apply(tree, selector, declarations)

    def of(self, node: LexborNode) -> dict[str, str]:
        """Return property → value, in small letters."""
        stated = dict(self._declared.get(node.mem_id, {}))
        _merge(stated, _declarations(node.attributes.get("style") or ""))
        return {name: value.removesuffix(_IMPORTANT).strip() for name, value in stated.items()}

    def _apply(self, tree: LexborHTMLParser, selector: str, declarations: dict[str, str]) -> None:
        if not declarations:
            return
        try:
            nodes = tree.css(selector)
        except SelectolaxError:
            return  # a pseudo-element, or a selector newer than the parser
        for node in nodes:
            _merge(self._declared.setdefault(node.mem_id, {}), declarations)


def _merge(stated: dict[str, str], later: dict[str, str]) -> None:
    """Let the later declaration win, but for an important one."""
    for name, value in later.items():
        if value.endswith(_IMPORTANT) or not stated.get(name, "").endswith(_IMPORTANT):
            stated[name] = value


def _rules(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Return selector and hiding declarations of each rule."""
    start = 0
    while (opened := text.find("{", start)) >= 0:
        closed = _end_of_block(text, opened)
        head = text[start:opened].rpartition(";")[2].strip()
        block = text[opened + 1 : closed]
        if head.startswith(_DESCENDED):
            yield from _rules(block)
        elif not head.startswith("@"):
            yield head, _declarations(block)
        start = closed + 1


def _end_of_block(text: str, opened: int) -> int:
    depth = 0
    for brace in re.finditer(r"[{}]", text[opened:]):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return opened + brace.start()
    return len(text)


def _declarations(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.lower().split(";"))
    stated = ((name.strip(), value.replace("! important", _IMPORTANT).strip()) for name, _, value in pairs)
    return {name: value for name, value in stated if name in _HIDING and value}
