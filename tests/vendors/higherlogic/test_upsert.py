"""Higher Logic `upsert` against the vendor's twin: what is left out there is erased, and nothing can be read back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import ValidationError

from local.twins.higherlogic.twin import HigherLogicTwin
from shared.delivery.outcome import Parked
from shared.delivery.outcome_for import outcome_for
from shared.errors import (
    Ambiguous,
    Conflict,
    NotFound,
    OutcomeUnknown,
    Refused,
    TryLater,
    VendorError,
)
from shared.forms import FormBroken
from shared.forms.loading import parse_form
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.higherlogic.actions import ACTIONS
from shared.vendors.higherlogic.client import HigherLogicConnection
from shared.vendors.higherlogic.options import UpsertOptions
from shared.vendors.higherlogic.upsert import OURS, minted
from shared.vendors.protocol import Action, WriteResult
from tests.support.vendor_fakes import person_record, soon, task

(UPSERT,) = ACTIONS
ANN = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Lee"}
GROUP = {"id": "g-1", "name": "Members"}
LIST = {"id": "l-1", "name": "Newsletter", "type": "Opt-in"}


@dataclass
class Tenant:
    """A tenant of Higher Logic, simulated, and deliveries to it."""

    twin: HigherLogicTwin
    http: VendorHttp

    def deliver(self, memory: PersonRecord, options: dict[str, Any] | None = None, **parts: Any) -> WriteResult:
        return self.action(options).deliver(task(**{**ANN, **parts}), memory)

    def action(self, options: dict[str, Any] | None = None) -> Action:
        connection = HigherLogicConnection.of_secret("higherlogic", self.twin.connection())
        return UPSERT.build(UpsertOptions.model_validate(options or {}), connection, self.http, soon())

    def details(self) -> dict[str, Any]:
        """Return the only contact's details."""
        (contact,) = self.twin.contacts()
        found: dict[str, Any] = contact["ContactDetails"]
        return found

    def pushed(self, number: int = -1) -> dict[str, Any]:
        """Return one element that was pushed to `/contactinfo`, the last one by default."""
        bodies = [json.loads(entry.body) for entry in self.twin.requests if entry.path.endswith("/contactinfo")]
        (element,) = bodies[number]
        assert isinstance(element, dict)
        return element


@pytest.fixture
def tenant(higherlogic: HigherLogicTwin, http: VendorHttp) -> Tenant:
    return Tenant(higherlogic, http)


def form(options: str = "", fields: str = "[fields.first_name]\ntype='text'", custom: str = "") -> str:
    return f"""
        title = "Newsletter"
        {"[fields.email]"}
        type = "email"
        required = true
        [fields.about]
        type = "text"
        {fields}
        [[destinations]]
        name = "higherlogic"
        vendor = "higherlogic"
        action = "upsert"
        [destinations.options]
        {options}
        [destinations.custom_fields]
        {custom}
    """


def problems(text: str) -> str:
    with pytest.raises(FormBroken) as broken:
        parse_form("newsletter", text)
    return "; ".join(broken.value.problems)


# Who it is.


