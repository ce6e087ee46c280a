"""Turns a function's result into an HTTP answer, by the rules of payload format version 2.0."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, ready to be written."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def gateway_answer(status: HTTPStatus, message: str | None = None) -> Answer:
    """Return one of API Gateway's own answers, such as `{"message":"Not Found"}`."""
    body = json.dumps({"message": message or status.phrase}, separators=(",", ":")).encode()
    return Answer(status, (("content-type", "application/json"),), body)


def http_answer(result: Any) -> Answer:
    """Turn a function's result into an answer; a result that API Gateway cannot read is its 500."""
    if not isinstance(result, dict) or "statusCode" not in result:
        # JSON without a status is the body of a 200.
        body = result if isinstance(result, str) else json.dumps(result)
        return Answer(HTTPStatus.OK, (("content-type", "application/json"),), body.encode())
    try:
        return _answer(result)
    except (TypeError, ValueError, AttributeError, binascii.Error):
        return gateway_answer(HTTPStatus.INTERNAL_SERVER_ERROR)


def _answer(result: dict[str, Any]) -> Answer:
    headers = {name.lower(): str(value) for name, value in (result.get("headers") or {}).items()}
    headers.setdefault("content-type", "text/plain;charset=UTF-8")
    cookies = [("set-cookie", cookie) for cookie in result.get("cookies") or ()]
    if not all(_is_header(value) for _, value in (*headers.items(), *cookies)):
        raise ValueError("a header value that HTTP cannot carry")
    body = result.get("body") or ""
    content = base64.b64decode(body, validate=True) if result.get("isBase64Encoded") else body.encode()
    return Answer(int(result["statusCode"]), (*headers.items(), *cookies), content)


def _is_header(value: str) -> bool:
    return value.isprintable() and all(ord(character) < 256 for character in value)  # Latin-1, no line breaks
