"""Builds HTML. Every text is escaped unless `tag` made it."""

from __future__ import annotations

from html import escape
from http import HTTPStatus
from pathlib import Path

from local.gateway.http_answer import Answer

_STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
_ICON = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
    "<rect width='16' height='16' rx='4' fill='%232c4fd0'/>"
    "<path d='M3 8h8M8 5l3 3-3 3' stroke='white' fill='none'/></svg>"
)
_VOID = {"input", "link", "meta", "br"}


class Markup(str):
    """Text that is HTML, not to be escaped."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | bool | None) -> Markup:
    """Return an element. `class_` is `class`, `aria_label` is `aria-label`; False and None leave an attribute out."""
    start = name + "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{start}>")
    return Markup(f"<{start}>{join(*children)}</{name}>")


def join(*children: str) -> Markup:
    """Concatenate pieces, escaping plain text."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))


def page(title: str, *content: str, path: str = "") -> Answer:
    """Return a whole page; `path` is its link in the navigation."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} - Signup Relay"),
        tag("link", rel="icon", href=_ICON),
        tag("style", Markup(_STYLE)),
    )
    body = tag("body", tag("header", _navigation(path)), tag("main", tag("h1", title), *content))
    document = "<!DOCTYPE html>" + tag("html", head, body, lang="en")
    return Answer(HTTPStatus.OK, (("content-type", "text/html; charset=utf-8"),), document.encode())


def _navigation(path: str) -> Markup:
    links = (
        tag("a", name, href=to, aria_current="page" if to == path else None)
        for to, name in {"/": "Forms", "/timeline": "Timeline", "/twins": "Twins"}.items()
    )
    return tag("nav", tag("strong", "Signup Relay"), *links)


def see_other(location: str) -> Answer:
    """Redirect the browser after a POST."""
    return Answer(HTTPStatus.SEE_OTHER, (("location", location),), b"")
