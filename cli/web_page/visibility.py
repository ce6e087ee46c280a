"""Whether an element can be seen, and whether a screen reader reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborNode

from cli.web_page.styles import Styles

_FAR_AWAY = re.compile(r"-\s*(\d{3,}(\.\d+)?px|\d{2,}(\.\d+)?r?em|\d{3,}(\.\d+)?(vw|vh|%))")
_NO_SIZE = re.compile(r"[01](\.0+)?(px)?")
_CLIPPED = re.compile(r"rect\((0|1px|,|\s|px)*\)|inset\((100|50)%.*\)|circle\(0.*\)")


def is_hidden_from_people(node: LexborNode, styles: Styles) -> bool:
    """Whether the element, or one around it, is kept from being seen."""
    return any(_is_gone(each, styles) or _is_out_of_sight(styles.of(each)) for each in _upwards(node))


def is_hidden_from_screen_readers(node: LexborNode, styles: Styles) -> bool:
    """Whether the element, or one around it, is kept from assistive technology."""
    return any(
        _is_gone(each, styles) or each.attributes.get("aria-hidden") == "true" or "inert" in each.attributes
        for each in _upwards(node)
    )


def is_reached_by_keyboard(node: LexborNode, styles: Styles) -> bool:
    """Whether the tab key leads to the input."""
    if any(_is_gone(each, styles) or "inert" in each.attributes for each in _upwards(node)):
        return False
    return not (node.attributes.get("tabindex") or "").startswith("-")


def _upwards(node: LexborNode) -> Iterator[LexborNode]:
    each: LexborNode | None = node
    while each is not None and each.is_element_node:
        yield each
        each = each.parent


def _is_gone(node: LexborNode, styles: Styles) -> bool:
    """Whether the element takes no part in the page, for nobody."""
    if node.tag == "input" and (node.attributes.get("type") or "").lower() == "hidden":
        return True
    stated = styles.of(node)
    if "hidden" in node.attributes and "display" not in stated:
        return True
    return stated.get("display") == "none" or stated.get("visibility") in {"hidden", "collapse"}


def _is_out_of_sight(stated: Mapping[str, str]) -> bool:
    """Whether the element is there but shows nothing: moved away, cut off, see-through or without a size."""
    is_moved = stated.get("position") in {"absolute", "fixed", "relative"} and any(
        _FAR_AWAY.fullmatch(stated.get(side, "")) for side in ("left", "right", "top", "bottom")
    )
    is_cut = any(_CLIPPED.fullmatch(stated.get(name, "")) for name in ("clip", "clip-path"))
    has_no_size = stated.get("overflow") in {"hidden", "clip"} and any(
        _NO_SIZE.fullmatch(stated.get(side, "")) for side in ("width", "height", "max-width", "max-height")
    )
    is_clear = re.fullmatch(r"0(\.0+)?%?", stated.get("opacity", "")) is not None
    return is_moved or is_cut or has_no_size or is_clear or stated.get("transform") == "scale(0)"
