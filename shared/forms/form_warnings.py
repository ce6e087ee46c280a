"""What is probably a mistake in a form that can be used: `relay check` tells it, and the form works all the same."""

from __future__ import annotations

from collections.abc import Iterator

from shared.contact import ATTRIBUTES
from shared.forms.definition import Destination, Form
from shared.forms.fields import ConsentField
from shared.problems import Problem, near


def warnings_of(form: Form) -> Iterator[Problem]:
    """Return every doubt about a form."""
    yield from _nobody_can_post(form)
    yield from _lost_fields(form)
    for destination in form.destinations:
        yield from _optional_needs(form, destination)


def _nobody_can_post(form: Form) -> Iterator[Problem]:
    if not form.allowed_origins and form.signature is None:
        reason = "nobody can post this form: name the websites that may, or add [signature] for servers"
        yield Problem("allowed_origins", reason)


def _lost_fields(form: Form) -> Iterator[Problem]:
    """A field that is no attribute, no custom field and in no condition is asked of visitors for nothing."""
    used = {name for destination in form.destinations for name in destination.custom_fields}
    used |= form.fields_in_conditions
    for name, field in form.fields.items():
        if name not in used and form.attribute_of(name) is None and not isinstance(field, ConsentField):
            attribute = near(name, ATTRIBUTES).replace("did you mean", "did you mean maps_to =")
            hint = attribute or "; add it to custom_fields of a destination"
            yield Problem(f"fields.{name}", f"its value reaches no destination{hint}")


def _optional_needs(form: Form, destination: Destination) -> Iterator[Problem]:
    """A sign-up without what the destination knows people by is not delivered there."""
    required = {form.attribute_of(name) for name, field in form.fields.items() if field.required}
    for needed in destination.options.requires():
        if not needed & required:
            attributes = " or ".join(sorted(needed))
            reason = f"needs {attributes}, which the form leaves optional: sign-ups without it are not delivered here"
            yield Problem(f"destinations.{destination.name}", reason)
