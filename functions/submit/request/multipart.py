"""Multipart form data by python-multipart: text parts are read, a file is refused by its field's name."""

from __future__ import annotations

import base64
import binascii
import re

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from functions.submit.refusal import Refusal
from shared.forms.invalid_fields import FieldError

_QUOTED = re.compile(rb'"(\\.|[^"\\])*"')
_EXTENDED_FILE_NAME = re.compile(rb";\s*filename\*", re.IGNORECASE)
UTF_8 = frozenset({b"utf-8", b"utf8"})


def read_multipart(body: bytes, boundary: bytes, max_parts: int | None) -> list[tuple[bytes, bytes]]:
    """Return name and content of each text part, in order.

    Raises:
        Refusal: not multipart of this boundary, another charset than UTF-8, more than `max_parts` parts, or a file.
    """
    parts = _Parts(max_parts)
    try:
        parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]
        parser.write(body)
        parser.finalize()
    except (FormParserError, binascii.Error):
        raise Refusal("unreadable-body") from None
    if not parts.ended:
        raise Refusal("unreadable-body")
    if parts.files:
        names = [name.decode("utf-8", "replace") for name in parts.files]
        raise Refusal("invalid-fields", errors=[FieldError(name, "file_not_accepted") for name in names])
    return parts.texts


class _Parts:
    """What the parser has found so far; stops it at the first part too many."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._count = 0
        self._header = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._content = bytearray()
        self.texts: list[tuple[bytes, bytes]] = []
        self.files: dict[bytes, None] = {}
        self.ended = False

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_part_data": lambda data, start, end: self._content.extend(data[start:end]),
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._count += 1
        if self._most is not None and self._count > self._most:
            raise Refusal("too-large")
        self._headers = {}
        self._content = bytearray()

    def _end_header(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower()] = bytes(value).strip()
        self._header = (bytearray(), bytearray())

    def _end_part(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"")
        _, options = parse_options_header(disposition)
        if b"name" not in options:
            raise Refusal("unreadable-body")
        name, content = options[b"name"], self._decoded()
        if b"filename" in options or _EXTENDED_FILE_NAME.search(_QUOTED.sub(b"", disposition)):
            # A file input that was left empty is sent as a part without a name and without content.
            if options.get(b"filename") != b"" or content:
                self.files[name] = None
            return
        _, parameters = parse_options_header(self._headers.get(b"content-type", b""))
        if parameters.get(b"charset", b"utf-8").lower() not in UTF_8:
            raise Refusal("unsupported-type")
        self.texts.append((name, content))

    def _decoded(self) -> bytes:
        match self._headers.get(b"content-transfer-encoding", b"").lower():
            case b"base64":
                return base64.b64decode(self._content)
            case b"quoted-printable":
                return binascii.a2b_qp(self._content)
        return bytes(self._content)

    def _end(self) -> None:
        self.ended = True
