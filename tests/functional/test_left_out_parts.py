"""What a vendor's rules leave out of a newer sign-up does not keep an older one's value from arriving late."""

from __future__ import annotations

from typing import Any

import pytest

from local.twins.whautomate.twin import LOCATION_ID
from tests.functional.submit.form_texts import EMAIL
from tests.support.relay import Relay

HEAD = 'title = "News"\nallowed_origins = ["https://www.example.com"]\n'
PLACE = "".join(
    f'[fields.{name}]\ntype = "text"\n' for name in ("first_name", "address_line1", "city", "state", "postal_code")
)
PULSE = '[[destinations]]\nname = "vendor"\nvendor = "pulse"\naction = "upsert"\noptions = { source = 7 }\n'
CHAT = f"""
[fields.phone]
type = "phone"
required = true
[fields.first_name]
type = "text"
[fields.last_name]
type = "text"
[[destinations]]
name = "vendor"
vendor = "whautomate"
action = "upsert"
options = {{ location_id = "{LOCATION_ID}" }}
"""
ANN: dict[str, Any] = {"email": "ann@example.com"}
WHOLE = {"address_line1": "1 Main Street", "city": "Springfield", "state": "IL", "postal_code": "62701"}


def _older_arrives_last(relay: Relay, older: dict[str, Any], newer: dict[str, Any]) -> dict[str, Any]:
    """Return the contact after the older sign-up waited until the newer one was delivered."""
    (twin,) = relay.twins.values()
    twin.fail("status", status=503)
    assert relay.post("news", older).json["status"] == "accepted"
    assert relay.post("news", newer).json["status"] == "delivered"
    assert relay.retry_waiting() == []
    (contact,) = twin.contacts()
    return contact


@pytest.mark.parametrize("newer", [{"city": "Chicago"}, {"postal_code": "6270"}])
def test_an_older_address_arrives_where_the_newer_one_was_left_out(relay: Relay, newer: dict[str, str]) -> None:
    relay.form("news", HEAD + EMAIL + PLACE + PULSE)
    relay.twin("pulse", "vendor")

    contact = _older_arrives_last(relay, {**ANN, **WHOLE, "first_name": "Old"}, {**ANN, **newer, "first_name": "New"})

    [place] = contact["locations"]
    assert (place["addressLine1"], place["postalCode"], contact["firstName"]) == ("1 Main Street", "62701", "New")


def test_an_older_name_does_not_replace_a_newer_one_that_was_shortened(relay: Relay) -> None:
    relay.form("news", HEAD + CHAT)
    relay.twin("whautomate", "vendor")
    phone = {"phone": "+15165550142"}

    contact = _older_arrives_last(
        relay,
        {**phone, "first_name": "Ann", "last_name": "Older"},
        {**phone, "first_name": "Ann" + "a" * 60, "last_name": "Newer" + "b" * 60},
    )

    assert contact["name"].startswith("Annaa")


LIST = """
[fields.size]
type = "text"
[fields.first_name]
type = "text"
[[destinations]]
name = "vendor"
vendor = "which50"
action = "upsert"
options = { contact_list_id = 3, fields = { email = "Email", first_name = "FirstName" } }
custom_fields = { size = "PracticeSize" }
"""


def test_an_older_custom_value_arrives_where_the_list_would_not_take_the_newer_one(relay: Relay) -> None:
    relay.form("news", HEAD + EMAIL + LIST)
    relay.twin("which50", "vendor")

    contact = _older_arrives_last(
        relay, {**ANN, "size": "1-5", "first_name": "Old"}, {**ANN, "size": "many", "first_name": "New"}
    )

    values = contact["Values"]
    assert (values["PracticeSize"], values["FirstName"]) == ("1-5", "New")


def test_a_tag_that_only_the_older_sign_up_asked_for_arrives_late_and_no_other_runs_again(relay: Relay) -> None:
    box = '[fields.{0}]\ntype = "boolean"\n'
    tags = "".join(f'{{ name = "{name}", when = {{ {name} = true }} }}, ' for name in ("news", "events"))
    options = f'location_id = "{LOCATION_ID}", tags = [{tags}"all"]'
    form = HEAD + box.format("news") + box.format("events") + CHAT
    relay.form("news", form.replace(f'location_id = "{LOCATION_ID}"', options))
    twin = relay.twin("whautomate", "vendor")
    person = {"phone": "+15165550142", "first_name": "Ann", "last_name": "Lee"}

    contact = _older_arrives_last(relay, {**person, "news": True}, {**person, "events": True})

    assert sorted(contact["tags"]) == ["all", "events", "news"]
    added = [entry.body for entry in twin.requests if entry.path.endswith("/tags/add")]
    assert len(added) == 1
    assert "news" in added[0]
    assert "all" not in added[0]
