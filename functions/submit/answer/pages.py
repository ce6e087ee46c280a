"""The built-in pages: plain HTML that works without CSS, script or anything to download. Every value is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from shared.forms import Form
from shared.forms.texts import PAGE_TEXTS

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:12vh auto;padding:0 1rem}"
    "h1{font-size:1.6rem;line-height:1.25;margin-top:.5rem}ul{padding-left:1.25rem}"
    "main>p:first-child{margin:0}a{color:LinkText}"
)

_RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}

_GO_BACK = {"invalid-fields", "too-large", "too-many-requests", "not-accepted", "form-broken"}
"""Problems for which it helps to look at the form again, now or later."""


def thank_you(form: Form, origin: str | None = None) -> str:
    """The page after a sign-up, where the form configures no other; it links to `origin` if the form names it.

    It is the same for everybody: a bot must not learn from it that its sign-up went to quarantine.
    """
    body = _paragraph(_text(form, "thank-you-text"))
    if origin is not None and origin in form.allowed_origins:
        text = _text(form, "back-to-site").replace("{site}", origin.partition("://")[2])
        body += f'<p><a href="{escape(origin)}">{escape(text)}</a></p>'
    return _page(form, _text(form, "thank-you-title"), body)


def problem(form: Form | None, problem: Mapping[str, Any]) -> str:
    """The page of a refusal, with the field errors as a list."""
    items = "".join(_item(form, error) for error in problem.get("errors", ()))
    alert = _paragraph(str(problem["detail"])) + (f"<ul>{items}</ul>" if items else "")
    body = f'<div role="alert">{alert}</div>'
    if str(problem["type"]).rpartition(":")[2] in _GO_BACK:
        body += _paragraph(_text(form, "go-back"))
    return _page(form, str(problem["title"]), body)


def _item(form: Form | None, error: Mapping[str, str]) -> str:
    label = form.label_of(error["field"]) if form is not None else error["field"]
    return f"<li><strong>{escape(label)}</strong>: {escape(error['message'])}</li>"


def _text(form: Form | None, code: str) -> str:
    return (form.messages if form is not None else {}).get(code, PAGE_TEXTS[code])


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _page(form: Form | None, heading: str, body: str) -> str:
    language = form.language if form is not None else "en"
    direction = "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
    # What has happened comes first: a screen reader and a row of tabs begin with the title.
    title = f"{heading} - {form.title}" if form is not None else heading
    about = _paragraph(form.title) if form is not None else ""
    return (
        f'<!doctype html>\n<html lang="{escape(language)}" dir="{direction}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{about}<h1>{escape(heading)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
