"""A page's HTML: its forms, their inputs, and what stands beside each."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cli.web_page.fetching import Fetched

_CONTROLS = "input, select, textarea, button"
_BUTTONS = frozenset({"submit", "button", "reset", "image"})
_TICKED = frozenset({"checkbox", "radio"})


@dataclass(frozen=True, slots=True)
class Control:
    """An input, a list or a text area that a form sends."""

    node: LexborNode
    name: str
    kind: str
    """`type` of an input, else its tag."""

    @property
    def fixed_values(self) -> list[str]:
        """What it can send, where that is fixed in the page."""
        if self.kind == "select":
            return [_value_of_option(each) for each in self.node.css("option") if "disabled" not in each.attributes]
        if self.kind in _TICKED:
            return [_or(self.node.attributes.get("value"), "on")]
        return [self.node.attributes.get("value") or ""] if self.kind == "hidden" else []

    @property
    def is_ticked(self) -> bool:
        """Whether it is ticked before the visitor does anything."""
        return "checked" in self.node.attributes


@dataclass(frozen=True, slots=True)
class PageForm:
    """A `<form>`, with its address as a browser would make it."""

    node: LexborNode
    action: str
    controls: tuple[Control, ...]

    def attribute(self, name: str) -> str | None:
        """Return an attribute of the form; an empty text where it has no value."""
        return (self.node.attributes.get(name) or "") if name in self.node.attributes else None

    def named(self, name: str) -> list[Control]:
        """Return its controls of this name."""
        return [control for control in self.controls if control.name == name]


class Document:
    """One page."""

    def __init__(self, fetched: Fetched) -> None:
        self.url = fetched.url
        self.headers = fetched.headers
        self.charset = fetched.charset or _charset_in(fetched.content)
        """The encoding that the page states, or None where it states none."""
        self.tree = LexborHTMLParser(_decoded(fetched.content, self.charset))

    @cached_property
    def base(self) -> str:
        """The address that relative ones are resolved against."""
        base = self.tree.css_first("base[href]")
        return urljoin(self.url, _attribute(base, "href")) if base is not None else self.url

    def address(self, relative: str) -> str:
        """Return an address of the page as an absolute one."""
        return urljoin(self.base, relative.strip())

    def forms(self) -> list[PageForm]:
        """Return its forms."""
        return [
            PageForm(node, self.address(_attribute(node, "action")), tuple(self._controls(node)))
            for node in self.tree.css("form")
        ]

    def scripts(self) -> list[LexborNode]:
        """Return its scripts that are loaded from an address."""
        return self.tree.css("script[src]")

    def style_sheets(self) -> list[str]:
        """Return the addresses of its style sheets for screens."""
        links = self.tree.css("link[rel~='stylesheet'][href]")
        return [self.address(_attribute(link, "href")) for link in links if _is_for_screens(link)]

    def own_styles(self) -> list[str]:
        """Return the text of its `<style>` elements."""
        return [style.text() for style in self.tree.css("style") if _is_for_screens(style)]

    def text_beside(self, control: Control) -> str:
        """Return what the labels of a control say: those around it, for it, and those that `aria-labelledby` names."""
        ids = _attribute(control.node, "aria-labelledby").split()
        labels = [*self._labels(control.node), *(node for each in ids if (node := self._by_id(each)) is not None)]
        distinct = {label.mem_id: label for label in labels}
        return re.sub(r"\s+", " ", " ".join(label.text() for label in distinct.values())).strip()

    def labels_of(self, control: Control) -> list[LexborNode]:
        """Return the labels of a control."""
        return list(self._labels(control.node))

    def meta(self, name: str) -> str:
        """Return the content of a `<meta>` by its name, in small letters."""
        return next(
            (_attribute(m, "content") for m in self._metas() if _attribute(m, "name").lower() == name), ""
        ).lower()

    def _metas(self) -> list[LexborNode]:
        return self.tree.css("meta[name]")

    def _labels(self, node: LexborNode) -> Iterator[LexborNode]:
        own_id = node.attributes.get("id")
        if own_id:
            yield from (label for label in self.tree.css("label[for]") if label.attributes.get("for") == own_id)
        around = node.parent
        while around is not None:
            if around.tag == "label" and "for" not in around.attributes:
                yield around
            around = around.parent

    def _by_id(self, wanted: str) -> LexborNode | None:
        return next((node for node in self.tree.css("[id]") if node.attributes.get("id") == wanted), None)

    def _controls(self, form: LexborNode) -> Iterator[Control]:
        own_id = form.attributes.get("id")
        inside = {node.mem_id for node in form.css(_CONTROLS)}
        for node in self.tree.css(_CONTROLS):
            owner = node.attributes.get("form")
            is_ours = node.mem_id in inside if "form" not in node.attributes else bool(own_id) and owner == own_id
            name, kind = _attribute(node, "name"), _kind(node)
            if is_ours and name and kind not in _BUTTONS and not _is_disabled(node):
                yield Control(node, name, kind)


def _kind(node: LexborNode) -> str:
    if node.tag == "button":
        return "submit"
    return (_attribute(node, "type").lower() or "text") if node.tag == "input" else str(node.tag)


def _is_disabled(node: LexborNode) -> bool:
    each: LexborNode | None = node
    while each is not None:
        if "disabled" in each.attributes and (each is node or each.tag == "fieldset"):
            return True
        each = each.parent
    return False


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def _or(value: str | None, default: str) -> str:
    return default if value is None else value


def _value_of_option(option: LexborNode) -> str:
    return _attribute(option, "value") if "value" in option.attributes else option.text().strip()


def _is_for_screens(node: LexborNode) -> bool:
    return _attribute(node, "media").strip().lower() in {"", "all", "screen"} and "disabled" not in node.attributes


def _charset_in(content: bytes) -> str | None:
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8"
    found = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]+)", content[:4096], re.IGNORECASE)
    return found[1].decode("ascii", "replace").lower() if found else None


def _decoded(content: bytes, charset: str | None) -> str:
    try:
        return content.decode(charset or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")
