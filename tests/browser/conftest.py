"""A visitor's browser (headless Chromium), a website on one origin, the whole relay on another."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from local.lambdas.execution import ROOT
from local.stack import Stack, StackOptions
from tests.browser.pages import FORMS, PAGES, render
from tests.browser.tab import ARGUMENTS, PATIENCE, leave, open_tab, without_errors
from tests.browser.visitor import Visitor
from tests.browser.website import Road, Website
from tests.support.stack import VARIABLES, Relay, one_visit

PICTURES = ROOT / "test-results" / "browser"
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def website() -> Iterator[Website]:
    """The website, without pages yet."""
    with Website() as website:
        yield website


@pytest.fixture(scope="session")
def open_road() -> Iterator[Road]:
    """The road, leading nowhere yet."""
    with Road() as road:
        yield road


@pytest.fixture(scope="session")
def stack(website: Website, open_road: Road, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The relay behind the road, with forms that allow the website, which has a page for each."""
    forms, scratch = tmp_path_factory.mktemp("forms"), tmp_path_factory.mktemp("stack")
    for form_id, text in FORMS.items():
        (forms / f"{form_id}.toml").write_text(text.replace("WEBSITE", website.url))
    website.pages |= {path: render(body, open_road.url) for path, body in PAGES.items()}
    website.policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src {open_road.url}; connect-src {open_road.url}"
    )
    logging.getLogger("local").setLevel(logging.DEBUG)
    with (
        (scratch / "log").open("ab") as log,
        Stack(StackOptions(forms=forms, variables=VARIABLES, log=log)) as stack,
        httpx.Client() as client,
    ):
        open_road.target = stack.url
        yield stack
        leaks = Relay(stack, client, scratch / "log").leaks()
    assert not leaks, "the log of this run holds personal data or credentials"


@pytest.fixture
def road(open_road: Road) -> Road:
    """The road, free and with nothing passed yet."""
    open_road.faults.clear()
    open_road.passed.clear()
    open_road.pauses.clear()
    return open_road


@pytest.fixture
def relay(stack: Stack, tmp_path: Path) -> Iterator[Relay]:
    """The relay, called by a program."""
    with httpx.Client(base_url=stack.url) as client, one_visit(Relay(stack, client, tmp_path)) as relay:
        yield relay


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    path = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def script_enabled() -> bool:
    """Whether the visitor's browser runs scripts; a test without parametrizes this."""
    return True


@pytest.fixture(scope="session")
def shared_tab(browser: Browser) -> Callable[[bool], Page]:
    """Return the tab that visitors share, with scripts or without: to open one takes longer than most visits."""
    return cache(partial(open_tab, browser))


@pytest.fixture
def page(shared_tab: Callable[[bool], Page], script_enabled: bool, website: Website) -> Iterator[Page]:
    """A visitor's only tab, as good as new. Errors of a page's scripts fail the test."""
    page = shared_tab(script_enabled)
    with without_errors(page):
        yield page
        leave(page, website, script_enabled)


@pytest.fixture
def new_page(browser: Browser, script_enabled: bool) -> Iterator[Page]:
    """A new visitor's only tab, for tests that change the browser: its clock, its cache, its tabs."""
    page = open_tab(browser, script_enabled)
    with without_errors(page):
        yield page
        page.context.close()


@pytest.fixture
def visitor(page: Page, website: Website, stack: Stack) -> Visitor:
    """Somebody who visits the website while the relay is up."""
    return Visitor(page, website)


@pytest.fixture
def picture(page: Page, request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Take a picture for people to look at, where `PICTURES` is set in the environment: some take a second."""

    def take(name: str) -> None:
        if not os.environ.get("PICTURES"):
            return
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    return take


@pytest.fixture
def email() -> str:
    """The address of somebody new; one of the words that no log line may hold is in it."""
    return f"sentinel.browser.{os.getpid()}.{next(_NUMBERS)}@example.com"
