"""The page with every form, working, and with other ways to post it."""

from __future__ import annotations

from collections.abc import Sequence

from local.connections import SIGNING_SECRET
from local.form_files import FormFile
from local.gateway.http_answer import Answer
from local.pages.commands import curl_commands
from local.pages.controls import html_form, html_source
from local.pages.html import Markup, page, tag
from local.twins import vendor_title
from shared.forms import Form


def forms_page(url: str, files: Sequence[FormFile], *, snippet: bool = False) -> Answer:
    """Return the page at `/`: plain forms, or the same ones with the snippet."""
    intro = tag(
        "p",
        "Every form of the folder ",
        tag("code", "forms/"),
        ", working. Sign up, then see on the ",
        tag("a", "timeline", href="/timeline"),
        " what became of it, and what the ",
        tag("a", "vendors' twins", href="/twins"),
        " hold. A change of a form file takes effect at once; reload this page to see it.",
        class_="intro",
    )
    links = (tag("li", tag("a", file.title, href=f"#{file.id}")) for file in files)
    script = tag("script", src="/signup-relay.js", defer=True) if snippet else Markup("")
    sections = (_section(url, file, snippet) for file in files)
    return page(
        "Forms", intro, _snippet_note(snippet), tag("ul", *links, class_="overview"), *sections, script, path="/"
    )


def _snippet_note(snippet: bool) -> Markup:
    if snippet:
        other = tag("a", "Try them as plain forms", href="/")
        return tag("p", "These forms use the snippet: errors appear beside the fields. ", other, ".", class_="intro")
    return tag(
        "p",
        "These are plain HTML forms: a sign-up leads to another page; your browser's back button leads back here. ",
        tag("a", "Try them with the snippet", href="/?snippet"),
        ", a small script that keeps visitors on the page.",
        class_="intro",
    )


def thanks_page(form_id: str, files: Sequence[FormFile]) -> Answer:
    """Return the page that replaces a form's `redirect.success`, which is on the real website."""
    form = next((file.form for file in files if file.id == form_id), None)
    target = (form.redirect.success if form else None) or ""
    where = tag("p", "In production, the visitor would now be on ", tag("code", target), ".")
    links = tag(
        "p",
        tag("a", "Back to the forms", href=f"/#{form_id}"),
        " · ",
        tag("a", "See what became of it", href="/timeline"),
        " · ",
        tag("a", "See the twins", href="/twins"),
    )
    return page("Thank you", tag("p", "The sign-up has been accepted."), where, links)


def _section(url: str, file: FormFile, snippet: bool) -> Markup:
    where = tag("p", tag("code", f"forms/{file.id}.toml"), _goes_to(file.form), class_="where")
    content = [tag("h2", file.title, id=file.id), where]
    if file.problems:
        content.append(_problems(file))
    if file.form:
        content += _ways_in(url, file.form, snippet)
    return tag("section", *content, aria_labelledby=file.id)


def _problems(file: FormFile) -> Markup:
    effect = "" if file.form else ", so the form answers 503"
    items = (tag("li", tag("code", problem)) for problem in file.problems)
    return tag("div", tag("p", f"relay check finds mistakes{effect}:"), tag("ul", *items), class_="problems")


def _goes_to(form: Form | None) -> str:
    destinations = form.destinations if form else ()
    names = [f"{vendor_title(destination.spec.vendor)} ({destination.name})" for destination in destinations]
    return f" → {', '.join(names)}" if names else ""


def _ways_in(url: str, form: Form, snippet: bool) -> list[Markup]:
    if form.signature:
        senders = tag("p", "Its senders sign with ", tag("code", SIGNING_SECRET), " on this stack.")
        return [tag("p", "For servers only: nothing to fill in here."), senders]
    if any(field.source for field in form.fields.values()):
        return [tag("p", "For servers only: nothing to fill in here.")]
    commands = (tag("pre", command) for command in curl_commands(url, form))
    own_site = tag("details", tag("summary", "HTML for your site"), *_own_site(url, form))
    curl = tag("details", tag("summary", "The same with curl"), *commands)
    return [html_form(form, snippet=snippet), own_site, curl]


def _own_site(url: str, form: Form) -> list[Markup]:
    origins = tag("p", "Add the origin of your page to ", tag("code", "allowed_origins"), f" in forms/{form.id}.toml.")
    return [tag("pre", html_source(url, form)), origins]
