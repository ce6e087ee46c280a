"""Pages with a consent box, honest ones and ones that were tampered with, combined from `consent_parts`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from tests.browser.consent_parts import (
    BOX,
    COVERS,
    CUSTOM_BOXES,
    HIDING,
    INKS,
    LANGUAGES,
    MARKUP,
    ON_LOAD,
    SEEN_ANYWHERE,
    SETTINGS,
    STATEMENT,
    STRUCTURES,
    TAMPERED_ONCE,
    TAMPERED_STRUCTURES,
    WHITE,
    WORDINGS,
)

WIZARD = "document.querySelector('form > div').style.display = 'none'"


@dataclass(frozen=True)
class ConsentPage:
    """A page with one consent box, and what a form file states beside it."""

    name: str
    consent: str
    setting: str = "FORM"
    statement: str = STATEMENT
    on_load: str = ""
    """Script that runs before the tick."""
    after_tick: str = ""
    """Script that runs between the tick and the sign-up."""

    @property
    def body(self) -> str:
        """What stands on the page."""
        form = (
            '<form data-signup-relay method="post" action="/forms/newsletter"><p><label>Email <input name="email" '
            f'value="ada@example.com"></label></p>{self.consent}<p><button>Sign up</button></p></form>'
        )
        return self.setting.replace("FORM", form)


def honest_pages() -> Iterator[ConsentPage]:
    """Yield pages that show their statement."""
    for (structure, html), (markup, text) in product(STRUCTURES.items(), MARKUP.items()):
        if structure not in TAMPERED_STRUCTURES and markup not in {"plain", "link"}:
            continue
        yield ConsentPage(f"{structure}, {markup}", _filled(html, text))
    for (setting, html), structure in product(SETTINGS.items(), ("wrapped", "label after", "labelledby")):
        consent = _filled(STRUCTURES[structure], MARKUP["link"])
        yield ConsentPage(f"{structure}, {setting}", consent, html, on_load=ON_LOAD.get(setting, ""))
    for (language, text), structure in product(LANGUAGES.items(), ("wrapped", "label before", "labelledby")):
        direction = "rtl" if language in {"ar", "he"} else "ltr"
        consent = _filled(STRUCTURES[structure], text)
        setting = f'<div lang="{language}" dir="{direction}">FORM</div>'
        yield ConsentPage(f"{structure}, {language}", consent, setting, statement=text)
    for (custom, html), setting in product(
        CUSTOM_BOXES.items(), ("in open details", "dark by style", "below the fold")
    ):
        yield ConsentPage(f"{custom}, {setting}", _filled(html, STATEMENT), SETTINGS[setting])
    for structure in TAMPERED_STRUCTURES:  # what `tampered_pages` hides, with harmless styles
        yield from _hidden(
            structure, {"blue": "color: blue"}, {"large": "font-size: 20px"}, {"no plate": "margin: 1px"}
        )
    for structure in ("wrapped", "label after", "fieldset"):
        step = f"<div>{_filled(STRUCTURES[structure], STATEMENT)}</div>"
        yield ConsentPage(f"{structure}, step of a wizard", step, after_tick=WIZARD)


def tampered_pages() -> Iterator[ConsentPage]:
    """Yield pages that ask for something else, hide it, or do not ask."""
    for structure, (wording, text) in product(TAMPERED_STRUCTURES, WORDINGS.items()):
        yield ConsentPage(f"{structure}, {wording}", _filled(STRUCTURES[structure], text))
    for structure in TAMPERED_STRUCTURES:
        yield from _hidden(structure, HIDING, INKS, COVERS)
        for page in _hidden(structure, {name: HIDING[name] for name in SEEN_ANYWHERE}, {}, {}):
            yield replace(page, name=f"{page.name}, below the fold", setting=SETTINGS["below the fold"])
    for name, html in TAMPERED_ONCE.items():
        yield ConsentPage(name, _filled(html, STATEMENT))
    cut = f'<span style="display: block; width: 9em; height: 1.1em; overflow: hidden">{LANGUAGES["zh"]}</span>'
    yield ConsentPage("second line cut off", _filled(STRUCTURES["wrapped"], cut), statement=LANGUAGES["zh"])


def _hidden(
    structure: str, hiding: Mapping[str, str], inks: Mapping[str, str], covers: Mapping[str, str]
) -> Iterator[ConsentPage]:
    """Yield pages with these styles: of the box with its text, of the text, of something above both."""
    html = STRUCTURES[structure]
    for name, css in hiding.items():
        yield ConsentPage(f"{structure}, all {name}", f'{WHITE}<div style="{css}">{_filled(html, STATEMENT)}</div>')
    for name, css in {**hiding, **inks}.items():
        text = f'<span style="{css}">{STATEMENT}</span>'
        yield ConsentPage(f"{structure}, text {name}", WHITE + _filled(html, text))
    for name, css in covers.items():
        consent = f'<div style="position: relative">{_filled(html, STATEMENT)}<i style="{css}"></i></div>'
        yield ConsentPage(f"{structure}, {name}", consent)


def _filled(html: str, text: str) -> str:
    """Put box and text into a structure; its `aria-…` belongs to the box."""
    box = BOX
    for attribute in ("aria-labelledby", "aria-label"):
        before, found, rest = html.partition(f' {attribute}="')
        if found:
            value, _, after = rest.partition('"')
            html, box = before + after, box.replace("<input", f'<input {attribute}="{value}"')
    return html.replace("BOX", box).replace("TEXT", text)
