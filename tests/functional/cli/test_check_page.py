"""`relay check --page`: a page as it is served, the form file, and the relay that it posts to."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.snippet import current_snippet
from tests.support.operator import Operator, Output
from tests.support.relay import Relay
from tests.support.web_site import Page, WebSite

FORM = """
title = "Newsletter"
allowed_origins = ["ORIGIN"]
[fields.email]
type = "email"
required = true
[fields.given_name]
type = "text"
maps_to = "first_name"
[fields.size]
type = "choice"
options = ["1-5", "6-20"]
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me the monthly newsletter. I can stop at any time."
version = "2026-03"
[spam]
honeypot = "website"
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
custom_fields = { size = "size" }
"""
TRAP = '<p hidden><label>Leave this empty <input name="website" tabindex="-1" autocomplete="off"></label></p>'
BOX = """<label><input type="checkbox" name="news" value="true">
 Send me the <b>monthly newsletter</b>. I can stop at any time.</label>"""
FORM_TAG = '<form method="post" action="/forms/newsletter">'
HTML = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>News</title></head><body>
<form role="search" action="/search"><input name="q"></form>
{FORM_TAG}
<label for="email">Email</label><input id="email" name="email" type="email" required>
<label for="name">First name</label><input id="name" name="given_name">
<select name="size"><option value="">Please choose<option>1-5<option>6-20</select>
{BOX}
{TRAP}
<button>Sign up</button>
</form></body></html>"""
SNIPPET = '<script src="/signup-relay.js" defer></script><form data-signup-relay'


@pytest.fixture
def site(relay: Relay) -> Iterator[WebSite]:
    with WebSite(relay) as site:
        site.pages["/news"] = Page(HTML.encode())
        relay.form("newsletter", FORM.replace("ORIGIN", site.url))
        yield site


def check(operator: Operator, site: WebSite, right: str = "", wrong: str = "", *words: str) -> Output:
    """Check the page after one change of its HTML."""
    assert right in HTML
    site.pages["/news"].content = HTML.replace(right, wrong, 1).encode()
    return operator.run("check", "--page", f"{site.url}/news", *words)


def told(operator: Operator, site: WebSite, right: str = "", wrong: str = "") -> tuple[list[str], list[str]]:
    """Return the keys of the problems and of the warnings."""
    said = check(operator, site, right, wrong, "--json")
    assert said.code == (1 if said.json["problems"] else 0)
    assert all(each["reason"] for each in [*said.json["problems"], *said.json["warnings"]])
    return [each["key"] for each in said.json["problems"]], [each["key"] for each in said.json["warnings"]]


def test_a_page_that_would_work_passes(site: WebSite, operator: Operator) -> None:
    said = check(operator, site)
    assert (said.code, said.lines) == (0, ["1 form, 0 problems"])


def test_the_answer_for_machines_has_page_forms_and_snippet(site: WebSite, operator: Operator) -> None:
    assert check(operator, site, "", "", "--json").json == {
        "page": f"{site.url}/news",
        "forms": ["newsletter"],
        "snippet": "none",
        "snippet_version": None,
        "problems": [],
        "warnings": [],
    }


