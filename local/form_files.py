"""The forms as the embedded stack runs them: copies that also allow the stack's own page.

A form file names the origins of a real website. The stack's page has another one, so the functions get a folder of
copies with that origin added, and with the visitor's way back led to the stack instead of the real website. A file
that cannot be used is copied as it is: the relay refuses it as it would in production, and the page says why.
"""

from __future__ import annotations

import threading
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from shared.forms import Form, FormBroken, FormNotFound, Forms
from shared.forms.checking import find_problems


@dataclass(frozen=True)
class FormFile:
    """One file of the forms folder: its form, None if it cannot be used, and what `relay check` says of it."""

    id: str
    form: Form | None
    problems: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What people call the form."""
        return self.form.title if self.form else self.id


class FormFiles:
    """Keeps `copies` in step with `originals` for a page at one of `origins`, the first of which it prefers."""

    def __init__(self, originals: Path, copies: Path, origins: tuple[str, ...]) -> None:
        """Copy nothing yet."""
        self._originals = originals
        self._copies = copies
        self._origins = origins
        self._loaded = Forms(originals)
        self._versions: dict[str, int] = {}
        self._lock = threading.Lock()
        self.files: list[FormFile] = []

    @property
    def forms(self) -> list[Form]:
        """The forms that can be used."""
        return [file.form for file in self.files if file.form]

    def refresh(self) -> bool:
        """Copy what has changed since the last time; tell whether anything had."""
        with self._lock:
            # An editor's dangling lock link is no form.
            paths = [path for path in sorted(self._originals.glob("*.toml")) if path.is_file()]
            versions = {path.stem: path.stat().st_mtime_ns for path in paths}
            if versions == self._versions:
                return False
            for gone in self._versions.keys() - versions.keys():
                (self._copies / f"{gone}.toml").unlink(missing_ok=True)
            problems = self._problems()
            self.files = [self._copy(path, tuple(problems[path.name])) for path in paths]
            self._versions = versions
        return True

    def _problems(self) -> defaultdict[str, list[str]]:
        problems: defaultdict[str, list[str]] = defaultdict(list)
        for problem in find_problems(self._loaded):
            problems[problem["file"]].append(f"{problem['key']}: {problem['reason']}")
        return problems

    def _copy(self, original: Path, problems: tuple[str, ...]) -> FormFile:
        content, form = original.read_bytes(), self._form(original.stem)
        if form is not None:
            content = tomli_w.dumps(self._at_home(form, tomllib.loads(content.decode()))).encode()
        (self._copies / original.name).write_bytes(content)
        return FormFile(original.stem, form, problems)

    def _form(self, form_id: str) -> Form | None:
        try:
            return self._loaded.get(form_id)
        except (FormBroken, FormNotFound):
            return None

    def _at_home(self, form: Form, definition: Mapping[str, Any]) -> dict[str, Any]:
        local = dict(definition)
        if "*" not in form.allowed_origins and form.signature is None:
            local["allowed_origins"] = [*form.allowed_origins, *self._origins]
        if form.redirect.success:
            local["redirect"] = {"success": f"{self._origins[0]}/thanks/{form.id}"}
        return local
