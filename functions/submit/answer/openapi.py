"""The HTTP interface, described as OpenAPI 3.1: served at `GET /openapi.json`, kept in `docs/openapi.json`.

What a form's own fields are stands in its form file; here is what all forms have in common.
`python -m functions.submit.answer.openapi > docs/openapi.json` writes it anew.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from typing import Any

from functions.submit.refusal import PROBLEMS
from functions.submit.request.body import MAX_FIELDS
from shared.forms.key_types import ID_PATTERN
from shared.forms.texts import FIELD_TEXTS

Schema = dict[str, Any]

_SIGN_UP_PROBLEMS = tuple(kind for kind in PROBLEMS if kind not in {"not-found", "method-not-allowed"})
_TOKEN_PROBLEMS = ("origin-not-allowed", "form-not-found", "form-broken", "not-accepted")

_GATEWAYS_OWN = frozenset({400, 403, 413, 429, 503})
"""Statuses that API Gateway may answer by itself, before a request reaches us."""


def description() -> Schema:
    """Return the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Signup Relay",
            "version": "0.1.0",
            "summary": "Takes a website's sign-ups and delivers them to marketing vendors.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/forms/{form_id}": {
                "parameters": [{"$ref": "#/components/parameters/FormId"}],
                "post": _sign_up(),
                "options": _preflight(),
            },
            "/forms/{form_id}/token": {
                "parameters": [{"$ref": "#/components/parameters/FormId"}],
                "get": _token(),
            },
            "/signup-relay.js": {"get": _script()},
            "/openapi.json": {"get": _description()},
        },
        "components": {
            "parameters": {
                "FormId": {
                    "name": "form_id",
                    "in": "path",
                    "required": True,
                    "description": "Name of the form's file, without `.toml`.",
                    "schema": {"type": "string", "pattern": f"^{ID_PATTERN.pattern}$"},
                    "example": "newsletter",
                }
            },
            "schemas": {
                "Accepted": _accepted_schema(),
                "Problem": _problem_schema(),
                "GatewayProblem": {
                    "type": "object",
                    "description": "What API Gateway answers by itself.",
                    "properties": {"message": {"type": ["string", "null"]}},
                    "required": ["message"],
                },
            },
        },
    }


def _sign_up() -> Schema:
    fields = {
        "type": "object",
        "maxProperties": MAX_FIELDS,
        "description": "The form's fields by name. Others are dropped.",
        "additionalProperties": True,
        "examples": [{"email": "ada@example.com", "news": True}],
    }
    page = {"text/html": {"schema": {"type": "string"}}}
    accepted = {"application/json": {"schema": {"$ref": "#/components/schemas/Accepted"}}, **page}
    return {
        "operationId": "signUp",
        "summary": "One sign-up",
        "description": (
            "At most 64 KiB and JSON depth 10. A caller whose `Accept` prefers `text/html` gets pages and redirects, "
            "any other JSON. Forms for webhooks take any JSON that their fields' sources can read."
        ),
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key gets the first answer for 24 hours, and causes no second delivery.",
                "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": fields},
                "application/x-www-form-urlencoded": {"schema": fields},
                "multipart/form-data": {"schema": fields},
            },
        },
        "responses": {
            "200": {"description": "Every destination confirmed it.", "content": accepted},
            "202": {
                "description": "Accepted; at least one delivery is durably queued or parked.",
                "content": {"application/json": accepted["application/json"]},
            },
            "303": {
                "description": "Accepted; the browser is sent to the form's own page.",
                "headers": {"Location": {"schema": {"type": "string"}, "required": True}},
            },
            **_problems(_SIGN_UP_PROBLEMS),
        },
    }


def _preflight() -> Schema:
    return {
        "operationId": "preflight",
        "summary": "CORS preflight",
        "responses": {
            "204": {"description": "Scripts of this origin may post."},
            **_problems(("origin-not-allowed", "form-not-found", "form-broken")),
        },
    }


def _token() -> Schema:
    schema = {
        "type": "object",
        "properties": {
            "token": {"type": "string"},
            "minSeconds": {
                "type": "integer",
                "minimum": 0,
                "description": "How old the token must be when it is sent.",
            },
        },
        "required": ["token", "minSeconds"],
        "additionalProperties": False,
    }
    return {
        "operationId": "issueToken",
        "summary": "A time token for a visitor who opens the form now, to be sent in the field `_token`",
        "responses": {
            "200": {"description": "The token.", "content": {"application/json": {"schema": schema}}},
            **_problems(_TOKEN_PROBLEMS),
        },
    }


def _script() -> Schema:
    return {
        "operationId": "script",
        "summary": "The script that enhances a website's forms",
        "responses": {
            "200": {"description": "The script.", "content": {"text/javascript": {"schema": {"type": "string"}}}},
            "304": {"description": "The caller holds it already."},
        },
    }


def _description() -> Schema:
    return {
        "operationId": "describe",
        "summary": "This description",
        "responses": {
            "200": {"description": "It.", "content": {"application/json": {"schema": {"type": "object"}}}},
        },
    }


def _problems(kinds: tuple[str, ...]) -> Schema:
    """Return a response per status; its description lists the problems that it may be."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for kind in kinds:
        by_status[PROBLEMS[kind].status].append(f"`{kind}`: {PROBLEMS[kind].detail}")
    return {str(status): _problem(status, lines) for status, lines in sorted(by_status.items())}


def _problem(status: int, lines: list[str]) -> Schema:
    response: Schema = {
        "description": "\n\n".join(lines),
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
            "text/html": {"schema": {"type": "string"}},
        },
    }
    if status in _GATEWAYS_OWN:
        response["content"]["application/json"] = {"schema": {"$ref": "#/components/schemas/GatewayProblem"}}
    if status in {429, 503}:
        seconds = {"type": "integer", "minimum": 0}
        response["headers"] = {"Retry-After": {"schema": seconds, "description": "Seconds until a try is worthwhile."}}
    return response


def _accepted_schema() -> Schema:
    return {
        "type": "object",
        "properties": {
            "submissionId": {"type": "string"},
            "status": {"enum": ["delivered", "accepted"]},
        },
        "required": ["submissionId", "status"],
        "additionalProperties": False,
    }


def _problem_schema() -> Schema:
    error = {
        "type": "object",
        "properties": {
            "field": {"type": "string"},
            "code": {"enum": sorted(FIELD_TEXTS)},
            "message": {"type": "string", "description": "For people; a form may have its own."},
        },
        "required": ["field", "code", "message"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "description": "A problem of RFC 9457.",
        "properties": {
            "type": {"enum": [f"urn:signup-relay:problem:{kind}" for kind in PROBLEMS]},
            "title": {"type": "string"},
            "status": {"enum": sorted({problem.status for problem in PROBLEMS.values()})},
            "detail": {"type": "string"},
            "errors": {"type": "array", "minItems": 1, "items": error},
        },
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": False,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(description(), indent=2, ensure_ascii=False) + "\n")
