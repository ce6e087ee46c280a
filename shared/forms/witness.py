"""The witness: what a visitor's browser says stood beside each consent box.

A client can lie, and nothing is refused for what it says.
The reserved field `_witness` holds an object, or its JSON text: consent field →
`{"text", "preTicked", "visible"}`. What cannot be read is unknown, never an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, TypedDict
from unicodedata import normalize

from shared.submission import Grant

WITNESS = "_witness"
"""Name of the reserved field; no form can define it."""
MAX_TEXT_CHARACTERS = 2000
"""Of a shown text that a receipt keeps."""

Doubt = Literal["different", "pre-ticked", "invisible"]


class Shown(TypedDict, total=False):
    """What a grant keeps of the witness, by the names of `Grant`."""

    shown: Literal["same", "different", "unknown"]
    text: str
    pre_ticked: bool
    visible: bool


def claims_in(values: Mapping[str, list[Any]]) -> Mapping[str, Any]:
    """Return what the browser claims, by consent field; nothing where it cannot be read."""
    sent = values.get(WITNESS, [])
    claims = sent[0] if len(sent) == 1 else None
    if isinstance(claims, str):
        try:
            claims = json.loads(claims)
        except (ValueError, RecursionError):
            return {}
    return claims if isinstance(claims, dict) else {}


def shown_beside(statement: str, claim: Any) -> Shown:
    """Return what a grant keeps of the claim about its box; a shown text only where it is not the statement."""
    claimed: Mapping[str, Any] = claim if isinstance(claim, dict) else {}
    kept: Shown = {"shown": "unknown"}
    text = claimed.get("text")
    if isinstance(text, str):
        kept["shown"] = "same" if _compared(text) == _compared(statement) else "different"
        if kept["shown"] == "different":
            # Half characters have no UTF-8, and could not be queued.
            kept["text"] = text[:MAX_TEXT_CHARACTERS].encode("utf-8", "replace").decode()
    if isinstance(claimed.get("preTicked"), bool):
        kept["pre_ticked"] = claimed["preTicked"]
    if isinstance(claimed.get("visible"), bool):
        kept["visible"] = claimed["visible"]
    return kept


def doubts_about(grant: Grant) -> list[Doubt]:
    """Return what the witness says against a grant."""
    doubts: dict[Doubt, bool] = {
        "different": grant.shown == "different",
        "pre-ticked": grant.pre_ticked is True,
        "invisible": grant.visible is False,
    }
    return [kind for kind, found in doubts.items() if found]


_SAME_TO_READERS = str.maketrans(
    "\u2018\u2019\u201c\u201d", "''\"\"", "\u00ad\u200b\u2060\ufeff\u200e\u200f*\u2610\u2611\u2713\u2714"
)
"""Editors make quotation marks typographic; pages add marks for hyphenation and direction, stars, and drawn boxes."""


def _compared(text: str) -> str:
    # A line break of the page leaves no white space in its text, so all of it goes.
    return "".join(normalize("NFC", text).translate(_SAME_TO_READERS).split())
