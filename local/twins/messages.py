"""What goes in and out of a twin: a request, an answer, a refusal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

Record = dict[str, Any]
"""One JSON object, in the vendor's own vocabulary."""


class RefusedError(Exception):
    """The vendor refuses the request; the twin turns this into an answer in the vendor's own error format."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Request:
    """One HTTP request: header names in lower case, `path` percent-decoded, `args` the path's variables."""

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    args: Mapping[str, str] = field(default_factory=dict)

    def first(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter, or the default."""
        return self.query.get(name, [default])[0]

    def whole(self, name: str, default: int) -> int:
        """Read a query parameter as a whole number.

        Raises:
            RefusedError: 400, it is not one.
        """
        try:
            return int(self.first(name) or default)
        except ValueError as error:
            raise RefusedError(400, f"{name} must be a whole number") from error

    def json(self) -> Any:
        """Read the body as JSON.

        Raises:
            RefusedError: 400, it is not JSON.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise RefusedError(400, "The request body is not valid JSON") from error

    def record(self) -> Record:
        """Read the body as one JSON object.

        Raises:
            RefusedError: 400, it is something else.
        """
        value = self.json()
        if not isinstance(value, dict):
            raise RefusedError(400, "The request body must be a JSON object")
        return value

    def form(self) -> dict[str, str]:
        """Read the body as urlencoded form fields, the last value of each."""
        fields = parse_qs(self.body.decode(errors="replace"), keep_blank_values=True)
        return {name: values[-1] for name, values in fields.items()}


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; `committed` says whether the request changed what the vendor holds."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    committed: bool = False


def json_answer(
    value: Any, status: int = 200, *, committed: bool = False, headers: Mapping[str, str] | None = None
) -> Answer:
    """Answer with a JSON body."""
    return Answer(status, json.dumps(value).encode(), headers=headers or {}, committed=committed)


def text_answer(text: str, status: int = 200, *, committed: bool = False) -> Answer:
    """Answer with a bare sentence for a body."""
    return Answer(status, text.encode(), "text/plain; charset=utf-8", committed=committed)


def html_answer(title: str, status: int = 200) -> Answer:
    """Answer with a small page, as a proxy, a firewall or a login screen would."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(status, page.encode(), "text/html; charset=utf-8")


def redirect_answer(location: str) -> Answer:
    """Answer with a 302 to another page."""
    return Answer(HTTPStatus.FOUND, b"", "text/html; charset=utf-8", {"Location": location})
