"""Explains on the embedded stack why a form refused a page of another origin, and which line allows it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

from local.form_files import FormFile
from local.gateway.http_answer import Answer
from local.gateway.http_event import Request
from local.pages.html import Markup, tag
from shared.forms import Form

_END = b"</main>"
_SERVED = "http://localhost:8080"
"""Where a page is that was opened from a file before, once it is served."""


def explain_origin(request: Request, answer: Answer, files: Sequence[FormFile], own_origins: Sequence[str]) -> Answer:
    """Add the explanation to a refusal, a page or JSON; return every other answer unchanged."""
    origin, form = request.header("origin"), _form(request, files)
    if answer.status != HTTPStatus.FORBIDDEN or not origin or form is None or form.signature is not None:
        return answer
    if origin in (*form.allowed_origins, *own_origins):
        return answer
    if _END not in answer.body:
        return replace(answer, body=_with_hint(answer.body, form, origin))
    heading = tag("h2", "Shown on the embedded stack only", style="font-size: 1.1rem")
    help_text = tag("section", heading, *_explanation(form, origin))
    return replace(answer, body=answer.body.replace(_END, help_text.encode() + _END))


def allowing_line(form: Form, origin: str) -> str:
    """Return the line of the form file that allows one more origin."""
    return f"allowed_origins = {json.dumps([*form.allowed_origins, origin])}"


def can_be_allowed(origin: str) -> bool:
    """Whether a form can name the origin; that of a page opened from a file it cannot."""
    return re.fullmatch(r"https?://[^/\s]+", origin) is not None


def _with_hint(body: bytes, form: Form, origin: str) -> bytes:
    """Return a problem in JSON with a member for developers."""
    try:
        problem = json.loads(body)
    except ValueError:
        return body
    served = origin if can_be_allowed(origin) else _SERVED
    hint = f"on the embedded stack only: in forms/{form.id}.toml, {allowing_line(form, served)}"
    return json.dumps({**problem, "hint": hint}).encode() if isinstance(problem, dict) else body


def _form(request: Request, files: Sequence[FormFile]) -> Form | None:
    return next((file.form for file in files if request.path == f"/forms/{file.id}"), None)


def _explanation(form: Form, origin: str) -> list[Markup]:
    intro = tag("p", "The page has the origin ", tag("code", origin), ", which the form does not allow.")
    if can_be_allowed(origin):
        return [intro, *_line(form, origin)]
    command = tag("code", "python3 -m http.server 8080")
    why = "Pages opened from a file have it, and no form can allow it. Serve the page: run "
    return [intro, tag("p", why, command, f" in its folder and open {_SERVED}/."), *_line(form, _SERVED)]


def _line(form: Form, origin: str) -> list[Markup]:
    how = "change this line of " if form.allowed_origins else "add this line at the top of "
    where = tag("p", f"To allow it, {how}", tag("code", f"forms/{form.id}.toml"), ":")
    return [where, tag("pre", allowing_line(form, origin), style="white-space: pre-wrap")]
