"""Whether the form posts, in a way and from an origin that the relay takes."""

from __future__ import annotations

from urllib.parse import urlsplit

from cli.web_page.fetching import Unreachable
from cli.web_page.scene import Scene

_ENCODINGS = frozenset({"", "application/x-www-form-urlencoded", "multipart/form-data"})
_HIDE_ORIGIN = frozenset({"no-referrer", "same-origin"})
"""Referrer policies with which a browser sends `Origin: null` to another origin ("Fetch", append a request Origin)."""


def check_posting(scene: Scene) -> None:
    """Check method, encoding, origin and address."""
    _check_form_attributes(scene)
    _check_origin(scene)
    _check_relay(scene)


def _check_form_attributes(scene: Scene) -> None:
    on_page, found = scene.on_page, scene.found
    if (on_page.attribute("method") or "get").lower() != "post":
        found.problem("method", 'the form is sent by GET; add method="post"')
    encoding = (on_page.attribute("enctype") or "").lower()
    if encoding not in _ENCODINGS:
        found.problem("enctype", f"the relay does not take {encoding}; leave the attribute out")
    accepted = (on_page.attribute("accept-charset") or "").lower()
    if accepted not in {"", "utf-8"} or (not accepted and scene.document.charset not in {None, "utf-8", "utf8"}):
        found.problem("accept-charset", 'the page is not in UTF-8; add accept-charset="utf-8" to the form')
    elif not accepted and scene.document.charset is None:
        found.warning("accept-charset", 'the page does not say that it is in UTF-8; add <meta charset="utf-8">')
    if on_page.action.startswith("http:") and scene.document.url.startswith("https:"):
        found.problem("action", "the page is https and posts to http, which browsers warn of or refuse")
    if scene.form.signature is not None:
        found.problem("action", "this form takes signed requests of servers only; a page cannot sign")


def _check_origin(scene: Scene) -> None:
    origin = origin_of(scene.document.url)
    if "*" not in scene.form.allowed_origins and origin not in scene.form.allowed_origins:
        scene.found.problem("allowed_origins", f"the form file does not allow pages of {origin}")
    policy = scene.document.headers.get("referrer-policy", "").rpartition(",")[2].strip().lower()
    policy = scene.document.meta("referrer") or policy
    if policy in _HIDE_ORIGIN and "*" not in scene.form.allowed_origins and _is_elsewhere(scene):
        reason = f"with the referrer policy {policy} browsers hide the page's origin, and a plain form is refused"
        scene.found.problem("referrer policy", reason)


def _is_elsewhere(scene: Scene) -> bool:
    return origin_of(scene.document.url) != origin_of(scene.on_page.action)


def _check_relay(scene: Scene) -> None:
    """Ask the address as a browser does before a script posts: nothing is sent to it."""
    origin, found = origin_of(scene.document.url), scene.found
    try:
        answer = scene.web.preflight(scene.on_page.action, origin)
    except Unreachable as error:
        found.problem("action", str(error))
        return
    allowed = answer.headers.get("access-control-allow-origin")
    reasons = {
        403: f"the relay does not allow pages of {origin}; is the form file deployed?",
        404: "the relay does not know this form; is the form file deployed?",
        503: "the relay cannot use this form: the file that is deployed is broken",
    }
    if answer.status in reasons:
        found.problem("action", reasons[answer.status])
    elif not 200 <= answer.status < 300 or allowed not in {origin, "*"}:
        found.problem("action", f"what answers there is no relay: {answer.status} to a preflight request")


def origin_of(url: str) -> str:
    """Return scheme and host of an address, as a browser's `Origin` has them."""
    parts = urlsplit(url.lower())
    standard = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port not in {None, standard} else ""
    return f"{parts.scheme}://{parts.hostname}{port}"
