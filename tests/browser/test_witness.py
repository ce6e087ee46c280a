"""What the snippet says of the text beside a consent box, on honest pages and on pages that were tampered with."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from itertools import islice

import pytest
from playwright.sync_api import Page

from shared.forms.witness import Shown, shown_beside
from shared.snippet import current_snippet
from tests.browser.consent_pages import ConsentPage, honest_pages, tampered_pages

pytestmark = pytest.mark.browser

RIGHT: Shown = {"shown": "same", "pre_ticked": False, "visible": True}
SIGN_UPS = """async (pages) => {
    let sent;
    window.fetch = async (url, { body }) => {
        sent = new URLSearchParams(body).get("_witness");
        return new Response("{}");
    };
    const signUp = async ({ body, on_load, after_tick }, way) => {
        document.documentElement.dir = "";
        document.body.innerHTML = body;
        scrollTo(0, 0);
        await eval(on_load);
        for (const box of document.querySelectorAll("[name=news][type=checkbox]")) {
            if (way === "script") box.checked = true;
            else if (box.checked) box.click();
            if (!box.checked) box.click();
        }
        eval(after_tick);
        const accepted = new Promise((resolve) => addEventListener("signup-relay:success", resolve, { once: true }));
        document.forms[0].requestSubmit();
        await accepted;
        return sent;
    };
    const found = [];
    for (const page of pages) found.push([await signUp(page, "visitor"), await signUp(page, "script")]);
    return found;
}"""
"""Ticks each page's box, once as a visitor and once as a script does, which no event tells, and signs up.
Returns the witness of each."""
EMPTY = '<!doctype html><html lang="en"><title>A website</title><body>'

Witnessed = Callable[[Iterable[ConsentPage]], dict[str, Shown]]


@pytest.fixture
def witnessed(page: Page) -> Witnessed:
    """Return what a receipt would keep after each sign-up, by page and way."""

    def witnessed(pages: Iterable[ConsentPage]) -> dict[str, Shown]:
        pages = list(pages)
        sent = page.evaluate(SIGN_UPS, [{**asdict(each), "body": each.body} for each in pages])
        return {
            f"{each.name} ({way})": shown_beside(each.statement, json.loads(witness)["news"])
            for each, witnesses in zip(pages, sent, strict=True)
            for way, witness in zip(("visitor", "script"), witnesses, strict=True)
            if way == "visitor" or not each.after_tick
        }

    page.route("**", lambda route: route.fulfill(body=EMPTY, content_type="text/html"))
    page.goto("https://www.example.com/")
    page.add_script_tag(content=current_snippet().text)
    return witnessed


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a line, also where the test passes."""

    def say(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}\n")

    return say


# Every seventh page of each kind; `make check` has all of them.
every_nth = pytest.mark.parametrize(
    "nth", [pytest.param(7, id="some"), pytest.param(1, id="all", marks=pytest.mark.matrix)]
)


@every_nth
def test_no_honest_page_raises_a_doubt(witnessed: Witnessed, say: Callable[[str], None], nth: int) -> None:
    found = witnessed(islice(honest_pages(), 0, None, nth))

    alarms = {name: shown for name, shown in found.items() if shown != RIGHT}
    say(f"{len(found)} sign-ups on honest pages, {len(alarms)} false alarms")
    assert alarms == {}


@every_nth
def test_a_page_that_was_tampered_with_raises_one(witnessed: Witnessed, say: Callable[[str], None], nth: int) -> None:
    found = witnessed(islice(tampered_pages(), 0, None, nth))

    missed = [name for name, shown in found.items() if shown == RIGHT]
    say(f"{len(found)} sign-ups on tampered pages, {len(found) - len(missed)} seen")
    assert missed == []
