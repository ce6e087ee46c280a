"""Bodies: JSON, URL-encoded and multipart, as one mapping of field name to value. Limits are checked before parsing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.message import Message
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import jmespath  # type: ignore[import-untyped]
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]

from functions.submit.multipart import read_multipart
from functions.submit.refusal import Refusal
from functions.submit.request import Request
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
    if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise Refusal("unsupported-type")
    match media:
        case "application/json":
            return _from_json(form, body)
        case "application/x-www-form-urlencoded":
            return _limited(_from_query(body))
        case "multipart/form-data":
            return _limited(read_multipart(body, parameters.get("boundary", "")))
    raise Refusal("unsupported-type")


def _content_type(header: str) -> tuple[str, dict[str, str]]:
    message = Message()
    message["content-type"] = header.replace("\r", " ").replace("\n", " ")
    parameters = message.get_params(failobj=[("", "")], header="content-type")
    return str(parameters[0][0]).lower(), {name.lower(): str(value) for name, value in parameters[1:]}


def _limited(values: Values) -> Values:
    if len(values) > MAX_FIELDS:
        raise Refusal("too-large")
    return values


def _from_query(body: bytes) -> Values:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS * 4)
    except UnicodeDecodeError:
        raise Refusal("unreadable-body") from None
    except ValueError:
        raise Refusal("too-large") from None
    return dict(pairs)


def _from_json(form: Form, body: bytes) -> Values:
    try:
        data = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except RecursionError:
        raise Refusal("too-deep") from None
    except ValueError:
        raise Refusal("unreadable-body") from None
    if _depth(data) > MAX_DEPTH:
        raise Refusal("too-deep")
    sources = {name: field.source for name, field in form.fields.items() if field.source}
    flat = _limited(data) if isinstance(data, dict) else {}
    if not isinstance(data, dict) and len(sources) < len(form.fields):
        raise Refusal("unreadable-body")
    return {**flat, **{name: _at(source, data) for name, source in sources.items()}}


def _no_constant(name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _at(source: str, data: Any) -> Any:
    try:
        return jmespath.search(source, data)
    except JMESPathError:
        return None  # a function met a type it cannot take: the field is absent


def _depth(data: Any) -> int:
    if isinstance(data, Mapping):
        return 1 + max(map(_depth, data.values()), default=0)
    if isinstance(data, list):
        return 1 + max(map(_depth, data), default=0)
    return 0
