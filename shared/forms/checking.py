"""Every problem of a folder of form files: those of each file, and those between files."""

from __future__ import annotations

from collections.abc import Iterator

from shared.forms.definition import Form
from shared.forms.loading import FormBroken, FormNotFound, Forms

Problem = dict[str, str]


def find_problems(forms: Forms) -> Iterator[Problem]:
    """Return every problem of every file, each with file, key and reason."""
    usable: list[Form] = []
    for form_id in forms.ids():
        file = f"{form_id}.toml"
        try:
            usable.append(forms.get(form_id))
        except FormBroken as broken:
            yield from (_problem(file, text) for text in broken.problems)
        except FormNotFound:
            yield _problem(file, "file name: use letters, digits, hyphen and underscore, up to 64")
    yield from _shared_names(usable)


def _shared_names(forms: list[Form]) -> Iterator[Problem]:
    """A destination's name is its secret's name: two vendors cannot share it."""
    vendors: dict[str, tuple[str, str]] = {}
    for form in forms:
        for index, destination in enumerate(form.destinations):
            vendor, first = vendors.setdefault(destination.name, (destination.spec.vendor, form.id))
            if vendor != destination.spec.vendor:
                text = f"destinations.{index}.name: {destination.name} is a connection of {vendor} in {first}.toml"
                yield _problem(f"{form.id}.toml", text)


def _problem(file: str, text: str) -> Problem:
    key, _, reason = text.partition(": ")
    return {"file": file, "key": key, "reason": reason} if reason else {"file": file, "key": "file", "reason": key}
