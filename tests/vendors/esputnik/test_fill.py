"""eSputnik `upsert` with `write = "fill"`, against its twin."""

from __future__ import annotations

from typing import Any

import pytest

from local.twins.esputnik.twin import EsputnikTwin
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from tests.vendors.esputnik.account import ANN, Account

EMAIL = {"type": "email", "value": ANN}
ALL = ("first_name", "last_name", "language", "time_zone", "city", "postal_code", "address_line1", "phone", "custom.5")
SIGN_UP: dict[str, Any] = {
    "first_name": "Ada",
    "city": "Salem",
    "postal_code": "97301",
    "address_line1": "1 High Street",
    "address_line2": "Floor 2",
    "language": "de",
    "custom": {5: "new"},
}


@pytest.fixture
def account(esputnik: EsputnikTwin, http: VendorHttp) -> Account:
    return Account(esputnik, http, "upsert")


def seed(account: Account, *channels: dict[str, str], **more: Any) -> None:
    account.twin.seed({"channels": [EMAIL, *channels], **more})


def facts(account: Account) -> tuple[Any, ...]:
    contact = account.contact()
    fields = {row["id"]: row["value"] for row in contact.get("fields") or []}
    place = {name: text for name, text in (contact.get("address") or {}).items() if text is not None}
    return contact.get("firstName"), contact.get("languageCode"), place, fields.get(5)


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_is_empty_is_filled(account: Account, memory: PersonRecord, nothing: str | None) -> None:
    address = {"town": nothing, "postcode": "02110"}
    seed(account, firstName=nothing, languageCode=nothing, address=address, fields=[{"id": 5, "value": nothing}])
    account.deliver(memory, **SIGN_UP, fill=ALL)
    first_name, language, place, custom = facts(account)
    assert (first_name, language, custom) == ("Ada", "de", "new")
    assert place == {"town": "Salem", "postcode": "02110", "address": "1 High Street, Floor 2"}


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([], ["15165550100"]),
        ([{"type": "sms", "value": "15165550199"}], ["15165550199"]),
        ([{"type": "sms", "value": "15165550100"}], ["15165550100"]),
    ],
)
def test_a_second_channel_is_added_only_where_there_is_none_of_its_kind(
    account: Account, memory: PersonRecord, held: list[dict[str, str]], expected: list[str]
) -> None:
    seed(account, *held)
    account.deliver(memory, {"channels": ["email", "phone"]}, phone="+15165550100", first_name="Ada", fill=["phone"])
    channels = account.contact()["channels"]
    assert [str(channel["value"]) for channel in channels if channel["type"] == "sms"] == expected
