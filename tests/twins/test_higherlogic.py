from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.twins.higherlogic.twin import HigherLogicTwin

ANN: dict[str, Any] = {"ContactId": "form:1", "FirstName": "Ann", "PrimaryEmailAddress": "ann@example.com"}
FULL: dict[str, Any] = {
    "ContactDetails": {**ANN, "Title": "Nurse", "DoNotEmail": True},
    "Groups": [{"GroupId": "g1", "GroupName": "Members", "BeginDate": "2025-01-01T00:00:00.000Z"}],
    "PhoneNumbers": [{"FormattedNumber": "+15165551212", "IsSmsPreferred": True}],
}


@pytest.fixture
def twin() -> Iterator[HigherLogicTwin]:
    with HigherLogicTwin() as higherlogic:
        yield higherlogic


@pytest.fixture
def higherlogic(twin: HigherLogicTwin) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{twin.url}/v2", headers={"ApiKey": twin.api_key}, timeout=60) as client:
        yield client


def push(higherlogic: httpx.Client, **details: Any) -> httpx.Response:
    return higherlogic.post("/contactinfo", json=[{"ContactDetails": {**ANN, **details}}])


def change(higherlogic: httpx.Client, mode: str, *ids: str) -> httpx.Response:
    return higherlogic.post("/list", json=[{"ContactIds": ids, "ListId": "L1", "ListName": "News", "Mode": mode}])


def members(twin: HigherLogicTwin) -> set[str]:
    return set(twin.lists["L1"]["ContactIds"])


def test_the_key_travels_in_a_header_named_apikey(twin: HigherLogicTwin) -> None:
    answers = [
        httpx.post(f"{twin.url}/v2/contactinfo", json=[{"ContactDetails": ANN}], headers={name: twin.api_key})
        for name in ("Key", "ApiKey")
    ]
    assert [answer.status_code for answer in answers] == [401, 200]


def test_the_header_may_have_another_name() -> None:
    with HigherLogicTwin(api_key_header="Key") as twin:
        body = [{"ContactDetails": ANN}]
        assert httpx.post(f"{twin.url}/contactinfo", json=body, headers={"Key": twin.api_key}).status_code == 200
        assert twin.connection()["api_key_header"] == "Key"


@pytest.mark.parametrize(("content_type", "status"), [("text/json", 200), ("text/plain", 415), ("", 415)])
def test_only_two_content_types_are_taken(content_type: str, status: int, higherlogic: httpx.Client) -> None:
    body = b'[{"ContactDetails": {"ContactId": "1", "LastName": "Lee"}}]'
    headers = {"Content-Type": content_type}
    assert higherlogic.post("/contactinfo", content=body, headers=headers).status_code == status


@pytest.mark.parametrize("body", [{"ContactDetails": ANN}, [], [ANN], ["x"], "x"])
def test_the_body_is_an_array_of_records(body: Any, higherlogic: httpx.Client) -> None:
    assert higherlogic.post("/contactinfo", json=body).status_code == 400


def test_nothing_can_be_read(higherlogic: httpx.Client) -> None:
    assert higherlogic.get("/contactinfo").status_code == 405


def test_success_has_an_empty_body(higherlogic: httpx.Client) -> None:
    answer = push(higherlogic)
    assert (answer.status_code, answer.content) == (200, b"")


