"""Parts that several pages have: tables, times, and what the script keeps up to date."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from local.pages.html import Markup, tag

REFRESH = tag("script", Markup((Path(__file__).parent / "refresh.js").read_text(encoding="utf-8")))
"""The script that keeps every `live` part up to date; stands last on the page."""


def live(identifier: str, *content: str, name: str = "div") -> Markup:
    """Return an element that the page's script keeps up to date."""
    return tag(name, *content, id=identifier, data_live=True)


def clock(seconds: float) -> Markup:
    """Return a time of day."""
    return tag("time", time.strftime("%H:%M:%S", time.localtime(seconds)))


def post_button(where: str, text: str, identifier: str, *, look: str = "", title: str | None = None) -> Markup:
    """Return a button that posts to a path; its id keeps the focus where it is when the page is updated."""
    button = tag("button", text, class_=look or None, id=identifier, title=title)
    return tag("form", button, method="post", action=where)


def table(caption: str, count: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """Return a table that scrolls by itself; without rows, a sentence."""
    if not rows:
        return tag("p", f"{caption}: none yet.", class_="quiet")
    head = tag("tr", *(tag("th", heading, scope="col") for heading in headings))
    body = [
        tag("tr", *(tag("td", cell, data_label=name) for name, cell in zip(headings, row, strict=True))) for row in rows
    ]
    title = tag("caption", caption, *([" ", tag("span", count)] if count else []))
    # On a narrow screen each row of a table with many columns becomes a block.
    look = "blocks" if len(headings) > 2 else None
    whole = tag("table", title, tag("thead", head), tag("tbody", *body), class_=look)
    return tag("div", whole, class_="scroll", tabindex="0", role="region", aria_label=caption)
