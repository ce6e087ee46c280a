"""Bodies: JSON, URL-encoded and multipart, as one mapping of field name to values. Limits are checked before parsing.

The mapping is `Values`: field name → every value sent under that name, in the order sent, never an empty list.
- URL-encoded and multipart bodies send texts; a repeated name has several: `{"interests": ["cardiology", "oncology"]}`.
- JSON sends one value per name, of any JSON type: `{"news": [True]}`. A JSON list stays one value, a list:
  `{"interests": [["cardiology", "oncology"]]}`. Of a name repeated in one JSON object the last counts. A number that
  a float cannot hold exactly is its text: `{"amount": ["12345678901234567890.12"]}`.
- A field with a `source` has the one value that its expression found, or is not there.
What several values mean is decided per field type by `shared.forms`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header

from functions.submit.refusal import Refusal
from functions.submit.request.multipart import UTF_8, read_multipart
from shared.forms import Form
from shared.forms.reserved_names import CHARSET
from shared.forms.sources import WrongKind, value_at
from shared.telemetry import count

T = TypeVar("T")

MAX_FIELDS = 100
MAX_DEPTH = 10

Values = dict[str, list[Any]]
"""Field name → every value sent under it; see above."""

_EXACT_FLOATS = 2**53
"""From here on, different whole numbers are the same float."""
_CHARSET = CHARSET.encode()
_ESCAPE = b"\x1b"
"""How ISO-2022 encodings switch between character sets. No text of a visitor holds it."""


def read_values(form: Form, content_type: str, body: bytes) -> Values:
    """Return what was submitted.

    Args:
        form: its fields' sources say where in the body they stand; its `body` names the field that holds JSON.
        content_type: the request's header.
        body: the exact bytes sent.

    Raises:
        Refusal: unsupported type or encoding, unreadable, too many fields, too deep, or a file.
    """
    media, parameters = _content_type(content_type)
    if parameters.get(b"charset", b"utf-8").lower() not in UTF_8:
        raise Refusal("unsupported-type")
    if media == b"application/json":
        return _from_json(form, body)
    texts = _texts(media, parameters, body, _max_fields(form))
    if form.body is None:
        found = {name: values if len(values) > 1 else values[0] for name, values in texts.items()}
        return {**_under_own_names(form, texts), **_from_sources(form, found)}
    if form.body not in texts:
        raise Refusal("unreadable-body")
    return _from_json(form, texts[form.body][-1].encode())


def last_of(values: Values, name: str) -> Any:
    """Return the last value sent under `name`, or None."""
    return values[name][-1] if name in values else None


def _content_type(header: str) -> tuple[bytes, dict[bytes, bytes]]:
    try:
        return parse_options_header(header)
    except UnicodeError:
        raise Refusal("unsupported-type") from None


def _max_fields(form: Form) -> int | None:
    """Return how many fields a body may have; builders that are read by sources send far more than the form reads."""
    return None if _all_sourced(form) else MAX_FIELDS


def _all_sourced(form: Form) -> bool:
    return all(field.source for field in form.fields.values())


def _texts(
    media: bytes, parameters: Mapping[bytes, bytes], body: bytes, max_fields: int | None
) -> dict[str, list[str]]:
    match media:
        case b"application/x-www-form-urlencoded":
            return _decoded(_from_query(body, max_fields))
        case b"multipart/form-data":
            return _decoded(read_multipart(body, parameters.get(b"boundary", b""), max_fields))
    raise Refusal("unsupported-type")


def _decoded(pairs: Sequence[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    if any(name == _CHARSET and content.strip().lower() not in {b"", *UTF_8} for name, content in pairs):
        raise Refusal("unsupported-type")
    if any(_ESCAPE in content for _, content in pairs):
        raise Refusal("unreadable-body")
    texts: dict[str, list[str]] = {}
    try:
        for name, content in pairs:
            texts.setdefault(name.decode(), []).append(content.decode())
    except UnicodeError:
        raise Refusal("unreadable-body") from None
    return texts


def _from_query(body: bytes, max_fields: int | None) -> list[tuple[bytes, bytes]]:
    # Counted before they are parsed. Nothing between two `&`, or after the last one, is no field.
    if max_fields is not None and sum(map(bool, body.split(b"&"))) > max_fields:
        raise Refusal("too-large")
    # Latin-1 keeps every byte as it is; the encoding is checked afterwards.
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    return [(name.encode("latin-1"), content.encode("latin-1")) for name, content in pairs]


def _from_json(form: Form, body: bytes) -> Values:
    try:
        data = json.loads(body.decode("utf-8-sig"), parse_float=_exact_number, parse_constant=_no_constant)
    except RecursionError:
        raise Refusal("too-deep") from None
    except ValueError:
        raise Refusal("unreadable-body") from None
    if _deeper(data, MAX_DEPTH):
        raise Refusal("too-deep")
    if not isinstance(data, dict) and not _all_sourced(form):
        raise Refusal("unreadable-body")
    flat = data if isinstance(data, dict) else {}
    limit = _max_fields(form)
    if limit is not None and len(flat) > limit:
        raise Refusal("too-large")
    return {
        **{name: [value] for name, value in _under_own_names(form, flat).items()},
        **_from_sources(form, data),
    }


def _exact_number(text: str) -> float | str:
    """Return a number with a point or an exponent; one that a float would change stays the text that was sent."""
    number = float(text)
    try:
        is_exact = abs(number) < _EXACT_FLOATS and Decimal(repr(number)) == Decimal(text)
    except InvalidOperation:  # more digits in its exponent than Decimal takes
        is_exact = False
    return number if is_exact else text


def _no_constant(name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _under_own_names(form: Form, sent: Mapping[str, T]) -> dict[str, T]:
    """Return what was sent but for the fields with a source: those are read there and nowhere else."""
    return {name: value for name, value in sent.items() if name not in form.fields or not form.fields[name].source}


def _from_sources(form: Form, data: Any) -> Values:
    found = {name: _found(form, name, field.source, data) for name, field in form.fields.items() if field.source}
    return {name: [value] for name, value in found.items() if value is not None}


def _found(form: Form, name: str, source: str, data: Any) -> Any:
    try:
        return value_at(source, data)
    except WrongKind:
        count("FieldsDropped", form=form.id, field=name)
        return None


def _deeper(data: Any, levels: int) -> bool:
    """Whether `data` nests deeper than that; looks no further down, since Python's own stack has an end too."""
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else None
    return inner is not None and (levels == 0 or any(_deeper(each, levels - 1) for each in inner))