def test_a_problem_is_told_with_its_form_and_key(site: WebSite, operator: Operator) -> None:
    said = check(operator, site, 'name="email"', 'name="e-mail"')
    assert said.code == 1
    assert said.lines == [
        'newsletter: fields.email: the page has no input with name="email", which the form requires',
        'newsletter: warning: input e-mail: is no field of the form: its value is dropped; did you mean "email"?',
        "1 form, 1 problem, 1 warning",
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        # It posts to the right address, in a way that the relay takes.
        ('method="post" action="/forms/newsletter"', 'action="/forms/newsletter"', "method"),
        ('action="/forms/newsletter"', 'action="/forms/newsleter"', "action"),
        ('action="/forms/newsletter"', 'action="/sign-up"', "form"),
        ('action="/forms/newsletter"', 'action="/elsewhere/forms/newsletter"', "action"),
        ('action="/forms/newsletter"', 'action="http://127.0.0.1:9/forms/newsletter"', "action"),
        (FORM_TAG, FORM_TAG.replace(">", ' enctype="text/plain">'), "enctype"),
        (FORM_TAG, FORM_TAG.replace(">", ' accept-charset="windows-1252">'), "accept-charset"),
        ("<head>", '<head><meta name="referrer" content="no-referrer">', ""),
        # It has the fields and their values.
        ('name="email"', 'name="mail"', "fields.email"),
        ('id="email" name="email"', 'id="email" name="email" disabled', "fields.email"),
        ("<option>6-20", "<option>6 to 20", "fields.size"),
        ('type="email"', 'type="file"', "fields.email"),
        # The honeypot is hidden from people, from screen readers and from the keyboard.
        ("<p hidden>", "<p>", "spam.honeypot"),
        ("<p hidden>", '<p style="position:absolute;left:-9999px">', "spam.honeypot"),
        ("<p hidden>", '<p aria-hidden="true">', "spam.honeypot"),
        ("<p hidden>", '<style>#trap { display: flex }</style><p id="trap" hidden>', "spam.honeypot"),
        ("<p hidden>", '<style>@media print { #trap { display: none } }</style><p id="trap">', "spam.honeypot"),
        (
            '<p hidden><label>Leave this empty <input name="website" tabindex="-1"',
            '<p aria-hidden="true" style="opacity: 0"><label>Leave this empty <input name="website"',
            "spam.honeypot",
        ),
        ('name="website"', 'name="website" value="https://"', "spam.honeypot"),
        # The consent text stands there as stated, can be seen, and is not ticked.
        ("monthly newsletter", "newsletter", "fields.news"),
        ('name="news"', 'name="news" checked', "fields.news"),
        (BOX, f'<div style="display:none">{BOX}</div>', "fields.news"),
        (BOX, '<input type="hidden" name="news" value="true">', "fields.news"),
        (BOX, '<input type="checkbox" name="news" value="true">', "fields.news"),
        ('value="true"', 'value="no"', "fields.news"),
        ('value="true"', 'value="newsletter"', "fields.news"),
        # The snippet is there where the form wants it.
        ("<form method", "<form data-signup-relay method", "snippet"),
    ],
)
def test_what_would_not_work_is_a_problem(site: WebSite, operator: Operator, right: str, wrong: str, key: str) -> None:
    problems, _ = told(operator, site, right, wrong)
    assert problems == ([key] if key else [])


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        ('<input id="name" name="given_name">', "", "fields.given_name"),
        ('id="name" name="given_name"', 'id="name" name="firstname"', "fields.given_name"),
        (
            '<input id="name" name="given_name">',
            '<input name="given_name"><input name="given_name">',
            "fields.given_name",
        ),
        ("<label for", '<input type="hidden" name="campaign" value="x"><label for', "input campaign"),
        (TRAP, "", "spam.honeypot"),
        (' autocomplete="off"', "", "spam.honeypot"),
        (BOX, "", "fields.news"),
        ('<meta charset="utf-8">', "", ""),
    ],
)
def test_what_is_probably_a_mistake_is_a_warning(
    site: WebSite, operator: Operator, right: str, wrong: str, key: str
) -> None:
    problems, warnings = told(operator, site, right, wrong)
    assert problems == []
    assert (key in warnings) is bool(key)


INPUT = '<input name="website" tabindex="-1" autocomplete="off">'


@pytest.mark.parametrize(
    "trap",
    [
        '<input type="hidden" name="website">',
        f'<div style="display: none">{INPUT}</div>',
        f'<div inert style="opacity:0">{INPUT.replace("tabindex", "data-x")}</div>',
        f'<style>.t {{ position: absolute; left: -9999px }}</style><p class="t" aria-hidden="true">{INPUT}</p>',
        f'<style>.t {{ display: none !important }} p {{ display: block }}</style><p class="t">{INPUT}</p>',
        f'<style>@layer a {{ .t {{ width: 1px; overflow: clip }} }}</style><p class="t" aria-hidden="true">{INPUT}</p>',
        f'<style>/* .t {{}} */ a::b {{ }} .t:is(p) {{ visibility: hidden }}</style><p class="t">{INPUT}</p>',
    ],
)
def test_a_honeypot_may_be_hidden_in_other_ways(site: WebSite, operator: Operator, trap: str) -> None:
    assert told(operator, site, TRAP, trap) == ([], [])


