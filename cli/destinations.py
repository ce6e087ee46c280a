"""Destinations of the forms at hand; a broken form is passed over, since `relay check` says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from shared.forms import Destination, Form, FormBroken, FormNotFound, Forms


def usable(forms: Forms) -> Iterator[Form]:
    """Return the forms that can be used."""
    for form_id in forms.ids():
        try:
            yield forms.get(form_id)
        except (FormBroken, FormNotFound):
            continue


def by_name(forms: Forms) -> dict[str, Destination]:
    """Return destinations by name; of one that several forms have, any: they share vendor and secret."""
    return {destination.name: destination for form in usable(forms) for destination in form.destinations}
