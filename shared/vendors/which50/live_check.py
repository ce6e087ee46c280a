"""Which50: what `relay check --live` can try: the contact list, its fields, their values and their defaults."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import get_args

from shared.contact import Channel
from shared.errors import NotFound
from shared.problems import near
from shared.vendors.answer_shape import shape_of
from shared.vendors.live_check import CheckedDestination, Findings, listed, shown
from shared.vendors.payload import as_text
from shared.vendors.which50.client import Which50Client
from shared.vendors.which50.default_consent import grants_by_default, says_yes
from shared.vendors.which50.list_fields import ListField
from shared.vendors.which50.options import UpsertOptions

Schema = Mapping[str, ListField]


def check(destination: CheckedDestination, found: Findings) -> None:
    """Try the contact list and everything that the form file names of it."""
    options: UpsertOptions = destination.options
    client = Which50Client(destination.http, destination.connection, destination.deadline)
    calls = found.needed("contact_list_id") if options.verify_fields else found.helpful("contact_list_id")
    with calls:
        schema = _schema(client, options.contact_list_id, found)
        if schema is not None:
            _check_names(schema, destination, found)
            _check_consents(schema, options, destination.granted, found)
            _check_other_defaults(schema, options, found)
            _check_values(schema, destination, found)
    if options.custom_events:
        found.untried("custom_events", "no call lists the account's events")
    if "phone" in options.fields:
        found.untried("phone_format", "no call says how phone numbers are to be written")
    if len(options.match) > 1:
        found.note("match", f"a person whose {listed(options.match)} changes becomes a second contact")
    found.untried("match", "whether a new person is created where nothing matches shows only in a write")


def _schema(client: Which50Client, list_id: int, found: Findings) -> Schema | None:
    """Return the list's fields by name; None when there is no such list."""
    try:
        fields = client.fields(list_id)
    except NotFound:
        lists = [f"{each.get('Id')} {each.get('Name', '')}" for each in client.contact_lists()]
        found.wrong("contact_list_id", f"there is no contact list {list_id}; there are {listed(lists)}")
        return None
    found.note("list fields answer", shape_of(fields))
    return {field.name: field for field in map(ListField.of, fields)}


def _check_names(schema: Schema, destination: CheckedDestination, found: Findings) -> None:
    named = [(f"fields.{ours}", theirs) for ours, theirs in destination.options.fields.items()]
    named += [("custom_fields", str(theirs)) for theirs in destination.custom_fields]
    missing = [(about, theirs) for about, theirs in named if theirs not in schema]
    for about, theirs in missing:
        found.wrong(about, f"the list has no field {theirs}{near(theirs, schema) or f'; it has {listed(schema)}'}")
    if not missing:
        found.fits("fields", "the list has every field that the form file names")


def _check_consents(schema: Schema, options: UpsertOptions, granted: Collection[Channel], found: Findings) -> None:
    for channel, field in _consent_fields(schema, options):
        about, yes = f"fields.consent.{channel}", options.consent_value_of(channel)
        if field.spelled(yes) is None:
            values = listed(field.choices.values())
            found.wrong("consent_value", f"list field {field.name} does not take it; it takes {values}")
        elif not grants_by_default(field.default, yes, options.no_values):
            found.fits(about, f"list field {field.name} has no default that grants consent")
        elif channel in granted:
            told = f"list field {field.name} has the default {shown(field.default)}"
            found.note(about, f"{told}, which does no harm: everybody who arrives has given this consent")
        elif options.accept_default_consent:
            found.note(about, f"list field {field.name} says {shown(field.default)} for people without consent")
        else:
            told = f"list field {field.name} has the default {shown(field.default)}"
            remedy = "new people without consent are parked; docs/vendors/which50.md#a-default-that-says-yes mends it"
            found.wrong(about, f"{told}, which may mean yes: {remedy}")


def _consent_fields(schema: Schema, options: UpsertOptions) -> Iterator[tuple[Channel, ListField]]:
    for channel in get_args(Channel):
        name = options.fields.get(f"consent.{channel}", "")
        if name in schema:
            yield channel, schema[name]


def _check_other_defaults(schema: Schema, options: UpsertOptions, found: Findings) -> None:
    """Tell the defaults that may be consent: a field that the form file does not name gets its default."""
    for name in sorted(schema.keys() - options.fields.values()):
        if says_yes(schema[name].default):
            told = f"list field {name} says {shown(schema[name].default)} for everybody new, since `fields` lacks it"
            found.note("fields", f"{told}; where it is a consent, add it, like consent.email = {shown(name)}")


def _check_values(schema: Schema, destination: CheckedDestination, found: Findings) -> None:
    """Compare what the form lets visitors choose with the value lists of the fields."""
    options: UpsertOptions = destination.options
    for ours, values in destination.values.items():
        field = schema.get(options.fields.get(ours, ours.removeprefix("custom.")))
        unlisted = [value for value in values if field is not None and field.spelled(value) is None]
        if field is None or not unlisted:
            continue
        told = f"list field {field.name} does not list {listed([as_text(value) for value in unlisted])}"
        if options.unlisted_values == "drop":
            found.wrong("unlisted_values", f"{told}: left out of deliveries")
        else:
            found.note("unlisted_values", f"{told}: sent as they are")
