"""HTML in which every text is escaped unless it was made by `tag`."""

from __future__ import annotations

from html import escape
from http import HTTPStatus
from pathlib import Path

from local.http_answer import Answer

_STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
_VOID = {"input", "meta", "br"}


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | bool | None) -> Markup:
    """Make an element. `class_` stands for `class`, `aria_label` for `aria-label`; False and None are left out."""
    start = name + "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{start}>")
    return Markup(f"<{start}>{join(*children)}</{name}>")


def join(*children: str) -> Markup:
    """Put pieces one after another, escaping what is not HTML already."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))


def page(title: str, *content: str) -> Answer:
    """Make a whole page."""
    navigation = tag("nav", tag("a", "Forms", href="/"), " ", tag("a", "Twins", href="/twins"))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} - Signup Relay"),
        tag("style", Markup(_STYLE)),
    )
    body = tag("body", tag("header", navigation), tag("main", tag("h1", title), *content))
    document = "<!DOCTYPE html>" + tag("html", head, body, lang="en")
    return Answer(HTTPStatus.OK, (("content-type", "text/html; charset=utf-8"),), document.encode())


def see_other(location: str) -> Answer:
    """Lead the browser on after a button."""
    return Answer(HTTPStatus.SEE_OTHER, (("location", location),), b"")
