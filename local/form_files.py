"""Copies of the form files for the functions of the embedded stack, changed so that its own page may post to them.

A form file names the origins of a real website. A copy also allows the stack's page, and its redirect leads back to the
stack. A broken file is copied unchanged: the relay refuses it as it would in production, and the page shows why.
"""

from __future__ import annotations

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
    """One file of the forms folder: its form, None if it is broken, and what `relay check` finds in it."""

    id: str
    form: Form | None
    problems: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The form's title, or the file's name if it is broken."""
        return self.form.title if self.form else self.id


class FormFiles:
    """Keeps `copies` up to date with `originals` for a page at `origins`; redirects lead to the first origin."""

    def __init__(self, originals: Path, copies: Path, origins: tuple[str, ...]) -> None:
        """Copy nothing yet."""
        self._originals = originals
        self._copies = copies
        self._origins = origins
        self._loaded = Forms(originals)
        self._versions: dict[str, int] = {}
        self.files: list[FormFile] = []

    @property
    def forms(self) -> list[Form]:
        """The forms that are not broken."""
        return [file.form for file in self.files if file.form]

    def refresh(self) -> bool:
        """Copy the files again if any has changed; return whether one had.

        Raises:
            OSError: a file could not be read or written.
        """
        # An editor may leave a dangling link beside a form.
        paths = [path for path in sorted(self._originals.glob("*.toml")) if path.is_file()]
        versions = {path.stem: path.stat().st_mtime_ns for path in paths}
        if versions == self._versions:
            return False
        for removed in self._versions.keys() - versions.keys():
            (self._copies / f"{removed}.toml").unlink(missing_ok=True)
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
            content = tomli_w.dumps(self._for_local_stack(form, tomllib.loads(content.decode()))).encode()
        unfinished = self._copies / f".{original.name}.new"
        unfinished.write_bytes(content)
        unfinished.replace(self._copies / original.name)  # at once: a function may be reading the file
        return FormFile(original.stem, form, problems)

    def _form(self, form_id: str) -> Form | None:
        try:
            return self._loaded.get(form_id)
        except (FormBroken, FormNotFound):
            return None

    def _for_local_stack(self, form: Form, definition: Mapping[str, Any]) -> dict[str, Any]:
        local = dict(definition)
        if "*" not in form.allowed_origins and form.signature is None:
            local["allowed_origins"] = [*form.allowed_origins, *self._origins]
        if form.redirect.success:
            local["redirect"] = {"success": f"{self._origins[0]}/thanks/{form.id}"}
        return local
