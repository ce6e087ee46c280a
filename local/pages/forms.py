"""The page with a working form per form definition, and the ways to post to it without one."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from local.connections import SIGNING_SECRET
from local.form_files import FormFile
from local.http_answer import Answer
from local.pages.html import Markup, page, tag

_EXAMPLES = {
    "email": "ada@example.com",
    "phone": "+1 202 555 0143",
    "boolean": "true",
    "consent": "true",
    "integer": "3",
    "number": "1.5",
    "date": "1990-12-31",
}
_INPUTS = {"email": "email", "phone": "tel", "integer": "number", "number": "number", "date": "date"}
_AUTOCOMPLETE = {
    "email": "email",
    "phone": "tel",
    "first_name": "given-name",
    "last_name": "family-name",
    "company": "organization",
    "postal_code": "postal-code",
}


def forms_page(url: str, forms: Sequence[FormFile], *, snippet: bool = False) -> Answer:
    """Make the page at `/`: plain forms, or the same ones with the snippet."""
    intro = tag(
        "p",
        "Every form of the folder ",
        tag("code", "forms/"),
        ", working. Sign up, then look at ",
        tag("a", "what the twins hold", href="/twins"),
        ". Change a form file and reload: it is taken up at once.",
    )
    other = tag("a", "Try them as plain forms", href="/") if snippet else tag("a", "Try them with it", href="/?snippet")
    manner = "These use the snippet, signup-relay.js. " if snippet else "These are plain, without the snippet. "
    links = (tag("li", tag("a", str(form.definition.get("title", form.id)), href=f"#{form.id}")) for form in forms)
    script = tag("script", src="/signup-relay.js", defer=True) if snippet else Markup("")
    sections = (_section(url, form, snippet) for form in forms)
    return page("Forms", intro, tag("p", manner, other, "."), tag("ul", *links), *sections, script)


def thanks_page(form_id: str, forms: Sequence[FormFile]) -> Answer:
    """Make the page that stands in for a form's `redirect.success`, which is on the real website."""
    target = next((form.definition["redirect"]["success"] for form in forms if form.id == form_id), "")
    where = tag("p", "On the website the visitor would now see ", tag("code", target), ".")
    return page("Thank you", where, tag("p", tag("a", "See what the twins hold", href="/twins")))


def _section(url: str, form: FormFile, snippet: bool) -> Markup:
    title = form.definition.get("title", form.id)
    content = [tag("h2", str(title), id=form.id), tag("p", tag("code", f"forms/{form.id}.toml"), _goes_to(form))]
    if not form.definition:
        content.append(tag("p", "This file is not TOML, so the form answers 503.", class_="off"))
    elif _is_for_servers(form):
        content.append(tag("p", "For servers only: nothing to fill in here."))
    else:
        content.append(_form(form, snippet))
    content.append(_without_a_page(url, form))
    return tag("section", *content, aria_labelledby=form.id)


def _goes_to(form: FormFile) -> str:
    names = [f"{destination['name']} ({destination['vendor']})" for destination in form.destinations]
    return f" → {', '.join(names)}" if names else ""


def _is_for_servers(form: FormFile) -> bool:
    fields = _fields(form).values()
    return "signature" in form.definition or any("source" in field for field in fields)


def _fields(form: FormFile) -> Mapping[str, Mapping[str, Any]]:
    fields = form.definition.get("fields", {})
    return {name: field for name, field in fields.items() if isinstance(field, dict)}


def _form(form: FormFile, snippet: bool) -> Markup:
    rows = [_row(form.id, name, field) for name, field in _fields(form).items()]
    spam = form.definition.get("spam", {})
    if honeypot := spam.get("honeypot"):
        box = tag("input", name=honeypot, tabindex="-1", autocomplete="off")
        rows.append(tag("p", tag("label", "Leave this empty ", box), class_="away", aria_hidden="true"))
    return tag(
        "form",
        *rows,
        tag("p", tag("button", "Sign up")),
        method="post",
        action=f"/forms/{form.id}",
        data_signup_relay=snippet,
        data_token=snippet and bool(spam.get("min_seconds")),
    )


def _row(form_id: str, name: str, field: Mapping[str, Any]) -> Markup:
    required = bool(field.get("required"))
    label = field.get("label") or name.replace("_", " ").capitalize()
    if field.get("type") in {"consent", "boolean"}:
        box = tag("input", type="checkbox", name=name, value="true", required=required)
        return tag("p", tag("label", box, " ", field.get("statement", label), class_="choice"))
    identifier = f"{form_id}-{name}"
    text = label if required else f"{label} (optional)"
    return tag("p", tag("label", text, for_=identifier), _control(identifier, name, field))


def _control(identifier: str, name: str, field: Mapping[str, Any]) -> Markup:
    required = bool(field.get("required"))
    if field.get("type") == "choice":
        options = [tag("option", "", value="")] + [tag("option", option) for option in field.get("options", [])]
        return tag("select", *options, id=identifier, name=name, required=required)
    return tag(
        "input",
        id=identifier,
        name=name,
        type=_INPUTS.get(field.get("type", ""), "text"),
        required=required,
        maxlength=field.get("max_length"),
        step="any" if field.get("type") == "number" else None,
        autocomplete=_AUTOCOMPLETE.get(field.get("maps_to", name)),
    )


def _without_a_page(url: str, form: FormFile) -> Markup:
    """Show how a program posts to the form."""
    if "signature" in form.definition:
        return tag("p", "Its senders sign with ", tag("code", SIGNING_SECRET), " on this stack.")
    if not form.definition or _is_for_servers(form):
        return Markup("")
    values = {name: _example(field) for name, field in _fields(form).items()}
    commands = [
        _curl(url, form.id, "application/json", json.dumps(values, ensure_ascii=False)),
        _curl(url, form.id, "application/x-www-form-urlencoded", urlencode(values)),
    ]
    return tag("details", tag("summary", "The same with curl"), *(tag("pre", command) for command in commands))


def _example(field: Mapping[str, Any]) -> str:
    if field.get("type") == "choice":
        return str(field.get("options", [""])[0])
    return _EXAMPLES.get(field.get("type", ""), "Ada")


def _curl(url: str, form_id: str, content_type: str, body: str) -> str:
    lines = [
        f"curl -i {url}/forms/{form_id}",
        f"-H 'Origin: {url}'",
        f"-H 'Content-Type: {content_type}'",
        "-H 'Accept: application/json'",
        f"--data {shlex.quote(body)}",
    ]
    return " \\\n  ".join(lines)
