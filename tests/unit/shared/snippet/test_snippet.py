"""The snippet is built from its source, and an old version keeps its address."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from shared.snippet import current_snippet
from shared.snippet.snippet import versions_in
from snippet.build import build


def test_what_is_served_is_built_from_the_source() -> None:
    assert current_snippet().text == build(), "run `make snippet`"


def test_its_licence_stands_in_it() -> None:
    assert "Apache-2.0" in current_snippet().text


def test_a_page_goes_on_with_the_version_that_it_was_written_for(tmp_path: Path) -> None:
    script = tmp_path / "signup-relay.js"
    script.write_text("first();")
    (first,) = versions_in(tmp_path)

    (tmp_path / "earlier").mkdir()
    script.rename(tmp_path / "earlier" / "0.1.0.js")
    script.write_text("second();")
    second, kept = versions_in(tmp_path)

    assert (kept.path, kept.integrity) == (first.path, first.integrity)
    assert second.path != first.path


def test_its_hash_is_the_one_that_browsers_compute() -> None:
    snippet = current_snippet()
    algorithm, _, digest = snippet.integrity.partition("-")

    assert base64.b64decode(digest) == hashlib.new(algorithm, snippet.text.encode()).digest()
