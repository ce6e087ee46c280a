"""Turns a form definition into an HTML form."""

from __future__ import annotations

import re
from typing import Any

from local.pages.html import Markup, tag
from shared.forms import Form
from shared.forms.fields import TextField

_INPUTS = {"email": "email", "phone": "tel", "integer": "number", "number": "number", "date": "date"}
_AUTOCOMPLETE = {
    "email": "email",
    "phone": "tel",
    "first_name": "given-name",
    "last_name": "family-name",
    "company": "organization",
    "address_line1": "address-line1",
    "city": "address-level2",
    "state": "address-level1",
    "postal_code": "postal-code",
}

_MESSAGE_LENGTH = 1000
"""Texts that may be this long get a textarea."""


def html_form(form: Form, *, snippet: bool) -> Markup:
    """Return the form for the stack's page, plain or marked for the snippet."""
    return tag(
        "form",
        tag("div", *_rows(form), class_="fields"),
        tag("div", _button(form), class_="buttons"),
        method="post",
        action=f"/forms/{form.id}",
        data_signup_relay=snippet,
        data_token=snippet and form.spam.min_seconds > 0,
    )


def html_source(url: str, form: Form) -> str:
    """Return the form as HTML to be pasted into a website."""
    start = f'<form method="post" action="{url}/forms/{form.id}">'
    rows = [re.sub(r' class="[^"]*"', "", row) for row in (*_rows(form), tag("p", _button(form)))]
    return "\n".join([start, *(f"  {row}" for row in rows), "</form>"])


def _rows(form: Form) -> list[Markup]:
    rows = [_row(form, name, field) for name, field in form.fields.items()]
    if form.spam.honeypot:
        box = tag("input", name=form.spam.honeypot, tabindex="-1", autocomplete="off")
        rows.append(tag("p", tag("label", "Leave this empty ", box), hidden=True))
    return rows


def _button(form: Form) -> Markup:
    return tag("button", "Send" if any(map(_is_message, form.fields.values())) else "Sign up")


def _is_message(field: Any) -> bool:
    return isinstance(field, TextField) and field.max_length >= _MESSAGE_LENGTH


def _row(form: Form, name: str, field: Any) -> Markup:
    label = field.label or name.replace("_", " ").capitalize()
    if field.type in {"consent", "boolean"}:
        box = tag("input", type="checkbox", name=name, value="true", required=field.required)
        text = field.statement if field.type == "consent" else label
        return tag("p", tag("label", box, " ", tag("span", text), class_="choice"), class_="wide")
    if field.type == "choices":
        return _tick_boxes(label, name, field)
    identifier = f"{form.id}-{name}"
    hint = Markup("") if field.required else tag("span", " (optional)", class_="hint")
    control = _control(identifier, form, name, field)
    return tag("p", tag("label", label, hint, for_=identifier), control, class_="wide" if _is_message(field) else None)


def _tick_boxes(label: str, name: str, field: Any) -> Markup:
    boxes = (
        tag("label", tag("input", type="checkbox", name=name, value=option), " ", tag("span", option), class_="choice")
        for option in field.options
    )
    hint = Markup("") if field.required else tag("span", " (optional)", class_="hint")
    return tag("fieldset", tag("legend", label, hint), *boxes, class_="wide")


def _control(identifier: str, form: Form, name: str, field: Any) -> Markup:
    if field.type == "choice":
        options = [tag("option", "", value="")] + [tag("option", option) for option in field.options]
        return tag("select", *options, id=identifier, name=name, required=field.required)
    maximum = str(field.max_length) if field.type == "text" else None
    if _is_message(field):
        return tag("textarea", id=identifier, name=name, required=field.required, maxlength=maximum)
    return tag(
        "input",
        id=identifier,
        name=name,
        type=_INPUTS.get(field.type, "text"),
        required=field.required,
        maxlength=maximum,
        step="any" if field.type == "number" else None,
        autocomplete=_AUTOCOMPLETE.get(form.attribute_of(name) or ""),
    )
