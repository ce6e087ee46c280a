"""The destinations of all usable forms; `relay check` reports the broken ones."""

from __future__ import annotations

from collections.abc import Iterator

from shared.forms import Destination, Form, FormBroken, FormNotFound, Forms

NO_DESTINATION = "its form has no such destination now: a dead letter once it is an hour old"
"""What becomes of a delivery whose destination was renamed or removed."""


def usable_forms(forms: Forms) -> Iterator[Form]:
    """Return the forms that load."""
    for form_id in forms.ids():
        try:
            yield forms.get(form_id)
        except (FormBroken, FormNotFound):
            continue


def has_destination(forms: Forms, form_id: str, name: str) -> bool:
    """Return whether a form has a destination of this name; of a broken form nobody knows, so it has."""
    try:
        return any(destination.name == name for destination in forms.get(form_id).destinations)
    except FormNotFound:
        return False
    except FormBroken:
        return True


def destinations_by_name(forms: Forms) -> dict[str, Destination]:
    """Return destinations by name. Several forms may share a name; vendor and secret are the same then."""
    return {destination.name: destination for form in usable_forms(forms) for destination in form.destinations}


def all_destinations(forms: Forms) -> Iterator[Destination]:
    """Return every destination of every form: those of one name may differ in their options."""
    return (destination for form in usable_forms(forms) for destination in form.destinations)
