"""Whether the page has what tells people from bots, and people do not fall into the trap."""

from __future__ import annotations

from cli.web_page.document import Control
from cli.web_page.scene import Scene
from cli.web_page.styles import Styles
from cli.web_page.visibility import is_hidden_from_people, is_hidden_from_screen_readers, is_reached_by_keyboard
from shared.forms.reserved_names import TOKEN

_WIDGETS = {"turnstile": ".cf-turnstile", "hcaptcha": ".h-captcha", "recaptcha": ".g-recaptcha"}


def check_screening(scene: Scene) -> None:
    """Check honeypot, time token and captcha, as far as the form has them."""
    _check_honeypot(scene)
    spam, on_page = scene.form.spam, scene.on_page
    if spam.min_seconds and on_page.attribute("data-token") is None and not on_page.named(TOKEN):
        reason = f"the form needs a time token: add data-token and the snippet, or the hidden field {TOKEN}"
        scene.found.problem("spam.min_seconds", reason)
    if spam.captcha is not None and not scene.document.tree.css(_WIDGETS[spam.captcha]):
        reason = f"the page has no {spam.captcha} widget ({_WIDGETS[spam.captcha]}); one that a script adds is not seen"
        scene.found.problem("spam.captcha", reason)


def _check_honeypot(scene: Scene) -> None:
    name, found = scene.form.spam.honeypot, scene.found
    controls = scene.on_page.named(name) if name else []
    if name and not controls:
        found.warning("spam.honeypot", f'the page has no input with name="{name}", so no bot is caught by it')
    for control in controls:
        seen_by = _who_meets(control, scene.styles)
        if seen_by is not None:
            found.problem("spam.honeypot", f"{seen_by} the input {name}; put it into an element with hidden")
        if control.node.attributes.get("value"):
            found.problem("spam.honeypot", f"the input {name} holds a value: every sign-up is taken for a bot's")
        if control.kind != "hidden" and control.node.attributes.get("autocomplete") != "off":
            reason = f'browsers may fill the input {name} by themselves; add autocomplete="off"'
            found.warning("spam.honeypot", reason)


def _who_meets(control: Control, styles: Styles) -> str | None:
    if not is_hidden_from_people(control.node, styles):
        return "people can see"
    if not is_hidden_from_screen_readers(control.node, styles):
        return "screen readers read"
    return "the tab key leads to" if is_reached_by_keyboard(control.node, styles) else None
