"""Two forms that write to one place of a vendor: the newer value stays, whatever the forms call it."""

from __future__ import annotations

import pytest

from local.twins.esputnik.twin import EsputnikTwin
from local.twins.whautomate.twin import LOCATION_ID
from local.twins.which50.lists import ContactList
from local.twins.which50.twin import Which50Twin
from tests.support.relay import Relay

FORM = """
title = "Form"
allowed_origins = ["https://www.example.com"]

[fields.email]
type = "email"
required = true
[fields.first_name]
type = "text"
required = true
[fields.phone]
type = "phone"
required = true
[fields.{field}]
type = "text"
maps_to = "{attribute}"

[[destinations]]
name = "vendor"
vendor = "{vendor}"
action = "upsert"
{options}
"""
WHICH50 = (
    'options = { contact_list_id = %d, fields = { email = "Email", first_name = "FirstName", phone = "Mobile"%s } }'
)
ADA = {"email": "ada@example.com", "first_name": "Ada", "phone": "+1 516 555 0142"}


def form(vendor: str, field: str, options: str = "", attribute: str = "") -> str:
    text = FORM.format(vendor=vendor, field=field, options=options, attribute=attribute)
    return text if attribute else text.replace('maps_to = ""\n', "")


def custom(field: str, target: str) -> str:
    return f"custom_fields = {{ {field} = {target} }}"


PULSE = "options = { source = 7 }\n"
CHAT = f'options = {{ location_id = "{LOCATION_ID}" }}\n'


def older_after_newer(relay: Relay, older: str, newer: str) -> None:
    """Have the older sign-up wait in the queue until the newer one was delivered."""
    relay.form("older", older)
    relay.form("newer", newer)
    relay.clock.seconds = 1
    assert relay.post("older", {**ADA, "old": "Oldville"}).status == 202
    relay.clock.seconds = 30
    assert relay.post("newer", {**ADA, "new": "Newville"}).status == 200
    assert relay.retry_waiting() == []


@pytest.mark.parametrize(
    ("vendor", "options", "target"),
    [
        ("pulse", PULSE, '"practiceSize"'),
        ("esputnik", "", "12"),
        ("whautomate", CHAT, '"Size"'),
        ("higherlogic", "", '"Bio"'),
        ("which50", f"{WHICH50 % (3, '')}\n", '"LastName"'),
    ],
)
def test_one_custom_field_under_two_names(relay: Relay, vendor: str, options: str, target: str) -> None:
    twin = relay.twin(vendor, "vendor")
    older_after_newer(
        relay,
        form(vendor, "old", options + custom("old", target)),
        form(vendor, "new", options + custom("new", target)),
    )
    assert "Oldville" not in str(twin.contacts())
    assert "Newville" in str(twin.contacts())


@pytest.mark.parametrize(
    ("vendor", "older", "newer"),
    [
        (
            "higherlogic",
            form("higherlogic", "old", custom("old", '"Title"')),
            form("higherlogic", "new", attribute="job_title"),
        ),
        (
            "which50",
            form("which50", "old", WHICH50 % (3, "") + "\n" + custom("old", '"LastName"')),
            form("which50", "new", WHICH50 % (3, ', company = "LastName"'), attribute="company"),
        ),
    ],
)
def test_an_attribute_and_a_custom_field(relay: Relay, vendor: str, older: str, newer: str) -> None:
    twin = relay.twin(vendor, "vendor")
    older_after_newer(relay, older, newer)
    assert "Oldville" not in str(twin.contacts())
    assert "Newville" in str(twin.contacts())


def test_two_custom_fields_under_one_name_are_two_places(relay: Relay) -> None:
    twin = relay.twin("pulse", "vendor")
    both = 'options = { source = 7 }\ncustom_fields = { size = "%s" }'
    relay.form("older", form("pulse", "size", both % "practiceSize"))
    relay.form("newer", form("pulse", "size", both % "teamSize"))
    relay.clock.seconds = 1
    relay.post("older", {**ADA, "size": "20"})
    relay.clock.seconds = 30
    relay.post("newer", {**ADA, "size": "7"})
    assert relay.retry_waiting() == []
    (contact,) = twin.contacts()
    assert contact["customFields"] == {"practiceSize": "20", "teamSize": "7"}


