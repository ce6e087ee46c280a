"""Turns an HTTP request into the event that API Gateway's HTTP API sends to Lambda: payload format version 2.0.

Source: "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway".
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from local.template import ACCOUNT

_TEXT_TYPES = {"application/json", "application/javascript", "application/xml"}


@dataclass(frozen=True)
class Request:
    """A request as received; `target` is the path with its query, percent-encoded."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source_ip: str
    received_at: datetime
    protocol: str = "HTTP/1.1"

    @property
    def path(self) -> str:
        """The path as API Gateway passes it on: decoded, and cut at an encoded question mark."""
        return unquote(self.target.partition("?")[0]).partition("?")[0]

    @property
    def query(self) -> str:
        """The query string, percent-encoded."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str:
        """Return a header's value: several joined by commas, empty when absent."""
        return ",".join(value for key, value in self.headers if key.lower() == name)


def http_event(request: Request, route_key: str, path_parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the event for a request that matched a route."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": _headers(request),
        "requestContext": _request_context(request, route_key),
        "isBase64Encoded": False,
    }
    if cookies := request.header("cookie"):
        event["cookies"] = [cookie.strip() for cookie in cookies.split(";")]
    if request.query:
        event["queryStringParameters"] = _joined(parse_qsl(request.query, keep_blank_values=True))
    if path_parameters:
        event["pathParameters"] = dict(path_parameters)
    if request.body:
        event |= _body(request)
    return event


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _headers(request: Request) -> dict[str, str]:
    """Return names in lower case, repeated ones joined by commas, without cookies, with those that the gateway adds."""
    headers = _joined((name.lower(), value) for name, value in request.headers if name.lower() != "cookie")
    forwarded = headers.get("x-forwarded-for")
    host, _, port = headers.get("host", "").partition(":")
    return headers | {
        "host": host,
        "x-amzn-trace-id": f"Root=1-{int(request.received_at.timestamp()):08x}-{uuid.uuid4().hex[:24]}",
        "x-forwarded-for": f"{forwarded}, {request.source_ip}" if forwarded else request.source_ip,
        "x-forwarded-port": port or "80",
        "x-forwarded-proto": "http",
    }


def _body(request: Request) -> dict[str, Any]:
    """Return text as it is and everything else in base64, urlencoded forms and bodies without a type included.

    API Gateway documents that binary bodies are encoded, but not which types are binary: this was observed.
    """
    media_type = request.header("content-type").partition(";")[0].strip().lower()
    if media_type.startswith("text/") or media_type in _TEXT_TYPES:
        try:
            return {"body": request.body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass  # not text, whatever its type says
    return {"body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}


def _request_context(request: Request, route_key: str) -> dict[str, Any]:
    return {
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": request.header("host").partition(":")[0],
        "domainPrefix": "local",
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent"),
        },
        "requestId": uuid.uuid4().hex[:16],
        "routeKey": route_key,
        "stage": "$default",
        "time": request.received_at.astimezone(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(request.received_at.timestamp() * 1000),
    }
