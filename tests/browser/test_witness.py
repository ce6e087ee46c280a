"""What the snippet tells of the text beside a consent box, on honest pages and on pages that were tampered with."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page

from shared.forms.witness import Shown, shown_beside
from tests.browser.pages import FORMS, PAGES, render
from tests.browser.visitor import Visitor
from tests.browser.website import Road, Website

pytestmark = pytest.mark.browser

STATEMENT = "Send me the monthly newsletter. I can stop at any time."
BOX = '<input type="checkbox" id="news" name="news" value="true">'
SPLIT = "Send me the monthly newsletter."
REST = "I can stop at any time."

HONEST = {
    "wrapped": f"<label>{BOX} {STATEMENT}</label>",
    "by id": f'{BOX}<label for="news">{STATEMENT}</label>',
    "nested": f"<label><span>{BOX}</span><span><span>{SPLIT}</span> <em>{REST}</em></span></label>",
    "labelledby": f'{BOX}<span id="a">{STATEMENT}</span>'.replace("<input", '<input aria-labelledby="a"'),
    "labelledby two": f'{BOX}<i id="a">{SPLIT}</i> <i id="b">{REST}</i>'.replace(
        "<input", '<input aria-labelledby="a b"'
    ),
    "label and labelledby": f'<label id="a">{BOX} {STATEMENT}</label>'.replace("<input", '<input aria-labelledby="a"'),
    "link": f'<label>{BOX} Send me the <a href="/news">monthly newsletter</a>. {REST}</label>',
    "bold": f"<label>{BOX} Send me the <b>monthly</b> newsletter. {REST}</label>",
    "line break": f"<label>{BOX}{SPLIT}<br>{REST}</label>",
    "white space": f"<label>{BOX}\n   Send me&nbsp;the monthly\n\n newsletter.   {REST}\n</label>",
    "below the fold": f'<div style="height: 3000px"></div><label>{BOX} {STATEMENT}</label>',
    "small print": f'<small><label style="font-size: 9px; opacity: .7">{BOX} {STATEMENT}</label></small>',
}


def hidden(css: str) -> str:
    return f'<div style="{css}"><label>{BOX} {STATEMENT}</label></div>'


TAMPERED = {
    "reworded": f"<label>{BOX} Send me everything. {REST}</label>",
    "swapped": f'{BOX}<label for="other">{STATEMENT}</label><label for="news">I accept the terms.</label>',
    "empty": f"<label>{BOX}</label> {STATEMENT}",
    "no label": f"{BOX} {STATEMENT}",
    "more": f"<label>{BOX} {STATEMENT} And sell my address.</label>",
    "pre-ticked": f"<label>{BOX} {STATEMENT}</label>".replace("value", "checked value"),
    "display": hidden("display: none"),
    "visibility": hidden("visibility: hidden"),
    "opacity": hidden("opacity: 0"),
    "opacities": hidden("opacity: .2").replace("<label", '<label style="opacity: .2"'),
    "collapsed": hidden("height: 0; overflow: hidden"),
    "off screen": hidden("position: absolute; left: -9999px"),
    "tiny text": hidden("font-size: 0"),
    "scaled": hidden("transform: scale(0)"),
    "text hidden": f'<label>{BOX} <span style="display: none">{STATEMENT}</span></label>',
    "box hidden": f"<label>{BOX} {STATEMENT}</label>".replace("<input", '<input style="opacity: 0"'),
    "box gone": f"<label>{BOX.replace('<input', '<input hidden')} {STATEMENT}</label>",
    "hidden text beside another": f'<label>{BOX} Yes! <i style="opacity: 0">{STATEMENT}</i></label>',
    "read out only": f"{BOX} Yes!".replace("<input", f'<input aria-label="{STATEMENT}"'),
    "honest text elsewhere": f'<label>{BOX} Yes!</label><p id="a">{STATEMENT}</p>'.replace(
        "<input", '<input aria-labelledby="a"'
    ),
    "two boxes of one name": f"<label>{BOX} {STATEMENT}</label><label>{BOX} Sell my address.</label>",
}
HONEST_FORM = f'<label><input type="checkbox" name="news" value="true">\n     {STATEMENT}</label>'


@pytest.fixture
def told(visitor: Visitor, page: Page, website: Website, road: Road, email: str) -> Told:
    return Told(visitor, page, website, road, email)


class Told:
    """Signs up on pages that differ in what stands at their consent box."""

    def __init__(self, visitor: Visitor, page: Page, website: Website, road: Road, email: str) -> None:
        self._visitor, self._page, self._website, self._road, self._email = visitor, page, website, road, email

    def on(self, consent: str) -> Shown:
        """Return what a receipt would keep after a sign-up on a page with this consent."""
        plain = PAGES["/enhanced"]
        assert HONEST_FORM in plain
        self._website.pages["/witness"] = render(plain.replace(HONEST_FORM, consent), self._road.url)
        self._visitor.opens("/witness")
        self._page.get_by_label("Email").fill(self._email)
        self._page.evaluate("document.getElementsByName('news').forEach((box) => { box.checked = true; })")
        self._visitor.sends()
        self._visitor.is_thanked()
        sent = parse_qs(self._road.posts()[-1].content.decode())
        return shown_beside(STATEMENT, json.loads(sent["_witness"][0])["news"])


def test_the_forms_statement_is_the_one_that_these_pages_show() -> None:
    assert f'statement = "{STATEMENT}"' in FORMS["newsletter"]


def test_an_honest_page_raises_no_doubt(told: Told) -> None:
    right = {"shown": "same", "pre_ticked": False, "visible": True}
    assert {name: found for name, page in HONEST.items() if (found := told.on(page)) != right} == {}


def test_a_page_that_was_tampered_with_raises_one(told: Told) -> None:
    right = {"shown": "same", "pre_ticked": False, "visible": True}
    assert [name for name, page in TAMPERED.items() if told.on(page) == right] == []