def test_the_contact_id_lies_in_a_namespace_of_our_own(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.twin.seed({"ContactId": "ann@example.com", "FirstName": "Ann", "Title": "of the tenant's own system"})
    tenant.deliver(memory)
    theirs, ours = sorted(
        (each["ContactDetails"] for each in tenant.twin.contacts()), key=lambda each: each["ContactId"]
    )
    assert theirs["Title"] == "of the tenant's own system"
    assert ours["ContactId"] == memory.contact_id
    assert memory.contact_id is not None
    assert memory.contact_id.startswith("form:")


def test_a_forgotten_person_is_given_the_same_contact_id_again(tenant: Tenant) -> None:
    tenant.deliver(person_record("higherlogic"))
    tenant.deliver(person_record("higherlogic"), email=" Ann@Example.com ")
    assert len(tenant.twin.contacts()) == 1


def test_the_remembered_contact_id_stays_whatever_would_be_minted_today(tenant: Tenant, memory: PersonRecord) -> None:
    memory.contact_id = minted("https://datapushapi.example.com/v1", "ann.before@example.com")
    before = memory.contact_id
    tenant.deliver(memory)
    assert (tenant.details()["ContactId"], memory.contact_id) == (before, before)


def test_a_contact_id_that_we_did_not_mint_is_never_pushed(tenant: Tenant, memory: PersonRecord) -> None:
    memory.contact_id = "member-4711"
    with pytest.raises(Ambiguous):
        tenant.deliver(memory)
    assert tenant.twin.requests == []


def test_two_tenants_do_not_share_contact_ids() -> None:
    one, other = (minted(f"https://{host}.example.com/v2", "ann@example.com") for host in ("us", "ca"))
    assert one != other
    assert one.startswith(OURS)


# The whole record, each time.


def test_the_record_is_remembered_for_ever_once_confirmed(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, job_title="Owner")
    assert memory.memory.is_only_copy
    assert memory.memory.record["ContactDetails"]["Title"] == "Owner"


def test_what_was_not_confirmed_does_not_enter_the_record(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, job_title="Owner")
    tenant.twin.fail("status", status=500)
    with pytest.raises(OutcomeUnknown):
        tenant.deliver(memory, job_title="Director", company="Lee Ltd")
    tenant.deliver(memory)
    assert (tenant.details()["Title"], tenant.details()["OrganizationName"]) == ("Owner", None)


def test_fields_that_came_too_late_leave_the_record_as_it_is(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, {"groups": [GROUP]}, job_title="Owner")
    tenant.action().deliver(task(email="ann@example.com"), memory)  # all else was dropped by the late-write guard
    assert (tenant.details()["FirstName"], tenant.details()["Title"]) == ("Ann", "Owner")
    assert [group["GroupId"] for group in tenant.twin.contacts()[0]["Groups"]] == ["g-1"]


def test_lists_whose_members_nobody_describes_are_never_sent(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, {"groups": [GROUP]}, phone="+15165550100", city="London")
    assert set(tenant.pushed()) == {"ContactDetails", "Groups", "Addresses", "PhoneNumbers"}


def test_no_field_name_of_the_first_api_generation_is_sent(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, {"groups": [GROUP], "lists": [LIST]}, phone="+15165550100")
    sent = " ".join(entry.body for entry in tenant.twin.requests)
    assert not [name for name in ("LegacyContactKey", "MemberID", "SecurityGroups", "TenantCode") if name in sent]


def test_the_body_is_an_array_even_for_one_contact(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, {"lists": [LIST]})
    assert [type(json.loads(entry.body)) for entry in tenant.twin.requests] == [list, list]


def test_a_person_is_always_said_not_to_be_an_organisation(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, company="Lee Ltd")
    assert tenant.pushed()["ContactDetails"]["IsOrganization"] is False


def test_a_form_never_deletes_and_never_undeletes_in_words(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory)
    assert "IsDeleted" not in tenant.pushed()["ContactDetails"]


# What its fields look like.


def test_a_date_is_sent_with_exactly_three_fraction_digits(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, birthday="2000-01-31")
    assert tenant.details()["Birthday"] == "2000-01-31T00:00:00.000Z"


def test_a_phone_is_sent_as_e164_with_plus(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, phone="+15165550100")
    assert tenant.pushed()["PhoneNumbers"] == [{"FormattedNumber": "+15165550100"}]


def test_a_country_that_is_no_iso_code_is_left_out_and_counted(tenant: Tenant, memory: PersonRecord) -> None:
    result = tenant.deliver(memory, city="London", country="United Kingdom")
    assert result.left_out == ("country",)
    assert tenant.pushed()["Addresses"] == [{"City": "London"}]


def test_text_for_the_biography_is_escaped_for_html(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, custom={"Bio": "<script>alert('x')</script> & more"})
    assert tenant.details()["Bio"] == "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; more"


@pytest.mark.parametrize(
    ("link", "kept"), [("https://example.com/ann", True), ("javascript:alert(1)", False), ("example.com", False)]
)
def test_a_link_that_is_no_web_address_is_left_out(link: str, kept: bool, tenant: Tenant, memory: PersonRecord) -> None:
    result = tenant.deliver(memory, custom={"WebsiteURL": link})
    assert tenant.details()["WebsiteURL"] == (link if kept else None)
    assert result.left_out == (() if kept else ("WebsiteURL",))


# Consent.


def test_a_sign_up_that_adds_nothing_does_not_undo_an_opt_out_made_at_the_vendor(
    tenant: Tenant, memory: PersonRecord
) -> None:
    tenant.deliver(memory, channels=["email"])
    tenant.twin.opt_out("ann@example.com")
    tenant.deliver(memory)
    assert tenant.details()["DoNotEmail"] is True
    tenant.deliver(memory, channels=["email"])  # a fresh consent is another matter
    assert tenant.details()["DoNotEmail"] is False


def test_consent_to_texts_stays_with_the_number_that_it_was_given_for(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, phone="+15165550100", channels=["sms"])
    first, second = {"FormattedNumber": "+15165550100", "IsSmsPreferred": True}, {"FormattedNumber": "+15165550199"}
    assert tenant.pushed()["PhoneNumbers"] == [first]
    tenant.deliver(memory, phone="+15165550199")
    assert tenant.pushed()["PhoneNumbers"] == [first, second]
    tenant.deliver(memory, channels=["sms"], job_title="Owner")  # the number it came with was too late
    assert tenant.pushed()["PhoneNumbers"] == [first, second]


def test_a_work_number_does_not_delete_the_mobile(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, phone="+15165550100")
    tenant.deliver(memory, phone="+15165550199", channels=["sms"])
    assert tenant.pushed()["PhoneNumbers"] == [
        {"FormattedNumber": "+15165550100"},
        {"FormattedNumber": "+15165550199", "IsSmsPreferred": True},
    ]


HOME = {"address_line1": "1 Main Street", "address_line2": "Suite 5", "city": "Springfield", "postal_code": "62701"}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"address_line1": "9 Oak Avenue"}, {"AddressLine1": "9 Oak Avenue"}),
        ({"city": "Lyon", "country": "FR"}, {"City": "Lyon", "CountryCode": "FR"}),
        ({"city": "SPRINGFIELD", "state": "IL"}, {"City": "SPRINGFIELD", "AddressLine2": "Suite 5"}),
        ({"address_line2": "Suite 6"}, {"AddressLine1": "1 Main Street", "AddressLine2": "Suite 6"}),
    ],
)
def test_who_has_moved_is_not_given_half_of_the_old_address(
    given: dict[str, str], shown: dict[str, str], tenant: Tenant, memory: PersonRecord
) -> None:
    tenant.deliver(memory, person=HOME)
    tenant.deliver(memory, person=given)
    [address] = tenant.pushed()["Addresses"]
    assert address.items() >= shown.items()
    assert ("AddressLine2" in address) is ("AddressLine2" in shown)


