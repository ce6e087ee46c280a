"""Builds the snippet that is served: its parts in one script, minified, since every visitor of a page loads it."""

from __future__ import annotations

from pathlib import Path

import minify

BUILT = Path(__file__).parent.parent / "shared" / "snippet" / "signup-relay.js"
PARTS = ("delivery.js", "messages.js", "attribution.js", "witness.js", "main.js")
"""In order: the last one starts the work."""
NOTICE = "/*! Signup Relay, Apache-2.0 */"


def build() -> str:
    """Return the snippet as it is served."""
    texts = (Path(__file__).with_name(name).read_text(encoding="utf-8") for name in PARTS)
    minify.config({"js-version": 2020})  # what the oldest browsers of docs/website.md understand
    return str(minify.string("text/javascript", f'{NOTICE}(()=>{{"use strict";\n{"".join(texts)}}})();')) + "\n"


if __name__ == "__main__":
    BUILT.write_text(build(), encoding="utf-8")
