"""The forms as the embedded stack runs them: copies that also allow the stack's own page.

A form file names the origins of a real website. The stack's page has another one, so the functions get a folder of
copies with that origin added, and with the visitor's way back led to the stack instead of the real website. A file
that is not TOML is copied as it is: the relay says what is wrong with it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w


@dataclass(frozen=True)
class FormFile:
    """One file of the forms folder; `definition` is empty when it is not TOML."""

    id: str
    definition: Mapping[str, Any]

    @property
    def destinations(self) -> list[Mapping[str, Any]]:
        """The destinations that are written as they should be."""
        tables = self.definition.get("destinations", [])
        return [table for table in tables if isinstance(table, dict) and {"name", "vendor"} <= table.keys()]


class FormFiles:
    """Keeps `copies` in step with `originals` for a page at one of `origins`, the first of which it prefers."""

    def __init__(self, originals: Path, copies: Path, origins: tuple[str, ...]) -> None:
        """Copy nothing yet."""
        self._originals = originals
        self._copies = copies
        self._origins = origins
        self._versions: dict[str, int] = {}
        self.forms: list[FormFile] = []

    def refresh(self) -> bool:
        """Copy what has changed since the last time; tell whether anything had."""
        versions = {path.stem: path.stat().st_mtime_ns for path in sorted(self._originals.glob("*.toml"))}
        if versions == self._versions:
            return False
        for gone in self._versions.keys() - versions.keys():
            (self._copies / f"{gone}.toml").unlink()
        self._versions = versions
        self.forms = [self._copy(form_id) for form_id in versions]
        return True

    def _copy(self, form_id: str) -> FormFile:
        content = (self._originals / f"{form_id}.toml").read_bytes()
        try:
            definition = tomllib.loads(content.decode())
        except (UnicodeDecodeError, tomllib.TOMLDecodeError):
            definition = {}
        else:
            content = tomli_w.dumps(self._at_home(definition, form_id)).encode()
        (self._copies / f"{form_id}.toml").write_bytes(content)
        return FormFile(form_id, definition)

    def _at_home(self, definition: Mapping[str, Any], form_id: str) -> dict[str, Any]:
        local = dict(definition)
        origins = definition.get("allowed_origins", [])
        if isinstance(origins, list) and "*" not in origins and "signature" not in definition:
            local["allowed_origins"] = [*origins, *self._origins]
        redirect = definition.get("redirect")
        if isinstance(redirect, dict) and "success" in redirect:
            local["redirect"] = {**redirect, "success": f"{self._origins[0]}/thanks/{form_id}"}
        return local
