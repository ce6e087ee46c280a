"""Files served as they are: the snippet that a website embeds, and the OpenAPI description of the HTTP interface."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from aws_lambda_powertools.event_handler import Response

from shared.snippet import PATH as SNIPPET
from shared.snippet import current_snippet, snippet_at

OPENAPI = Path(__file__).parent / "static" / "openapi.json"

_CONTENT_TYPES = {".js": "text/javascript; charset=utf-8", ".json": "application/json"}

CACHE = "public, max-age=3600, stale-while-revalidate=604800"
"""A mended file reaches every visitor within the hour; nobody waits for the check."""
CACHE_VERSION = "public, max-age=31536000, immutable"
"""What has a version in its address never changes (RFC 8246)."""


def answer(path: str, headers: Mapping[str, str]) -> Response[str] | None:
    """Answer with a file, compressed where `Accept-Encoding` allows it, or with 304 if the caller holds this one.

    Any website may load it; it holds nothing of anybody.

    Args:
        path: the request's.
        headers: the request's, names in lower case.

    Returns:
        None where there is no such file.
    """
    text = _text(path)
    if text is None:
        return None
    tag = _tag(text)
    common: dict[str, str | list[str]] = {
        "Cache-Control": CACHE_VERSION if snippet_at(path) else CACHE,
        "ETag": tag,
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",  # for pages that isolate themselves
        "X-Content-Type-Options": "nosniff",
    }
    if _holds(headers.get("if-none-match", ""), tag):
        return Response(int(HTTPStatus.NOT_MODIFIED), headers=common)
    return Response(int(HTTPStatus.OK), _CONTENT_TYPES[Path(path).suffix], text, common, compress=True)


def _text(path: str) -> str | None:
    if path == "/openapi.json":
        return _openapi()
    snippet = current_snippet() if path == SNIPPET else snippet_at(path)
    return snippet.text if snippet else None


def _holds(if_none_match: str, tag: str) -> bool:
    """Compare weakly, as RFC 9110 wants for `If-None-Match`."""
    held = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return "*" in held or tag.removeprefix("W/") in held


@lru_cache
def _openapi() -> str:
    return OPENAPI.read_text(encoding="utf-8")


@lru_cache
def _tag(text: str) -> str:
    # Weak, because the compressed and the plain answer share it.
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
