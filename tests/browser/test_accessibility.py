"""What every page owes to people who do not see it, or who use it without a mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.support.stack import Relay

pytestmark = pytest.mark.browser

FAULTS = """() => {
    const faults = [];
    const need = (fine, fault) => { if (!fine) faults.push(fault); };
    const all = (selector) => [...document.querySelectorAll(selector)];
    need(document.documentElement.lang, "no language");
    need(document.title.trim(), "no title");
    need(all("main").length === 1, "not one main part");
    need(all("h1").length === 1, "not one heading of level 1");
    const ids = all("[id]").map((element) => element.id);
    need(new Set(ids).size === ids.length, "an id is there twice");
    for (const field of all("input:not([type=hidden]), select, textarea"))
        need([...field.labels].some((label) => label.textContent.trim()), `no label: ${field.name}`);
    for (const pressed of all("button, a, summary")) need(pressed.textContent.trim(), "a control without a name");
    for (const kind of ["describedby", "labelledby"])
        for (const element of all(`[aria-${kind}]`))
            for (const id of element.getAttribute(`aria-${kind}`).split(" "))
                need(document.getElementById(id), `aria-${kind} leads nowhere: ${id}`);
    const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map((each) => each / 255)
        .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
        .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = getComputedStyle(each).backgroundColor;
            if (!/, 0\\)$|, 0\\.\\d+\\)$/.test(colour)) return colour;
        }
        const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark");
        return dark && matchMedia("(prefers-color-scheme: dark)").matches ? "rgb(18, 18, 18)" : "rgb(255, 255, 255)";
    };
    for (const element of all("main *")) {
        const ownText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!ownText || !element.checkVisibility()) continue;
        const tones = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
        const contrast = (tones[0] + 0.05) / (tones[1] + 0.05);
        need(contrast >= 4.5, `contrast of ${element.localName}.${element.className}: ${contrast.toFixed(1)}`);
    }
    return faults;
}"""


def _faults(page: Page) -> list[str]:
    """Look at the page in light and dark colours."""
    faults: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        faults += page.evaluate(FAULTS)
    return faults


def test_the_stacks_pages_have_no_known_fault(page: Page, relay: Relay) -> None:
    relay.sign_up(relay.person())
    relay.stack.twins["which50"].stop()

    faults = {}
    for path in ("/?snippet", "/timeline", "/twins"):
        page.goto(relay.stack.url + path)
        faults[path] = _faults(page)

    assert not any(faults.values()), faults


@pytest.mark.parametrize("address", ["sentinel@localhost", "sentinel@example.com"])
def test_the_built_in_pages_have_no_known_fault(
    visitor: Visitor, page: Page, address: str, picture: Callable[[str], None]
) -> None:
    visitor.opens("/plain")
    visitor.fills_in(address)
    with page.expect_navigation(url="**/forms/newsletter"):
        visitor.sends()

    assert _faults(page) == []
    picture(f"built-in-dark-{page.title().partition(' ')[0].lower()}")


def test_a_page_with_the_snippets_errors_has_no_known_fault(visitor: Visitor, page: Page) -> None:
    visitor.opens("/enhanced")
    visitor.fills_in("sentinel@localhost", given_name="Sentinella " * 3)
    visitor.sends()
    expect(page.get_by_role("alert")).to_be_visible()

    assert _faults(page) == []


def test_a_form_is_filled_in_sent_and_mended_with_the_keyboard_alone(
    visitor: Visitor, page: Page, relay: Relay, email: str
) -> None:
    visitor.opens("/enhanced")
    page.keyboard.press("Tab")
    page.keyboard.type("sentinel@localhost")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()

    page.keyboard.press("Control+A")
    page.keyboard.type(email)
    page.keyboard.press("Enter")

    visitor.is_thanked()
    assert len(relay.held("pulse", email)) == 1
