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


def explain_origin(request: Request, answer: Answer, files: Sequence[FormFile], own_origins: Sequence[str]) -> Answer:
    """Add the explanation to a refusal page; return every other answer unchanged."""
    origin, form = request.header("origin"), _form(request, files)
    refused = answer.status == HTTPStatus.FORBIDDEN and _END in answer.body
    if not refused or not origin or form is None or form.signature is not None:
        return answer
    if origin in (*form.allowed_origins, *own_origins):
        return answer
    heading = tag("h2", "Shown on the embedded stack only", style="font-size: 1.1rem")
    help_text = tag("section", heading, *_explanation(form, origin))
    return replace(answer, body=answer.body.replace(_END, help_text.encode() + _END))


def _form(request: Request, files: Sequence[FormFile]) -> Form | None:
    return next((file.form for file in files if request.path == f"/forms/{file.id}"), None)


def _explanation(form: Form, origin: str) -> list[Markup]:
    intro = tag("p", "The page has the origin ", tag("code", origin), ", which the form does not allow.")
    if re.fullmatch(r"https?://[^/\s]+", origin):
        return [intro, *_line(form, origin)]
    served = "http://localhost:8080"
    command = tag("code", "python3 -m http.server 8080")
    why = "Pages opened from a file have it, and no form can allow it. Serve the page: run "
    return [intro, tag("p", why, command, f" in its folder and open {served}/."), *_line(form, served)]


def _line(form: Form, origin: str) -> list[Markup]:
    origins = json.dumps([*form.allowed_origins, origin])
    how = "change this line of " if form.allowed_origins else "add this line at the top of "
    where = tag("p", f"To allow it, {how}", tag("code", f"forms/{form.id}.toml"), ":")
    return [where, tag("pre", f"allowed_origins = {origins}", style="white-space: pre-wrap")]
