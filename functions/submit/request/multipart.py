"""Multipart form data by python-multipart: text parts are read, a file part is refused by its name."""

from __future__ import annotations

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File

from functions.submit.refusal import Refusal
from shared.forms.invalid_fields import FieldError


def read_multipart(body: bytes, boundary: bytes, max_parts: int) -> dict[str, str]:
    """Return the text parts; of a repeated name the last counts.

    Raises:
        Refusal: not multipart of this boundary, not UTF-8, too many parts, or a part that is a file.
    """
    parts = _Parts(max_parts)
    try:
        parser = FormParser("multipart/form-data", parts.add_field, parts.add_file, parts.end, boundary)
        parser.write(body)
        parser.finalize()
    except (FormParserError, UnicodeError, AssertionError):
        # The parser asserts where a part ends before its headers do.
        raise Refusal("unreadable-body") from None
    if not parts.ended:
        raise Refusal("unreadable-body")
    if parts.files:
        raise Refusal("invalid-fields", errors=[FieldError(name, "file_not_accepted") for name in parts.files])
    return parts.values


class _Parts:
    """What the parser has found so far; stops it at the first part too many."""

    def __init__(self, most: int) -> None:
        self._room = most
        self.values: dict[str, str] = {}
        self.files: dict[str, None] = {}
        self.ended = False

    def add_field(self, field: Field) -> None:
        self._take_room()
        self.values[_text(field.field_name)] = _text(field.value)

    def add_file(self, file: File) -> None:
        self._take_room()
        # A file input that was left empty is sent as a part without a name and without content.
        if file.file_name or file.size:
            self.files[_text(file.field_name)] = None

    def end(self) -> None:
        self.ended = True

    def _take_room(self) -> None:
        self._room -= 1
        if self._room < 0:
            raise Refusal("too-large")


def _text(data: bytes | None) -> str:
    return (data or b"").decode()
