"""What is probably a mistake in a form that can be used: `relay check` tells it, and the form works all the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from shared.conditions import Condition
from shared.contact import ATTRIBUTES, Channel
from shared.forms.definition import Form
from shared.forms.destination import Destination
from shared.forms.fields import BooleanField, ChoiceField, ConsentField, TextField
from shared.forms.unsent import remedies, withheld_by
from shared.problems import Problem, near


def warnings_of(form: Form) -> Iterator[Problem]:
    """Return every doubt about a form."""
    yield from _nobody_can_post(form)
    yield from _without_effect(form)
    yield from _untranslated(form)
    yield from _lost_fields(form)
    yield from _lost_consents(form)
    for destination in form.destinations:
        yield from _optional_needs(form, destination)
        yield from _left_out(form, destination)
        yield from _without_consent(form, destination)


def _nobody_can_post(form: Form) -> Iterator[Problem]:
    if not form.allowed_origins and form.signature is None:
        reason = "nobody can post this form: name the websites that may, or add [signature] for servers"
        yield Problem("allowed_origins", reason)


def _without_effect(form: Form) -> Iterator[Problem]:
    if form.spam.captcha is None and "captcha_unavailable" in form.spam.model_fields_set:
        yield Problem("spam.captcha_unavailable", "has no effect without captcha")


def _untranslated(form: Form) -> Iterator[Problem]:
    if not form.language.startswith("en") and not form.messages:
        yield Problem("language", "is marked on the built-in pages, but their texts stay English; add [messages]")


def _lost_fields(form: Form) -> Iterator[Problem]:
    """A field that no destination is sent, and no condition asks about, is asked of visitors for nothing."""
    sent = _sent(form)
    used = form.fields_in_conditions | {name for each in form.destinations for name in each.custom_fields}
    for name, field in form.fields.items():
        # A box that must be ticked does its work by being there.
        is_gate = isinstance(field, ConsentField) or (isinstance(field, BooleanField) and field.required)
        if name not in used and form.attribute_of(name) not in sent and not is_gate:
            yield Problem(f"fields.{name}", f"its value reaches no destination; {_remedy(form, name)}")


def _lost_consents(form: Form) -> Iterator[Problem]:
    """Consent of which no vendor learns: what its own defaults say of the person holds instead."""
    carried = {channel for each in form.destinations for channel in each.options.carried_consents()}
    for name, field in form.fields.items():
        if isinstance(field, ConsentField) and name not in form.fields_in_conditions:
            for channel in sorted(set(field.grants) - carried):
                yield Problem(
                    f"fields.{name}", f"consent to {channel} reaches no vendor; {_carrier(form, name, channel)}"
                )


def _carrier(form: Form, name: str, channel: Channel) -> str:
    """Return how a destination would carry the consent."""
    keys = ((each.name, each.options.consent_key(channel)) for each in form.destinations)
    options = [f"for {destination}, set options.{key}" for destination, key in keys if key is not None]
    return ", or ".join(
        [
            *options,
            f"add when = {{ {name} = true }} to the destination that is only for people who agreed",
        ]
    )


def _remedy(form: Form, name: str) -> str:
    """Return what to do about a field that reaches no destination: an option, a name or a place is missing."""
    attribute = form.attribute_of(name) or ""
    withheld = ((each.name, _withheld(form, each).get(attribute)) for each in form.destinations)
    options = [f"for {destination}, set {option}" for destination, option in withheld if option]
    if options:
        return ", or ".join(options)
    may_be_one = form.attribute_of(name) is None and isinstance(form.fields[name], TextField | ChoiceField)
    alike = near(name, ATTRIBUTES) if may_be_one else ""
    return alike.removeprefix("; ").replace("mean", "mean maps_to =") or "add it to custom_fields of a destination"


def _left_out(form: Form, destination: Destination) -> Iterator[Problem]:
    """An attribute that reaches other destinations may be missed at this one."""
    filled = {form.attribute_of(name) for name in form.fields if name not in destination.custom_fields}
    unsent = sorted(name for name in (filled & _sent(form)) - destination.options.sends() if name is not None)
    withheld = _withheld(form, destination)
    # Those that an option would send, and those that need a custom field.
    for names in ([name for name in unsent if name in withheld], [name for name in unsent if name not in withheld]):
        if names:
            told = f"{destination.spec.vendor} {destination.spec.action} is not sent {', '.join(names)}"
            ways = remedies(destination.spec, withheld, names, "it" if len(names) == 1 else "them")
            yield Problem(f"destinations.{destination.name}", "; ".join([told, *ways]))


def _sent(form: Form) -> frozenset[str]:
    """Return the attributes that at least one destination is sent."""
    return frozenset().union(*(each.options.sends() - _withheld(form, each).keys() for each in form.destinations))


def _withheld(form: Form, destination: Destination) -> Mapping[str, str]:
    return withheld_by(destination.options, form.fields)


def _required(form: Form) -> frozenset[str]:
    return frozenset(form.attribute_of(name) or "" for name, field in form.fields.items() if field.required)


def _optional_needs(form: Form, destination: Destination) -> Iterator[Problem]:
    """A sign-up without what the destination knows people by is not delivered there."""
    for needed in destination.options.requires():
        if not needed & _required(form):
            attributes = " or ".join(sorted(needed))
            reason = f"needs {attributes}, which the form leaves optional: sign-ups without it are not delivered here"
            yield Problem(f"destinations.{destination.name}", reason)


def _without_consent(form: Form, destination: Destination) -> Iterator[Problem]:
    """Some vendors write to everybody who arrives there."""
    consents = {name: field for name, field in form.fields.items() if isinstance(field, ConsentField)}
    if any(field.required for field in consents.values()):
        return
    reached = [{**(destination.when or {}), **when} for when in destination.options.needs_consent(destination.asked)]
    if any(not asks_for(consents, when) for when in reached):
        box = next(iter(consents), None)
        remedy = f"add when = {{ {box} = true }}, or make it required" if box else "add a consent field"
        yield Problem(f"destinations.{destination.name}", f"gets people who gave no consent; {remedy}")


def asks_for(consents: Iterable[str], when: Condition) -> bool:
    """Whether a condition lets only those through who ticked a consent box."""
    return any(when.get(name) in (True, (True,)) for name in consents)
