"""The snippet: the script that a website embeds, served at `GET /signup-relay.js`. `docs/website.md` tells its use."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from aws_lambda_powertools.event_handler import Response

SOURCE = Path(__file__).parent / "static" / "signup-relay.js"

CACHE = "public, max-age=3600, stale-while-revalidate=604800"
"""A mended snippet reaches every visitor within the hour; none waits for the check."""


def script(headers: Mapping[str, str]) -> Response[str]:
    """Answer with the script, compressed where `Accept-Encoding` allows it, or with 304 if the caller holds this one.

    `headers` are the request's, names in lower case. Any website may load it; it holds nothing of anybody.
    """
    text, tag = _script()
    common: dict[str, str | list[str]] = {
        "Cache-Control": CACHE,
        "ETag": tag,
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",  # for pages that isolate themselves
        "X-Content-Type-Options": "nosniff",
    }
    if _holds(headers.get("if-none-match", ""), tag):
        return Response(int(HTTPStatus.NOT_MODIFIED), headers=common)
    return Response(int(HTTPStatus.OK), "text/javascript; charset=utf-8", text, common, compress=True)


def _holds(if_none_match: str, tag: str) -> bool:
    """Compare weakly, as RFC 9110 wants for `If-None-Match`."""
    held = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return "*" in held or tag.removeprefix("W/") in held


@lru_cache(maxsize=1)
def _script() -> tuple[str, str]:
    text = SOURCE.read_text(encoding="utf-8")
    # Weak, because the compressed and the plain answer share it.
    return text, f'W/"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
