"""Recorded requests: what exactly goes to a vendor, as JSON files that people can read and review.

`pytest tests/vendors --record` writes them again; without the option a difference is a failure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from shared.http.vendor_http import VendorHttp

FOLDER = Path(__file__).parent / "snapshots"

_NOISE = frozenset({"accept-encoding", "connection", "content-length", "host", "user-agent"})
"""Headers that httpx adds and no vendor reads."""


class Recorder:
    """Answers requests from a script, in order, and keeps what was sent without the secrets.

    An answer is a response, or the body of a 200: a text as it is, None for none, anything else as JSON.
    """

    def __init__(self, *answers: Any, secrets: Sequence[str] = ()) -> None:
        self._replies = map(_reply, answers)
        self._secrets = secrets
        self.requests: list[dict[str, Any]] = []
        self.http = VendorHttp(httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        recorded: dict[str, Any] = {
            "method": request.method,
            "path": request.url.raw_path.decode().partition("?")[0],
            "query": [pair for pair in request.url.query.decode().split("&") if pair],
            "headers": self._without_secrets(request.headers),
            "body": _body(request),
        }
        self.requests.append({name: value for name, value in recorded.items() if value not in ([], "", None)})
        return next(self._replies)

    def _without_secrets(self, headers: Mapping[str, str]) -> dict[str, str]:
        shown = {name: value for name, value in sorted(headers.items()) if name.lower() not in _NOISE}
        shown = {name: value.partition("boundary=")[0] for name, value in shown.items()}
        for secret in self._secrets:
            shown = {name: value.replace(secret, "<secret>") for name, value in shown.items()}
        return shown


def _reply(answer: Any) -> httpx.Response:
    if isinstance(answer, httpx.Response):
        return answer
    if answer is None or isinstance(answer, str):
        return httpx.Response(200, text=answer)
    return httpx.Response(200, json=answer)


def _body(request: httpx.Request) -> Any:
    content = request.content.decode()
    if request.headers.get("content-type", "").startswith("application/json"):
        return json.loads(content)
    boundary = request.headers.get("content-type", "").partition("boundary=")[2]
    return content.replace(boundary, "<boundary>") if boundary else content


class Snapshots:
    """Compares recorded requests with the file of their name."""

    def __init__(self, *, record: bool) -> None:
        self._record = record

    def check(self, name: str, recorder: Recorder) -> None:
        """Fail when what was sent differs from `snapshots/<name>.json`."""
        text = json.dumps(recorder.requests, indent=2, ensure_ascii=False) + "\n"
        path = FOLDER / f"{name}.json"
        is_recorded = path.exists() and json.loads(text) == json.loads(path.read_text(encoding="utf-8"))
        if self._record and not is_recorded:
            path.write_text(text, encoding="utf-8")
            return
        assert path.exists(), f"{path.name} is not recorded; run pytest with --record and review it"
        assert is_recorded, f"requests differ from {path.name}"
