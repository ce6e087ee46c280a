"""The built-in pages: plain HTML that works without CSS, script or anything to download. Every value is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from shared.forms import Form

_STYLE = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}"

_TEXTS = {
    "thank-you-title": "Thank you",
    "thank-you-text": "We have received your sign-up.",
    "go-back": "Go back with your browser's back button to correct it; your entries are still there.",
}


def thank_you(form: Form) -> str:
    """The page after a sign-up, where the form configures no other."""
    return _page(form.language, _text(form, "thank-you-title"), f"<p>{escape(_text(form, 'thank-you-text'))}</p>")


def problem(form: Form | None, problem: Mapping[str, Any]) -> str:
    """The page of a refusal, with the field errors as a list."""
    body = f"<p>{escape(str(problem['detail']))}</p>"
    errors = problem.get("errors", ())
    if errors:
        items = "".join(
            f"<li><strong>{escape(_label(form, e['field']))}</strong>: {escape(e['message'])}</li>" for e in errors
        )
        body += f"<ul>{items}</ul><p>{escape(_text(form, 'go-back'))}</p>"
    return _page(form.language if form else "en", str(problem["title"]), body)


def _label(form: Form | None, field: str) -> str:
    known = form.fields.get(field) if form is not None else None
    return (known.label if known is not None else None) or field


def _text(form: Form | None, code: str) -> str:
    return (form.messages if form is not None else {}).get(code, _TEXTS[code])


def _page(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
