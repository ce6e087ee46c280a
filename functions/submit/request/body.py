"""Bodies: JSON, URL-encoded and multipart, as one mapping of field name to value. Limits are checked before parsing."""

from __future__ import annotations

import json
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import jmespath  # type: ignore[import-untyped]
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]
from python_multipart.multipart import parse_options_header

from functions.submit.refusal import Refusal
from functions.submit.request.multipart import read_multipart
from functions.submit.request.request import Request
from shared.forms import Form

MAX_FIELDS = 100
MAX_DEPTH = 10

Values = dict[str, Any]
"""Field name → text, or whatever JSON held. Of a repeated key the last value counts, as in a browser's tick boxes."""


def read_values(form: Form, request: Request, body: bytes) -> Values:
    """Return what was submitted, by field name.

    Raises:
        Refusal: unsupported type, unreadable, too large or too deep.
    """
    media, parameters = _content_type(request.headers.get("content-type", ""))
    if parameters.get(b"charset", b"utf-8").lower() not in {b"utf-8", b"utf8"}:
        raise Refusal("unsupported-type")
    match media:
        case b"application/json":
            return _from_json(form, body)
        case b"application/x-www-form-urlencoded":
            return _from_query(body)
        case b"multipart/form-data":
            return dict(read_multipart(body, parameters.get(b"boundary", b""), MAX_FIELDS))
    raise Refusal("unsupported-type")


def _content_type(header: str) -> tuple[bytes, dict[bytes, bytes]]:
    try:
        return parse_options_header(header)
    except UnicodeError:
        raise Refusal("unsupported-type") from None


def _from_query(body: bytes) -> Values:
    # Counted first: every field but the last ends in one.
    if body.count(b"&") >= MAX_FIELDS:
        raise Refusal("too-large")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
    except UnicodeError:
        raise Refusal("unreadable-body") from None


def _from_json(form: Form, body: bytes) -> Values:
    try:
        data = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except RecursionError:
        raise Refusal("too-deep") from None
    except ValueError:
        raise Refusal("unreadable-body") from None
    if _deeper(data, MAX_DEPTH):
        raise Refusal("too-deep")
    if isinstance(data, dict) and len(data) > MAX_FIELDS:
        raise Refusal("too-large")
    sources = {name: field.source for name, field in form.fields.items() if field.source}
    if not isinstance(data, dict) and len(sources) < len(form.fields):
        raise Refusal("unreadable-body")
    flat = data if isinstance(data, dict) else {}
    return {**flat, **{name: _at(source, data) for name, source in sources.items()}}


def _no_constant(name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _at(source: str, data: Any) -> Any:
    try:
        return jmespath.search(source, data)
    except JMESPathError:
        return None  # a function met a type it cannot take: the field is absent


def _deeper(data: Any, levels: int) -> bool:
    """Whether `data` nests deeper than that; looks no further down, since Python's own stack has an end too."""
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else None
    return inner is not None and (levels == 0 or any(_deeper(each, levels - 1) for each in inner))
