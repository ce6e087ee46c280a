"""Whether the snippet is there where the form wants it, and is the one that the relay serves today."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from cli.web_page.fetching import Unreachable
from cli.web_page.scene import Scene
from shared.snippet import Snippet

_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


def check_snippet(scene: Scene) -> None:
    """Check the script, its version and its integrity."""
    wanted = scene.on_page.attribute("data-signup-relay") is not None
    scripts = [script for script in scene.document.scripts() if _is_snippet(scene, script)]
    if wanted and not scripts:
        scene.found.problem("snippet", f"the page does not load it: add {scene.relay}/signup-relay.js")
    if scripts and not wanted:
        scene.found.warning("snippet", "the page loads it, and the form does not use it: add data-signup-relay")
    if not wanted and scene.on_page.attribute("data-token") is not None:
        scene.found.problem("snippet", "data-token needs data-signup-relay and the snippet")
    for script in scripts:
        _check_version(scene, script)


def _is_snippet(scene: Scene, script: LexborNode) -> bool:
    return "signup-relay" in urlsplit(_source(scene, script)).path.rpartition("/")[2]


def _source(scene: Scene, script: LexborNode) -> str:
    return scene.document.address(script.attributes.get("src") or "")


def _check_version(scene: Scene, script: LexborNode) -> None:
    source, report = _source(scene, script), scene.found.report
    try:
        loaded = scene.web.get(source).content
        served = scene.web.get(f"{scene.relay}/signup-relay.js").content
    except Unreachable as error:
        scene.found.problem("snippet", str(error))
        return
    report.snippet = "current" if loaded == served else "outdated"
    report.snippet_version = _version(loaded)
    if loaded != served:
        reason = f"{source} is version {_version(loaded)}; the relay serves {_version(served)}"
        scene.found.warning("snippet", reason)
    integrity = script.attributes.get("integrity") or ""
    if integrity and not any(_fits(loaded, each) for each in integrity.split()):
        scene.found.problem("snippet", "its integrity hash is not that of the script, so browsers do not run it")
    if integrity and "crossorigin" not in script.attributes and not source.startswith(_own_site(scene)):
        scene.found.problem("snippet", 'integrity needs crossorigin="anonymous", or browsers do not run it')


def _version(content: bytes) -> str:
    return Snippet(content.decode("utf-8", "replace")).version


def _own_site(scene: Scene) -> str:
    parts = urlsplit(scene.document.url)
    return f"{parts.scheme}://{parts.netloc}/"


def _fits(content: bytes, stated: str) -> bool:
    name, _, expected = stated.partition("-")
    return name in _HASHES and base64.b64encode(_HASHES[name](content).digest()).decode() == expected.partition("?")[0]
