"""Every mistake in a folder of form files, those of each file and those between files; and what is probably one."""

from __future__ import annotations

from collections.abc import Iterator

from shared.forms.definition import Form
from shared.forms.folder import FormNotFound, Forms
from shared.forms.form_warnings import warnings_of
from shared.forms.loading import FILE_NAME_RULE, FormBroken
from shared.problems import Problem

Finding = dict[str, str]
"""`file`, `key` and `reason`."""


def find_problems(forms: Forms) -> Iterator[Finding]:
    """Return every mistake in every file, each with file, key and reason."""
    usable: list[Form] = []
    for form_id in forms.ids():
        file = f"{form_id}.toml"
        try:
            usable.append(forms.get(form_id))
        except FormBroken as broken:
            yield from (_finding(file, mistake) for mistake in broken.mistakes)
        except FormNotFound:
            yield _finding(file, Problem("file name", FILE_NAME_RULE))
    yield from _shared_names(usable)


def find_warnings(forms: Forms) -> Iterator[Finding]:
    """Return what is probably a mistake in the files that can be used."""
    usable: list[Form] = []
    for form_id in forms.ids():
        try:
            form = forms.get(form_id)
        except (FormBroken, FormNotFound):
            continue
        usable.append(form)
        yield from (_finding(f"{form_id}.toml", warning) for warning in warnings_of(form))
    yield from _differing_limits(usable)


def _differing_limits(forms: list[Form]) -> Iterator[Finding]:
    """A vendor's limit is kept only where every form that delivers there has it."""
    first_use: dict[str, tuple[str, str]] = {}
    for form in forms:
        for destination in form.destinations:
            limit, file = first_use.setdefault(destination.name, (destination.rate_limit, f"{form.id}.toml"))
            if limit != destination.rate_limit:
                reason = f'is "{destination.rate_limit}" here and "{limit}" in {file}'
                key = f"destinations.{destination.name}.rate_limit"
                yield _finding(
                    f"{form.id}.toml", Problem(key, f"{reason}; set the same in both: each form keeps to its own")
                )


def _shared_names(forms: list[Form]) -> Iterator[Finding]:
    """A destination's name is its secret's name: two vendors cannot share it."""
    first_use: dict[str, tuple[str, str]] = {}
    for form in forms:
        for destination in form.destinations:
            vendor, file = first_use.setdefault(destination.name, (destination.spec.vendor, f"{form.id}.toml"))
            if vendor != destination.spec.vendor:
                reason = f"is a connection to {vendor} in {file}; give the connection to the other vendor another name"
                yield _finding(f"{form.id}.toml", Problem(f"destinations.{destination.name}.name", reason))


def _finding(file: str, mistake: Problem) -> Finding:
    return {"file": file, "key": mistake.key, "reason": mistake.reason}
