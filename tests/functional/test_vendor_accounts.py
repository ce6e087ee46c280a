"""What is remembered belongs to one account of a vendor, and at Which50 to one list."""

from __future__ import annotations

from local.twins.which50.lists import FIELDS, ContactList, Field
from local.twins.which50.twin import Which50Twin
from tests.functional.submit.form_texts import newsletter
from tests.support.relay import Relay

ADA = {"email": "ada@example.com", "first_name": "Ada"}


def which50_form(list_id: int) -> str:
    return f"""
title = "List {list_id}"
allowed_origins = ["*"]
[fields.email]
type = "email"
required = true
[fields.first_name]
type = "text"
[[destinations]]
name = "lists"
vendor = "which50"
action = "upsert"
[destinations.options]
contact_list_id = {list_id}
fields = {{ email = "Email", first_name = "FirstName", "consent.email" = "EmailConsent" }}
"""


def test_who_is_known_in_one_list_is_not_subscribed_by_the_default_of_another(relay: Relay) -> None:
    twin = relay.twin("which50", "lists")
    assert isinstance(twin, Which50Twin)
    says_nothing = [field for field in FIELDS if field.name != "EmailConsent"] + [Field("EmailConsent")]
    twin.lists = {3: ContactList(number=3, fields=says_nothing), 4: ContactList(number=4)}
    for list_id in (3, 4):
        relay.form(f"list{list_id}", which50_form(list_id))

    first, second = relay.post("list3", ADA), relay.post("list4", ADA)

    assert first.json["status"] == "delivered"
    assert second.json["status"] == "accepted"
    assert [contact["ListId"] for contact in twin.contacts()] == [3]
    assert len(relay.buried()) == 1


def test_two_connections_to_one_higher_logic_tenant_do_not_push_halves_of_a_record_over_each_other(
    relay: Relay,
) -> None:
    twin = relay.twin("higherlogic", "members")
    relay.secret("event-members", twin.connection())
    title = '[fields.job_title]\ntype = "text"\n'
    more = '[[destinations]]\nname = "{}"\nvendor = "higherlogic"\naction = "upsert"\n'
    fields = '[fields.email]\ntype = "email"\nrequired = true\n[fields.first_name]\ntype = "text"\n'
    for form, name in (("news", "members"), ("event", "event-members")):
        whole = newsletter(fields=fields + (title if form == "event" else "")).partition("[[destinations]]")[0]
        relay.form(form, whole + more.format(name))

    for form, person in (("event", {**ADA, "job_title": "Head"}), ("news", {**ADA, "first_name": "Augusta"})):
        assert relay.post(form, person).json["status"] == "delivered"

    [contact] = twin.contacts()
    assert (contact["ContactDetails"]["FirstName"], contact["ContactDetails"]["Title"]) == ("Augusta", "Head")