def test_a_linked_style_sheet_hides_too(site: WebSite, operator: Operator) -> None:
    site.pages["/site.css"] = Page(b".trap { display: none }", headers={"Content-Type": "text/css"})
    link = '<link rel="stylesheet" href="/site.css"><link rel="stylesheet" media="print" href="/gone.css">'
    assert told(operator, site, "<p hidden>", f'{link}<p class="trap">') == ([], [])

    del site.pages["/site.css"]
    assert told(operator, site, "<p hidden>", f'{link}<p class="trap">') == (["spam.honeypot"], ["style sheet"])


STATEMENT = "Send me the monthly newsletter. I can stop at any time."
LABELLED = """<input aria-labelledby="a b" type="checkbox" name="news">
<i id="a">Send me the monthly newsletter.</i> <i id="b">I can stop at any time.</i>"""


@pytest.mark.parametrize(
    "box",
    [
        f'<input id="n" type="checkbox" name="news"><label for="n">{STATEMENT}</label>',
        LABELLED,
        f'<input type="hidden" name="news" value="false">{BOX}',
        BOX.replace("monthly", '<a href="/x">month</a>ly'),
    ],
)
def test_a_statement_may_stand_beside_its_box_in_other_ways(site: WebSite, operator: Operator, box: str) -> None:
    assert told(operator, site, BOX, box) == ([], [])


def test_an_input_may_stand_outside_its_form(site: WebSite, operator: Operator) -> None:
    html = (
        HTML.replace(FORM_TAG, FORM_TAG.replace(">", ' id="f">'))
        .replace(TRAP, "")
        .replace("</form></body>", f"</form>{TRAP.replace('<input', '<input form=f')}</body>")
    )
    site.pages["/news"].content = html.encode()
    assert operator.run("check", "--page", f"{site.url}/news").code == 0


def test_an_origin_that_the_form_does_not_allow_is_told_by_file_and_relay(
    site: WebSite, relay: Relay, operator: Operator
) -> None:
    relay.form("newsletter", FORM.replace("ORIGIN", "https://www.example.com"))
    problems, _ = told(operator, site)
    assert problems == ["allowed_origins", "action"]


@pytest.mark.parametrize(("policy", "problems"), [("no-referrer", ["referrer policy"]), ("origin", [])])
def test_a_page_that_hides_its_origin_from_the_relay_is_told(
    site: WebSite, relay: Relay, operator: Operator, policy: str, problems: list[str]
) -> None:
    with WebSite(relay) as elsewhere:
        elsewhere.pages["/news"] = Page(HTML.replace('action="', f'action="{site.url}').encode())
        elsewhere.pages["/news"].headers["Referrer-Policy"] = policy
        relay.form("newsletter", FORM.replace("ORIGIN", elsewhere.url))
        said = operator.run("check", "--page", f"{elsewhere.url}/news", "--json")
    assert [each["key"] for each in said.json["problems"]] == problems


@pytest.mark.parametrize(
    ("top", "key"),
    [
        ('signature = { scheme = "header-secret", secret = "s" }', "action"),
        ("expect_evry = 1", "action"),
        ('[fields.x]\ntype = "text"\nsource = "a"', "fields"),
    ],
)
def test_a_form_that_takes_no_page_is_told(site: WebSite, relay: Relay, operator: Operator, top: str, key: str) -> None:
    text = FORM.replace("ORIGIN", site.url)
    relay.form("newsletter", text.replace("[fields.email]", f"{top}\n[fields.email]"))
    problems, _ = told(operator, site)
    assert key in problems


def test_what_the_form_needs_against_bots_must_be_on_the_page(site: WebSite, relay: Relay, operator: Operator) -> None:
    relay.form(
        "newsletter",
        FORM.replace("ORIGIN", site.url).replace("[spam]", '[spam]\nmin_seconds = 3\ncaptcha = "turnstile"'),
    )
    assert told(operator, site)[0] == ["spam.min_seconds", "spam.captcha"]

    widget = '<input type="hidden" name="_token"><div class="cf-turnstile"></div><button>'
    assert told(operator, site, "<button>", widget) == ([], [])


