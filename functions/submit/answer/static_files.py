"""Files served as they are: the snippet that a website embeds, and the OpenAPI description of the HTTP interface."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from aws_lambda_powertools.event_handler import Response

FOLDER = Path(__file__).parent / "static"

_CONTENT_TYPES = {".js": "text/javascript; charset=utf-8", ".json": "application/json"}

CACHE = "public, max-age=3600, stale-while-revalidate=604800"
"""A mended file reaches every visitor within the hour; nobody waits for the check."""


def answer(path: str, headers: Mapping[str, str]) -> Response[str]:
    """Answer with a file, compressed where `Accept-Encoding` allows it, or with 304 if the caller holds this one.

    Any website may load it; it holds nothing of anybody.

    Args:
        path: the file's name after a slash, from the table of routes.
        headers: the request's, names in lower case.
    """
    text, tag = _file(path)
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
    return Response(int(HTTPStatus.OK), _CONTENT_TYPES[Path(path).suffix], text, common, compress=True)


def _holds(if_none_match: str, tag: str) -> bool:
    """Compare weakly, as RFC 9110 wants for `If-None-Match`."""
    held = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return "*" in held or tag.removeprefix("W/") in held


@lru_cache
def _file(path: str) -> tuple[str, str]:
    text = (FOLDER / path.removeprefix("/")).read_text(encoding="utf-8")
    # Weak, because the compressed and the plain answer share it.
    return text, f'W/"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
