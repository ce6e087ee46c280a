"""One version of the snippet. `snippet/` holds its source and builds the file beside this module."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

PATH = "/signup-relay.js"
"""Address of the newest version."""


@dataclass(frozen=True)
class Snippet:
    """What a page loads."""

    text: str

    @cached_property
    def version(self) -> str:
        """What tells it from others: the begin of its hash."""
        return self._digest("sha256").hex()[:12]

    @cached_property
    def path(self) -> str:
        """Address of this version only."""
        return f"/assets/signup-relay-{self.version}.js"

    @cached_property
    def integrity(self) -> str:
        """Value of the attribute `integrity` of a script tag (W3C, Subresource Integrity)."""
        return f"sha384-{base64.b64encode(self._digest('sha384')).decode()}"

    def _digest(self, algorithm: str) -> bytes:
        return hashlib.new(algorithm, self.text.encode()).digest()


def current_snippet() -> Snippet:
    """Return the newest version."""
    return _versions()[0]


def snippet_at(path: str) -> Snippet | None:
    """Return the version with this address; None where there is no such version."""
    return next((snippet for snippet in _versions() if snippet.path == path), None)


def versions_in(folder: Path) -> list[Snippet]:
    """Return all versions, the newest first. Pages keep the address and the hash of the one they were written for."""
    files = [folder / "signup-relay.js", *sorted((folder / "earlier").glob("*.js"))]
    return [Snippet(file.read_text(encoding="utf-8")) for file in files]


@lru_cache
def _versions() -> list[Snippet]:
    return versions_in(Path(__file__).parent)