def test_two_lists_of_which50_are_two_places(relay: Relay) -> None:
    twin = relay.twin("which50", "vendor")
    assert isinstance(twin, Which50Twin)
    twin.lists[4] = ContactList(number=4)
    fields = ', company = "LastName"'
    older_after_newer(
        relay,
        form("which50", "old", WHICH50 % (3, fields), attribute="company"),
        form("which50", "new", WHICH50 % (4, fields), attribute="company"),
    )
    assert "Oldville" in str(twin.contacts())
    assert "Newville" in str(twin.contacts())


def test_consent_to_texts_is_not_written_beside_a_newer_number(relay: Relay) -> None:
    twin = relay.twin("which50", "vendor")
    consent = '[fields.texts]\ntype = "consent"\ngrants = ["sms"]\nstatement = "Text me."\nversion = "1"\n'
    text = form("which50", "note", WHICH50 % (3, ', consent.sms = "LastName"'))
    for name in ("older", "newer"):
        relay.form(name, text.replace("[[destinations]]", f"{consent}[[destinations]]"))
    relay.clock.seconds = 1
    relay.post("older", {**ADA, "texts": True})
    relay.clock.seconds = 30
    relay.post("newer", {**ADA, "phone": "+1 516 555 0199"})
    assert relay.retry_waiting() == []
    (contact,) = twin.contacts()
    assert contact["Values"]["Mobile"] == "15165550199"
    assert "LastName" not in contact["Values"]


def test_two_names_that_are_one_member_do_not_mix(relay: Relay) -> None:
    twin = relay.twin("whautomate", "vendor")
    relay.form("older", form("whautomate", "last_name", CHAT))
    relay.form("newer", form("whautomate", "note", CHAT))
    relay.clock.seconds = 1
    relay.post("older", {**ADA, "first_name": "Oldest", "last_name": "Oldest"})
    relay.clock.seconds = 30
    relay.post("newer", {**ADA, "first_name": "Newbie"})
    assert relay.retry_waiting() == []
    assert [contact["name"] for contact in twin.contacts()] == ["Newbie"]


@pytest.mark.parametrize("action", ["upsert", "subscribe"])
def test_two_lines_of_an_address_that_are_one_member_do_not_mix(relay: Relay, action: str) -> None:
    twin = relay.twin("esputnik", "vendor")
    assert isinstance(twin, EsputnikTwin)
    twin.options.duplicate_window = 0
    first = form("esputnik", "street", attribute="address_line1").replace('"upsert"', f'"{action}"')
    second = '[fields.more]\ntype = "text"\nmaps_to = "address_line2"\n'
    relay.form("older", second + first)
    relay.form("newer", first)
    relay.clock.seconds = 1
    relay.post("older", {**ADA, "street": "1 Old Street", "more": "Apt 2"})
    relay.clock.seconds = 30
    relay.post("newer", {**ADA, "street": "10 New Street"})
    assert relay.retry_waiting() == []
    assert [contact["address"]["address"] for contact in twin.contacts()] == ["10 New Street"]


def test_what_was_written_before_a_second_call_was_refused_is_not_undone_by_an_older_sign_up(relay: Relay) -> None:
    twin = relay.twin("higherlogic", "vendor")
    lists = 'options = { lists = [{ id = "L1", name = "Members" }] }\n'
    relay.form("older", form("higherlogic", "old", attribute="job_title"))
    relay.form("newer", form("higherlogic", "new", lists, attribute="job_title"))
    relay.clock.seconds = 1
    relay.post("older", {**ADA, "old": "Oldville"})
    relay.clock.seconds = 30
    twin.fail("status", path="/list", status=400, body={"Message": "Refused."})
    relay.post("newer", {**ADA, "new": "Newville"})
    assert len(relay.queued()) == 2, "the list is tried again later"
    assert relay.retry_waiting() == []
    assert "Newville" in str(twin.contacts())
