"""A form definition as an HTML form."""

from __future__ import annotations

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


_MESSAGE = 1000
"""Characters from which on a text is a message: something to send, in a box of several lines."""


def fill_in(form: Form, *, snippet: bool) -> Markup:
    """Make the form, plain or marked for the snippet."""
    rows = [_row(form, name, field) for name, field in form.fields.items()]
    if form.spam.honeypot:
        box = tag("input", name=form.spam.honeypot, tabindex="-1", autocomplete="off")
        rows.append(tag("p", tag("label", "Leave this empty ", box), class_="away", aria_hidden="true"))
    is_message = any(_is_message(field) for field in form.fields.values())
    return tag(
        "form",
        tag("div", *rows, class_="fields"),
        tag("div", tag("button", "Send" if is_message else "Sign up"), class_="buttons"),
        method="post",
        action=f"/forms/{form.id}",
        data_signup_relay=snippet,
        data_token=snippet and form.spam.min_seconds > 0,
    )


def _is_message(field: Any) -> bool:
    return isinstance(field, TextField) and field.max_length >= _MESSAGE


def _row(form: Form, name: str, field: Any) -> Markup:
    label = field.label or name.replace("_", " ").capitalize()
    if field.type in {"consent", "boolean"}:
        box = tag("input", type="checkbox", name=name, value="true", required=field.required)
        words = field.statement if field.type == "consent" else label
        return tag("p", tag("label", box, " ", tag("span", words), class_="choice"), class_="wide")
    identifier = f"{form.id}-{name}"
    hint = Markup("") if field.required else tag("span", " (optional)", class_="hint")
    control = _control(identifier, form, name, field)
    return tag("p", tag("label", label, hint, for_=identifier), control, class_="wide" if _is_message(field) else None)


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
