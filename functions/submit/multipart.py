"""Multipart form data by python-multipart: text parts are read, a file part is refused by its name."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File

from functions.submit.refusal import FieldError, Refusal


def read_multipart(body: bytes, boundary: str) -> dict[str, Any]:
    """Return the text parts; of a repeated name the last counts.

    Raises:
        Refusal: not multipart of this boundary, not UTF-8, or a part that is a file.
    """
    values: dict[str, Any] = {}
    files: list[str] = []

    def on_field(field: Field) -> None:
        values[_text(field.field_name)] = _text(field.value)

    def on_file(file: File) -> None:
        # A file input that was left empty is sent as a part without a name and without content.
        if file.file_name or file.size:
            files.append(_text(file.field_name))

    ended: list[bool] = []
    try:
        parser = FormParser(
            "multipart/form-data", on_field, on_file, on_end=lambda: ended.append(True), boundary=boundary
        )
        parser.write(BytesIO(body).getvalue())
        parser.finalize()
    except (FormParserError, UnicodeDecodeError, ValueError):
        raise Refusal("unreadable-body") from None
    if not ended:
        raise Refusal("unreadable-body")
    if files:
        raise Refusal("invalid-fields", errors=[FieldError(name, "file_not_accepted") for name in files])
    return values


def _text(data: bytes | None) -> str:
    return (data or b"").decode()