def test_the_snippet_of_the_relay_is_current(site: WebSite, operator: Operator) -> None:
    said = check(operator, site, "<form method", f"{SNIPPET} method", "--json")
    assert (said.code, said.json["snippet"], said.json["warnings"]) == (0, "current", [])
    assert said.json["snippet_version"] == current_snippet().version


def test_a_copy_that_is_out_of_date_is_told(site: WebSite, operator: Operator) -> None:
    site.pages["/js/signup-relay.min.js"] = Page(b"// of last year", headers={"Content-Type": "text/javascript"})
    script = SNIPPET.replace("/signup-relay.js", "/js/signup-relay.min.js")
    said = check(operator, site, "<form method", f"{script} method", "--json")
    assert (said.code, said.json["snippet"]) == (0, "outdated")
    assert [each["key"] for each in said.json["warnings"]] == ["snippet"]


@pytest.mark.parametrize(("content", "problems"), [(None, []), (b"another", ["snippet"])])
def test_an_integrity_hash_that_stops_the_snippet_is_told(
    site: WebSite, relay: Relay, operator: Operator, content: bytes | None, problems: list[str]
) -> None:
    served = relay.request("GET", "/signup-relay.js").text.encode()
    digest = base64.b64encode(hashlib.sha384(content or served).digest()).decode()
    script = SNIPPET.replace("defer", f'integrity="sha384-{digest}" defer')
    assert told(operator, site, "<form method", f"{script} method")[0] == problems


def test_a_snippet_that_is_gone_is_told(site: WebSite, operator: Operator) -> None:
    script = SNIPPET.replace("/signup-relay.js", "/js/signup-relay.js")
    assert told(operator, site, "<form method", f"{script} method") == (["snippet"], [])


def test_a_snippet_that_no_form_uses_is_told(site: WebSite, operator: Operator) -> None:
    script = SNIPPET.replace("<form data-signup-relay", "<form")
    assert told(operator, site, "<form method", f"{script} method") == ([], ["snippet"])


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page(b"", status=404), "answers 404"),
        (Page(b"%PDF", headers={"Content-Type": "application/pdf"}), "is application/pdf, not a web page"),
        (Page(b"x" * (4 * 1024 * 1024 + 1)), "is larger than 4096 KiB"),
        (Page(b"", status=302, headers={"Location": "/news"}), "more than 5 redirects"),
        (Page(b"", status=302, headers={"Location": "file:///etc/passwd"}), "is not an http(s) address"),
    ],
)
def test_a_page_that_cannot_be_read_ends_with_2(site: WebSite, operator: Operator, page: Page, said: str) -> None:
    site.pages["/news"] = page
    output = operator.run("check", "--page", f"{site.url}/news")
    assert output.code == 2
    assert said in output.err


@pytest.mark.parametrize("url", ["news.html", "ftp://127.0.0.1/", "http://", "http://127.0.0.1:9/", "http://\x00/"])
def test_an_address_that_leads_nowhere_ends_with_2(site: WebSite, operator: Operator, url: str) -> None:
    output = operator.run("check", "--page", url)
    assert output.code == 2
    assert output.err.startswith("relay: ")


def test_a_redirect_is_followed_and_the_page_is_the_one_where_it_ends(site: WebSite, operator: Operator) -> None:
    site.pages["/old"] = Page(b"", status=301, headers={"Location": "/news"})
    assert operator.run("check", "--page", f"{site.url}/old", "--json").json["page"] == f"{site.url}/news"


def test_the_page_of_the_websites_guide_passes(site: WebSite, relay: Relay, operator: Operator, tmp_path: Path) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "website.md").read_text()
    example = guide.partition("## A plain form\n\n```html\n")[2].partition("```")[0]
    site.pages["/guide"] = Page(example.replace("https://relay.example.com", site.url).encode())
    newsletter = (Path(__file__).parents[3] / "forms" / "newsletter.toml").read_text()
    relay.form("newsletter", newsletter.replace("https://www.example.com", site.url))

    assert operator.run("check", "--page", f"{site.url}/guide").lines == ["1 form, 0 problems"]