def test_a_custom_value_is_a_text_as_people_write_it(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, custom={"Suffix": True, "Ethnicity": 5.0, "InformalName": 0.5})
    details = tenant.pushed()["ContactDetails"]
    assert (details["Suffix"], details["Ethnicity"], details["InformalName"]) == ("true", "5", "0.5")


def test_a_list_that_is_refused_at_first_is_joined_when_the_contact_is_worked_in(
    tenant: Tenant, memory: PersonRecord
) -> None:
    tenant.twin.fail("status", status=400, path="list", count=3)
    waits = []
    for _ in range(3):
        with pytest.raises(TryLater) as later:
            tenant.deliver(memory, {"lists": [LIST]})
        waits.append(later.value.retry_after)
    tenant.deliver(memory, {"lists": [LIST]})
    assert waits == [60, 240, 960]
    assert (tenant.twin.contacts()[0]["Lists"], memory.unconfirmed) == (["l-1"], [])


def test_a_list_that_does_not_know_a_new_contact_yet_loses_nobody(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.twin.options.ingest_seconds = 3600
    with pytest.raises(TryLater):
        tenant.deliver(memory, {"lists": [LIST]})
    tenant.twin.options.ingest_seconds = 0
    tenant.deliver(memory, {"lists": [LIST]})
    assert tenant.twin.contacts()[0]["Lists"] == ["l-1"]
    assert [entry.path for entry in tenant.twin.writes()] == ["/v2/contactinfo", "/v2/list"]


@pytest.mark.parametrize(("status", "error"), [(400, Refused), (404, NotFound), (409, Conflict)])
def test_a_list_that_stays_refused_is_parked(
    status: int, error: type[VendorError], tenant: Tenant, memory: PersonRecord
) -> None:
    tenant.twin.fail("status", status=status, path="list", count=None)
    for _ in range(3):
        with pytest.raises(TryLater):
            tenant.deliver(memory, {"lists": [LIST]})
    with pytest.raises(error):
        tenant.deliver(memory, {"lists": [LIST]})


def test_what_a_tenant_wants_in_every_record_is_a_matter_of_the_form_file(tenant: Tenant, memory: PersonRecord) -> None:
    options = {
        "constants": {"ExcludeFromDirectory": True},
        "address_type": "Home",
        "phone_type": "Mobile",
        "groups": [{**GROUP, "type": "Interest"}],
    }
    tenant.deliver(memory, options, city="Springfield", phone="+15165550100")
    pushed = tenant.pushed()
    assert pushed["ContactDetails"]["ExcludeFromDirectory"] is True
    assert pushed["Addresses"] == [{"AddressType": "Home", "City": "Springfield"}]
    assert pushed["PhoneNumbers"] == [{"FormattedNumber": "+15165550100", "PhoneType": "Mobile"}]
    assert pushed["Groups"] == [{"GroupId": "g-1", "GroupName": "Members", "GroupType": "Interest"}]


@pytest.mark.parametrize("name", ["ContactId", "DoNotEmail", "IsDeleted", "PrimaryEmailAddress"])
def test_neither_consent_nor_identity_can_be_constant(name: str) -> None:
    with pytest.raises(ValidationError, match="cannot be constant"):
        UpsertOptions.model_validate({"constants": {name: "x"}})


def test_a_nameless_person_is_given_the_configured_name(tenant: Tenant, memory: PersonRecord) -> None:
    action = tenant.action({"name_placeholder": "Friend"})
    action.deliver(task(email="ann@example.com"), memory)
    assert tenant.details()["LastName"] == "Friend"


def test_the_configured_name_goes_when_the_person_tells_a_real_one(tenant: Tenant, memory: PersonRecord) -> None:
    action = tenant.action({"name_placeholder": "Friend"})
    action.deliver(task(email="ann@example.com"), memory)
    action.deliver(task(email="ann@example.com", first_name="Ann"), memory)
    assert tenant.details()["FirstName"] == "Ann"
    assert tenant.details()["LastName"] is None


# Groups and lists.


def test_groups_that_another_form_joined_are_kept(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, {"groups": [GROUP]})
    tenant.deliver(memory, {"groups": [{"id": "g-2", "name": "Guests"}]})
    tenant.deliver(memory, {"groups": [{"id": "g-1", "name": "Members, renamed"}]})
    groups = {group["GroupId"]: group["GroupName"] for group in tenant.twin.contacts()[0]["Groups"]}
    assert groups == {"g-1": "Members, renamed", "g-2": "Guests"}
    assert tenant.twin.events_of("group_left") == []


def test_a_person_is_added_to_the_lists_after_the_contact_was_pushed(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.twin.options.unknown_ids = "refused"
    tenant.deliver(memory, {"lists": [LIST, {"id": "l-2", "name": "Events"}]})
    assert tenant.twin.contacts()[0]["Lists"] == ["l-1", "l-2"]
    elements = json.loads(tenant.twin.requests[-1].body)
    assert [(each["ListName"], each.get("ListType")) for each in elements] == [
        ("Newsletter", "Opt-in"),
        ("Events", None),
    ]


def test_a_form_adds_to_a_list_and_never_replaces_its_members(tenant: Tenant) -> None:
    for name in ("ann", "bob"):
        tenant.deliver(person_record("higherlogic"), {"lists": [LIST]}, email=f"{name}@example.com")
    assert len(tenant.twin.lists["l-1"]["ContactIds"]) == 2
    assert "Replace" not in " ".join(entry.body for entry in tenant.twin.requests)


@pytest.mark.parametrize("mode", ["Append", "Add"])
def test_the_add_mode_is_spelled_as_the_tenant_understands_it(mode: str, tenant: Tenant, memory: PersonRecord) -> None:
    tenant.twin.options.add_mode = mode  # type: ignore[assignment]
    tenant.deliver(memory, {"lists": [LIST], "list_add_mode": mode})
    assert tenant.twin.contacts()[0]["Lists"] == ["l-1"]


def test_replace_cannot_be_configured() -> None:
    assert "list_add_mode" in problems(form("list_add_mode = 'Replace'"))


# Community Essentials.


def test_community_essentials_gets_no_list_and_no_unsupported_part(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.twin.options.community_essentials = True
    tenant.deliver(memory, {"community_essentials": True, "groups": [GROUP]}, phone="+15165550100", city="London")
    assert [entry.path for entry in tenant.twin.requests] == ["/v2/contactinfo"]
    assert not {"Demographics", "Education", "JobHistory", "Orders"} & set(tenant.pushed())


def test_lists_in_community_essentials_are_refused_at_form_load() -> None:
    lists = "lists = [{id='l-1', name='Newsletter'}]"
    assert "no lists" in problems(form(f"community_essentials = true\n{lists}"))
    assert parse_form("newsletter", form(lists)).destinations


def test_groups_are_only_those_of_the_configuration(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, {"groups": [GROUP]}, custom={"Suffix": "g-9"})
    assert [group["GroupId"] for group in tenant.pushed()["Groups"]] == ["g-1"]
    assert "custom_fields.about" in problems(form(custom="about = 'GroupId'"))


# Forms.


def test_a_form_that_cannot_supply_a_name_is_refused_at_load() -> None:
    assert "first_name or last_name" in problems(form(fields=""))


def test_a_form_without_a_name_loads_where_a_placeholder_stands_in() -> None:
    assert parse_form("newsletter", form("name_placeholder = 'Friend'", fields="")).destinations


def test_only_who_asked_for_a_list_is_put_on_it(tenant: Tenant, memory: PersonRecord) -> None:
    options = UpsertOptions.model_validate({"lists": [{**LIST, "when": {"news": True}}, {"id": "l-2", "name": "All"}]})
    connection = HigherLogicConnection.of_secret("higherlogic", tenant.twin.connection())
    for ticked in (False, True):
        action = UPSERT.build(options.matching({"news": ticked}), connection, tenant.http, soon())
        action.deliver(task(person=ANN), memory)

    pushes = [json.loads(entry.body) for entry in tenant.twin.requests if entry.path.endswith("/list")]
    assert [[each["ListId"] for each in push] for push in pushes] == [["l-2"], ["l-1", "l-2"]]


def test_custom_fields_are_texts_of_the_contact_and_never_its_ids() -> None:
    assert parse_form("newsletter", form(custom="about = 'Bio'")).destinations
    for name in ("ContactId", "ParentContactId", "PrimaryEmailAddress", "IsDeleted", "practiceSize"):
        assert "must be one of" in problems(form(custom=f"about = '{name}'"))


def test_a_nameless_person_is_parked_with_a_reason(tenant: Tenant, memory: PersonRecord) -> None:
    with pytest.raises(Refused, match="first or a last name") as refused:
        tenant.deliver(memory, first_name=None, last_name=None)
    assert outcome_for(refused.value) == Parked("refused")
    assert (tenant.twin.requests, memory) == ([], person_record("higherlogic"))


def test_a_last_name_alone_is_enough(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.deliver(memory, first_name=None)
    assert tenant.details()["LastName"] == "Lee"


# What goes wrong.


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "close_mid_body"])
def test_a_lost_answer_to_a_list_is_mended_by_delivering_again(
    fault: str, tenant: Tenant, memory: PersonRecord
) -> None:
    tenant.twin.options.success_flag = "true"
    tenant.twin.fail(fault, path="list")
    with pytest.raises(OutcomeUnknown):
        tenant.deliver(memory, {"lists": [LIST], "groups": [GROUP]})
    tenant.deliver(memory, {"lists": [LIST], "groups": [GROUP]})
    (contact,) = tenant.twin.contacts()
    assert contact["Lists"] == ["l-1"]
    assert [event.name for event in tenant.twin.events] == ["group_joined", "list_joined"]


def test_a_crash_between_contact_and_list_ends_with_both_done(tenant: Tenant) -> None:
    tenant.twin.fail("status", status=503, path="list")
    with pytest.raises(VendorError):
        tenant.deliver(person_record("higherlogic"), {"lists": [LIST]})
    tenant.deliver(
        person_record("higherlogic"), {"lists": [LIST]}
    )  # what was learned before the crash was never written back
    assert [contact["Lists"] for contact in tenant.twin.contacts()] == [["l-1"]]


def test_a_list_that_fails_does_not_undo_what_the_record_learned(tenant: Tenant, memory: PersonRecord) -> None:
    tenant.twin.fail("status", status=500, path="list")
    with pytest.raises(OutcomeUnknown):
        tenant.deliver(memory, {"lists": [LIST]}, job_title="Owner")
    tenant.deliver(memory, company="Lee Ltd")  # another form comes first
    assert (tenant.details()["Title"], tenant.details()["OrganizationName"]) == ("Owner", "Lee Ltd")


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (413, Refused, Parked("refused")),
        (404, NotFound, Parked("misconfigured")),
    ],
)
def test_each_status_means_what_the_page_says(
    status: int, error: type[VendorError], outcome: Any, tenant: Tenant, memory: PersonRecord
) -> None:
    tenant.twin.fail("status", status=status)
    with pytest.raises(error) as raised:
        tenant.deliver(memory)
    assert type(raised.value) is error
    assert outcome_for(raised.value) == outcome


def test_the_name_of_the_key_header_can_be_configured(http: VendorHttp, memory: PersonRecord) -> None:
    with HigherLogicTwin(api_key_header="Key") as twin:
        Tenant(twin, http).deliver(memory)
        assert len(twin.contacts()) == 1
