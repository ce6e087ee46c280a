"""The forms of a folder: one broken file harms no other."""

from __future__ import annotations

from pathlib import Path

from shared.errors import RelayError
from shared.forms.definition import Form
from shared.forms.key_types import ID_PATTERN
from shared.forms.loading import FormBroken, parse_form
from shared.problems import Problem


class FormNotFound(RelayError):
    """There is no such form."""


class Forms:
    """The forms of one folder. A file is read once, and again when it changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cache: dict[str, tuple[tuple[int, int], Form | FormBroken]] = {}

    def get(self, form_id: str) -> Form:
        """Return a form.

        Raises:
            FormNotFound: no such file.
            FormBroken: the file cannot be used.
        """
        path = self._folder / f"{form_id}.toml"
        try:
            if not ID_PATTERN.fullmatch(form_id):
                raise FileNotFoundError
            facts = path.stat()
        except OSError:
            raise FormNotFound("no such form") from None
        version = (facts.st_mtime_ns, facts.st_size)
        cached = self._cache.get(form_id)
        if cached is None or cached[0] != version:
            cached = (version, _read(path))
            self._cache[form_id] = cached
        if isinstance(cached[1], FormBroken):
            raise cached[1]
        return cached[1]

    def ids(self) -> list[str]:
        """Return the ids of all files, broken ones included."""
        return sorted(path.stem for path in self._folder.glob("*.toml"))


def _read(path: Path) -> Form | FormBroken:
    try:
        return parse_form(path.stem, path.read_text(encoding="utf-8"))
    except FormBroken as broken:
        return broken
    except (OSError, UnicodeDecodeError) as error:
        return FormBroken(path.name, [Problem("file", f"cannot be read: {type(error).__name__}")])