def test_scalars_and_groups_that_are_left_out_are_cleared(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    higherlogic.post("/contactinfo", json=[FULL])
    assert twin.contacts()[0]["Groups"][0]["GroupName"] == "Members"
    push(higherlogic)
    (after,) = twin.contacts()
    assert (after["ContactDetails"]["Title"], after["Groups"], after["PhoneNumbers"]) == (None, [], [])
    assert [event.name for event in twin.events] == ["group_joined", "group_left"]


def test_do_not_email_is_lost_when_it_is_left_out(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    push(higherlogic, DoNotEmail=True)
    assert twin.contacts()[0]["ContactDetails"]["DoNotEmail"] is True
    push(higherlogic)
    assert twin.contacts()[0]["ContactDetails"]["DoNotEmail"] is False


def test_null_clears_like_absence(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    push(higherlogic, Title="Nurse")
    push(higherlogic, Title=None)
    assert twin.contacts()[0]["ContactDetails"]["Title"] is None


def test_the_same_email_under_another_id_is_a_second_contact(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    push(higherlogic)
    push(higherlogic, ContactId="form:2")
    assert len(twin.contacts()) == 2


def test_repeating_a_whole_record_changes_nothing(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    for _ in range(2):
        higherlogic.post("/contactinfo", json=[FULL])
    assert len(twin.contacts()) == 1
    assert len(twin.events) == 1


@pytest.mark.parametrize(
    "details",
    [
        {"ContactId": None},
        {"FirstName": None},
        {"IsOrganization": True},
        {"IsOrganization": "false"},
        {"Age": "30"},
        {"FirstName": 5},
    ],
)
def test_required_members_and_types_are_checked(details: Any, higherlogic: httpx.Client) -> None:
    assert push(higherlogic, **details).status_code == 400


def test_an_organisation_needs_only_its_name(higherlogic: httpx.Client) -> None:
    assert push(higherlogic, FirstName=None, IsOrganization=True, OrganizationName="Example").status_code == 200


def test_the_email_may_be_required(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    assert push(higherlogic, PrimaryEmailAddress=None).status_code == 200
    twin.options.email_required = True
    assert push(higherlogic, PrimaryEmailAddress=None).status_code == 400


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2025-01-31T10:00:00.000Z", 200),
        ("2025-01-31T10:00:00.123+02:00", 200),
        ("2025-01-31T10:00:00Z", 400),
        ("2025-01-31T10:00:00.123456Z", 400),
        ("2025-01-31T10:00:00.123+0200", 400),
        ("2025-01-31", 400),
    ],
)
def test_a_date_has_exactly_three_fraction_digits(moment: str, status: int, higherlogic: httpx.Client) -> None:
    assert push(higherlogic, Birthday=moment).status_code == status


def test_members_of_other_generations_are_ignored(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    assert push(higherlogic, LegacyContactKey="7").status_code == 200
    assert "LegacyContactKey" not in twin.contacts()[0]["ContactDetails"]


def test_a_soft_delete_needs_only_the_id(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    push(higherlogic)
    higherlogic.post("/contactinfo", json=[{"ContactDetails": {"ContactId": "form:1", "IsDeleted": True}}])
    assert twin.contacts()[0]["ContactDetails"]["IsDeleted"] is True
    assert twin.contacts()[0]["ContactDetails"]["FirstName"] == "Ann"


def test_a_deleted_contact_may_come_back_or_not(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    push(higherlogic, IsDeleted=True)
    assert push(higherlogic).status_code == 200
    push(higherlogic, IsDeleted=True)
    twin.options.undelete = False
    assert push(higherlogic).status_code == 400


@pytest.mark.parametrize("part", ["Demographics", "Education", "JobHistory", "Orders"])
def test_community_essentials_refuses_what_it_does_not_know(
    part: str, twin: HigherLogicTwin, higherlogic: httpx.Client
) -> None:
    record = {"ContactDetails": ANN, part: [{"Anything": 1}]}
    assert higherlogic.post("/contactinfo", json=[record]).status_code == 200
    twin.options.community_essentials = True
    assert higherlogic.post("/contactinfo", json=[record]).status_code == 400
    assert higherlogic.post("/contactinfo", json=[FULL]).status_code == 200


def test_community_essentials_has_no_lists_meetings_and_products(
    twin: HigherLogicTwin, higherlogic: httpx.Client
) -> None:
    assert higherlogic.post("/meeting", json=[{"MeetingId": "m1"}]).status_code == 200
    twin.options.community_essentials = True
    assert change(higherlogic, "Append", "form:1").status_code == 400
    assert higherlogic.post("/product", json=[{"ProductId": "p1"}]).status_code == 400


def test_a_batch_is_kept_whole_or_up_to_the_bad_element(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    batch = [{"ContactDetails": ANN}, {"ContactDetails": {}}]
    assert higherlogic.post("/contactinfo", json=batch).status_code == 400
    assert twin.contacts() == []
    twin.options.batch = "partial"
    assert higherlogic.post("/contactinfo", json=batch).status_code == 400
    assert len(twin.contacts()) == 1


@pytest.mark.parametrize(("mode", "statuses"), [("both", [200, 200]), ("Append", [200, 400]), ("Add", [400, 200])])
def test_the_add_mode_has_two_spellings(
    mode: Any, statuses: list[int], twin: HigherLogicTwin, higherlogic: httpx.Client
) -> None:
    twin.options.add_mode = mode
    assert [change(higherlogic, each, "form:1").status_code for each in ("Append", "Add")] == statuses


def test_lists_are_appended_to_removed_from_and_replaced(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    change(higherlogic, "Append", "a", "b")
    change(higherlogic, "Append", "c")
    change(higherlogic, "Remove", "a")
    assert members(twin) == {"b", "c"}
    change(higherlogic, "Replace", "d")
    assert members(twin) == {"d"}


def test_replace_without_ids_empties_the_list(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    change(higherlogic, "Append", "a", "b")
    assert change(higherlogic, "Replace").status_code == 200
    assert members(twin) == set()
    assert [event.name for event in twin.events] == ["list_joined"] * 2 + ["list_left"] * 2


def test_ids_nobody_has_are_tolerated_or_refused(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    push(higherlogic)
    assert change(higherlogic, "Append", "form:1", "nobody").status_code == 200
    assert twin.contacts()[0]["Lists"] == ["L1"]
    twin.options.unknown_ids = "refused"
    assert change(higherlogic, "Append", "nobody").status_code == 400


@pytest.mark.parametrize(
    "entry", [{}, {"ListId": "L1", "Mode": "Merge", "ContactIds": []}, {"ListId": "L1", "Mode": "Add"}]
)
def test_a_list_entry_needs_its_members(entry: Any, higherlogic: httpx.Client) -> None:
    assert higherlogic.post("/list", json=[entry]).status_code == 400


def test_a_200_may_say_false(twin: HigherLogicTwin, higherlogic: httpx.Client) -> None:
    twin.options.success_flag = "true"
    assert push(higherlogic).json() == {"success": True}
    twin.options.success_flag = "false"
    answer = push(higherlogic, ContactId="form:2")
    assert (answer.status_code, answer.json()["success"], len(twin.contacts())) == (200, False, 1)


def test_a_bare_seed_is_a_contact(twin: HigherLogicTwin) -> None:
    httpx.post(f"{twin.url}/_twin/contacts", json=[ANN, FULL]).raise_for_status()
    assert len(httpx.get(f"{twin.url}/_twin/contacts").json()) == 1
