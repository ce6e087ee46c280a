"""Answers: what an API caller or a browser is told. One place turns results and refusals into HTTP."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.submit.answer import pages, refusal_text
from functions.submit.refusal import PROBLEMS, Refusal
from shared.forms import Form

Headers = dict[str, str | list[str]]


PUBLIC = ("submissionId", "status")
"""What a caller gets to know of a result: not which vendors are behind the form."""


def success(form: Form, result: Mapping[str, Any], *, html: bool, origin: str | None = None) -> Response[str]:
    """Answer an accepted sign-up: JSON, the configured page, or a built-in one that links back to `origin`."""
    if not html:
        delivered = result["status"] == "delivered"
        return json_answer(HTTPStatus.OK if delivered else HTTPStatus.ACCEPTED, {key: result[key] for key in PUBLIC})
    if form.redirect.success is not None:
        return _response(HTTPStatus.SEE_OTHER, "text/plain", "", {"Location": form.redirect.success})
    return _page(HTTPStatus.OK, pages.thank_you(form, origin))


def refusal(form: Form | None, refused: Refusal, *, html: bool) -> Response[str]:
    """Answer a refusal with its status: a problem (RFC 9457), or a page with the same status and field errors."""
    row = PROBLEMS[refused.kind]
    problem: dict[str, Any] = {
        "type": f"urn:signup-relay:problem:{refused.kind}",
        "title": refusal_text.title(form, refused),
        "status": row.status,
        "detail": refusal_text.detail(form, refused),
    }
    if refused.errors:
        problem["errors"] = [
            {"field": e.field, "code": e.code, "message": refusal_text.message(form, e)} for e in refused.errors
        ]
    headers: Headers = {}
    retry_after = refused.retry_after or row.retry_after
    if retry_after is not None:
        headers["Retry-After"] = str(math.ceil(retry_after))
    if html:
        return _page(row.status, pages.problem(form, problem), headers)
    return _response(row.status, "application/problem+json", json.dumps(problem), headers)


def preflight() -> Response[str]:
    """Answer `OPTIONS` for an allowed origin."""
    return _response(
        HTTPStatus.NO_CONTENT,
        "text/plain",
        "",
        {
            "Access-Control-Allow-Methods": "POST, OPTIONS",
            "Access-Control-Allow-Headers": "content-type, idempotency-key",
            "Access-Control-Max-Age": "600",
        },
    )


def allow(response: Response[str], origin: str | None) -> Response[str]:
    """Let scripts of an allowed origin read the answer."""
    response.headers["Vary"] = "Origin"
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    return response


def json_answer(status: int, body: Mapping[str, Any]) -> Response[str]:
    """Answer with plain JSON."""
    return _response(status, "application/json", json.dumps(body), {})


def _page(status: int, html: str, headers: Headers | None = None) -> Response[str]:
    # No script, no foreign content, nowhere to frame it: the page shows text that strangers had a hand in.
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    return _response(status, "text/html; charset=utf-8", html, {**(headers or {}), "Content-Security-Policy": policy})


def _response(status: int, content_type: str, body: str, headers: Headers) -> Response[str]:
    return Response(
        status_code=int(status),
        content_type=content_type,
        body=body,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **headers},
    )
