"""eSputnik `upsert` against the vendor's twin: a search that is not exact, a PUT that may replace, no event."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from local.twins.esputnik.rules import Repeats
from local.twins.esputnik.twin import EsputnikTwin
from shared.delivery.outcome import Parked
from shared.delivery.outcome_for import outcome_for
from shared.errors import Ambiguous, Misconfigured, OutcomeUnknown, Refused, TryLater, Unavailable, VendorError
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.esputnik.search import MAX_NEAR_MISSES
from shared.vendors.protocol import WriteResult
from tests.support.vendor_fakes import NOW, action, person_record, task
from tests.vendors.esputnik.account import ANN, Account
from tests.vendors.recording import Recorder

EMAIL = {"type": "email", "value": ANN}
SECRET = {"base_url": "https://esputnik.com/api", "api_key": "key"}
SMS = {"type": "sms", "value": "15165550100"}


@pytest.fixture
def account(esputnik: EsputnikTwin, http: VendorHttp) -> Account:
    return Account(esputnik, http, "upsert")


def writes(account: Account) -> list[str]:
    return [f"{entry.method} {entry.path.removeprefix('/api/v1/')}" for entry in account.twin.writes()]


HOUR = 3600.0


def later(memory: PersonRecord, seconds: float) -> PersonRecord:
    """The record, when that much time has passed."""
    memory.now = NOW + seconds
    return memory


# Finding.


def test_a_new_person_is_created_confirmed_and_without_any_event(account: Account, memory: PersonRecord) -> None:
    account.deliver(memory, first_name="Ann", custom={5: "x"})
    contact = account.contact()
    assert (contact["confirmed"], contact["firstName"], contact["fields"]) == (True, "Ann", [{"id": 5, "value": "x"}])
    assert account.twin.events == []
    assert memory.contact_id == str(contact["id"])


def test_the_exact_match_is_found_on_a_later_page(account: Account, memory: PersonRecord) -> None:
    for number in range(150):
        account.twin.seed({"channels": [{"type": "email", "value": f"{number}{ANN}"}]})
    held = account.twin.seed({"channels": [EMAIL]})  # the twin lists exact matches last
    account.deliver(memory, first_name="Ann")
    assert memory.contact_id == str(held["id"])
    assert len(account.twin.contacts()) == 151


def test_a_page_that_is_shorter_than_was_asked_for_is_not_the_last(account: Account, memory: PersonRecord) -> None:
    account.twin.options.longest_page = 2
    for number in range(5):
        account.twin.seed({"channels": [{"type": "email", "value": f"{number}{ANN}"}]})
        account.twin.book.segment(f"Readers {number}")
    held, segment = account.twin.seed({"channels": [EMAIL]}), account.twin.book.segment("Readers")
    account.deliver(memory, {"groups": ["Readers"]}, first_name="Ann")
    assert memory.contact_id == str(held["id"])
    assert account.twin.book.members[segment] == {held["id"]}


@pytest.mark.parametrize("status", [400, 404])
def test_a_vendor_that_refuses_to_list_beyond_the_end_has_shown_all(
    account: Account, memory: PersonRecord, status: int
) -> None:
    account.twin.seed({"channels": [{"type": "email", "value": f"jo{ANN}"}]})
    account.twin.fail("status", status=status, method="GET", path="v1/contacts$", skip=1)
    account.deliver(memory, first_name="Ann")
    assert len(account.twin.contacts()) == 2


def test_near_misses_on_short_pages_are_looked_through(account: Account, memory: PersonRecord) -> None:
    account.twin.options.longest_page = 4
    for number in range(18):
        account.twin.seed({"channels": [{"type": "email", "value": f"{number}{ANN}"}]})
    account.deliver(memory, first_name="Ann")
    assert len(account.twin.contacts()) == 19


def test_hundreds_of_segments_of_similar_names_are_looked_through(account: Account, memory: PersonRecord) -> None:
    for number in range(450):
        account.twin.book.segment(f"Readers {number}")
    account.deliver(memory, {"groups": ["Readers"]})
    assert len(account.sent("GET", "groups")) == 6


def test_a_page_of_rows_that_were_shown_already_is_passed(memory: PersonRecord) -> None:
    first = [{"id": number, "channels": [{"type": "email", "value": f"{number}{ANN}"}]} for number in range(1, 101)]
    held = {"id": 700, "channels": [EMAIL]}
    recorder = Recorder(first, first, [held], held, held)
    action("esputnik", "upsert", SECRET, recorder.http).deliver(task(email=ANN, first_name="Ann"), memory)
    assert memory.contact_id == "700"
    assert ["startindex=201" in sent["query"] for sent in recorder.requests[:3]] == [False, False, True]


def test_hits_that_turn_out_to_be_others_do_not_end_the_search(memory: PersonRecord) -> None:
    other = {"channels": [{"type": "email", "value": "joann@example.com"}]}
    held = {"id": 7, "channels": [EMAIL]}
    recorder = Recorder([{"id": 1}, {"id": 2}], {"id": 1, **other}, {"id": 2, **other}, [{"id": 7}], held, held)
    action("esputnik", "upsert", SECRET, recorder.http).deliver(task(email=ANN, first_name="Ann"), memory)
    assert memory.contact_id == "7"


@pytest.mark.parametrize("status", [400, 404])
def test_a_new_contact_that_no_segment_takes_yet_is_added_later(
    account: Account, memory: PersonRecord, status: int
) -> None:
    segment = account.twin.book.segment("Readers")
    account.twin.fail("status", status=status, path="contacts/attach")
    with pytest.raises(TryLater) as caught:
        account.deliver(memory, {"groups": ["Readers"]}, search_lag=30)
    assert caught.value.retry_after == 30
    account.deliver(memory, {"groups": ["Readers"]}, search_lag=30, now=NOW + 30)
    assert account.twin.book.members[segment] == {account.contact()["id"]}


def test_a_contact_that_no_segment_takes_though_it_is_not_new_is_a_case_for_a_person(
    account: Account, memory: PersonRecord
) -> None:
    account.twin.seed({"channels": [EMAIL]})
    account.twin.book.segment("Readers")
    account.twin.fail("status", status=400, path="contacts/attach")
    with pytest.raises(Refused):
        account.deliver(memory, {"groups": ["Readers"]}, search_lag=30)


def test_a_contact_that_a_form_subscribed_a_moment_ago_is_not_made_twice(
    account: Account, memory: PersonRecord
) -> None:
    account.twin.options.change({"post": "creates", "search_lag": 60.0})
    subscribe = action("esputnik", "subscribe", account.twin.connection(), account.http)
    subscribe.deliver(task(email=ANN, first_name="Ann", search_lag=30), memory)
    account.twin.fail("status", status=404, method="GET", path=r"contact/\d+")
    with pytest.raises(TryLater):
        account.deliver(memory, first_name="Ann", last_name="Lee", search_lag=30, now=NOW + 1)
    assert len(account.twin.contacts()) == 1


def test_a_search_without_end_is_not_taken_for_nobody(account: Account, memory: PersonRecord) -> None:
    for number in range(500):
        account.twin.seed({"channels": [{"type": "email", "value": f"{number}{ANN}"}]})
    with pytest.raises(Ambiguous) as ambiguous:
        account.deliver(memory)
    assert outcome_for(ambiguous.value) == Parked("ambiguous")
    assert writes(account) == []


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 404}])
def test_a_failed_search_is_never_taken_for_nobody(fault: Any, account: Account, memory: PersonRecord) -> None:
    account.twin.fail("status", path="v1/contacts", **fault)
    with pytest.raises(VendorError):
        account.deliver(memory)
    assert writes(account) == []


def test_hits_that_do_not_show_their_channels_are_read(account: Account, memory: PersonRecord) -> None:
    other, held = (account.twin.seed({"channels": [{"type": "email", "value": a}]}) for a in ("bob@example.com", ANN))
    hits = [{"id": other["id"]}, {"id": held["id"]}, {"id": 1}]
    account.twin.fail("status", status=200, path="v1/contacts", body=hits)
    account.deliver(memory, first_name="Ann")
    assert memory.contact_id == str(held["id"])


@pytest.mark.parametrize("channels", [ANN, [ANN], {"email": ANN}, 7])
def test_a_hit_whose_addresses_cannot_be_read_makes_no_second_contact(
    channels: Any, account: Account, memory: PersonRecord
) -> None:
    held = account.twin.seed({"channels": [EMAIL]})
    account.twin.fail("status", status=200, path="v1/contacts", body=[{"id": held["id"], "channels": channels}])
    account.deliver(memory, first_name="Ann")
    assert account.contact()["firstName"] == "Ann"


@pytest.mark.parametrize("contact", [{"firstName": "Ann"}, {"channels": ANN}, {"channels": [ANN]}])
def test_a_contact_whose_addresses_cannot_be_read_is_left_to_a_person(
    contact: Any, account: Account, memory: PersonRecord
) -> None:
    account.twin.seed({"channels": [EMAIL]})
    account.twin.fail("status", status=200, path=r"v1/contact/\d+$", body=contact)
    with pytest.raises(Ambiguous, match="does not show its channels"):
        account.deliver(memory, first_name="Ann")
    assert writes(account) == []


def test_a_hit_without_an_id_is_left_to_a_person(account: Account, memory: PersonRecord) -> None:
    account.twin.fail("status", status=200, path="v1/contacts", body=[{"channels": [EMAIL]}])
    with pytest.raises(Ambiguous):
        account.deliver(memory)
    assert writes(account) == []


def test_a_person_without_e_mail_is_found_by_the_digits_of_the_phone(account: Account, memory: PersonRecord) -> None:
    account.twin.options.sms = "plus"
    account.twin.seed({"channels": [{"type": "sms", "value": "+15165550100"}]})
    account.deliver(memory, email=None, phone="+15165550100", first_name="Ann")
    assert account.contact()["firstName"] == "Ann"


def test_a_deleted_contact_that_the_search_still_shows_is_created_anew(account: Account, memory: PersonRecord) -> None:
    account.twin.fail("status", status=200, path="v1/contacts", body=[{"id": 4711, "channels": [EMAIL]}])
    account.deliver(memory, first_name="Ann")
    assert account.contact()["firstName"] == "Ann"


def test_a_contact_that_vanishes_before_its_update_is_created_anew(account: Account, memory: PersonRecord) -> None:
    account.twin.seed({"channels": [EMAIL]})
    account.twin.fail("status", status=404, method="PUT")
    account.twin.fail("status", status=200, path="v1/contacts", body=[], skip=1)
    account.deliver(memory, first_name="Ann")
    assert account.contact()["firstName"] == "Ann"


def test_a_remembered_contact_with_another_address_by_now_is_somebody_else(
    account: Account, memory: PersonRecord
) -> None:
    account.deliver(memory, first_name="Ann")
    account.client().update_contact(account.contact()["id"], {"channels": [{**EMAIL, "value": "bob@example.com"}]})
    account.deliver(memory, last_name="Lee")
    assert sorted(contact["lastName"] or "" for contact in account.twin.contacts()) == ["", "Lee"]


# Writing.


@pytest.mark.parametrize("put", ["merge", "replace"])
def test_an_update_is_right_whether_put_merges_or_replaces(
    put: Literal["merge", "replace"], account: Account, memory: PersonRecord
) -> None:
    account.twin.options.put = put
    push = {"type": "webpush", "value": "token", "device": {"os": "any"}}
    held = account.twin.seed(
        {
            "channels": [EMAIL, SMS, push],
            "firstName": "Ann",
            "lastName": "Lee",
            "address": {"town": "London", "region": "West"},
            "fields": [{"id": 5, "value": "x"}, {"id": 6, "value": "y"}],
            "externalCustomerId": "crm-1",
            "languageCode": "en",
            "groups": ["Old"],
        }
    )
    account.deliver(memory, first_name="Anna", postal_code="10001", custom={6: "z"})
    after = account.contact()
    changed = {
        "firstName": "Anna",
        "address": {**held["address"], "postcode": "10001"},
        "fields": [{"id": 5, "value": "x"}, {"id": 6, "value": "z"}],
    }
    assert {name: after[name] for name in held} == {**held, **changed}


def test_segments_inside_a_contact_are_read_only_and_not_echoed(account: Account, memory: PersonRecord) -> None:
    held = account.twin.seed({"channels": [EMAIL], "groups": ["Old"]})
    account.deliver(memory, first_name="Ann")
    (body,) = account.sent("PUT", f"contact/{held['id']}")
    assert set(body) == {"channels", "firstName"}


def test_a_second_phone_is_added_and_a_third_left_out(account: Account, memory: PersonRecord) -> None:
    options = {"channels": ["email", "phone"]}
    account.twin.seed({"channels": [EMAIL]})
    for phone in ("+15165550100", "+15165550100", "+15165550101"):
        assert account.deliver(memory, options, phone=phone).left_out == ()
    assert account.deliver(memory, options, phone="+15165550102").left_out == ("phone",)
    values = [channel["value"] for channel in account.contact()["channels"]]
    assert values == [ANN, "15165550100", "15165550101"]


def test_a_third_address_is_left_out_too(account: Account, memory: PersonRecord) -> None:
    others = [{"type": "email", "value": f"{name}@example.com"} for name in ("a", "b")]
    account.twin.seed({"channels": [SMS, *others]})
    assert account.deliver(memory, {"channels": ["phone", "email"]}, phone="+15165550100").left_out == ("email",)


def test_a_bad_postal_code_is_left_out_of_an_update_and_the_old_one_kept(
    account: Account, memory: PersonRecord
) -> None:
    account.twin.seed({"channels": [EMAIL], "address": {"postcode": "10001"}})
    account.twin.fail("status", status=400, method="PUT")
    result = account.deliver(memory, first_name="Ann", postal_code="SW1A 1AA")
    assert result.left_out == ("postal_code",)
    assert (account.contact()["firstName"], account.contact()["address"]["postcode"]) == ("Ann", "10001")


def test_a_bad_name_and_a_bad_postal_code_are_both_counted_on_create(account: Account, memory: PersonRecord) -> None:
    account.twin.fail("status", status=400, path="v1/contact$")
    result = account.deliver(memory, first_name="A", postal_code="SW1A 1AA")
    assert result.left_out == ("first_name", "postal_code")
    assert account.contact()["firstName"] is None


# Segments.


def test_configured_groups_are_joined_by_attaching(account: Account, memory: PersonRecord) -> None:
    account.twin.book.segment("Readers of Readers")
    account.twin.book.segment("Readers")
    account.deliver(memory, {"groups": ["Readers"]})
    assert account.groups() == ["Readers"]
    assert writes(account)[-1].endswith("/contacts/attach")
    assert account.twin.events == []


def test_a_group_that_does_not_exist_is_made_without_touching_the_contact(
    account: Account, memory: PersonRecord
) -> None:
    account.twin.seed({"channels": [EMAIL], "lastName": "Lee", "fields": [{"id": 5, "value": "x"}]})
    account.deliver(memory, {"groups": ["Readers"]}, first_name="Ann")
    contact = account.contact()
    assert account.groups() == ["Readers"]
    assert (contact["firstName"], contact["lastName"], contact["fields"]) == ("Ann", "Lee", [{"id": 5, "value": "x"}])


def test_a_new_group_asked_for_twice_within_the_minute_is_joined_once(account: Account) -> None:
    # Given an import that takes longer than a sign-up, and another sign-up of the person within the minute
    account.twin.options.import_seconds = HOUR
    account.deliver(person_record("esputnik"), {"groups": ["Readers"]})
    with pytest.raises(TryLater):
        account.deliver(person_record("esputnik"), {"groups": ["Readers"]})
    # When the import has run, and the second one looks again
    account.twin.options.import_seconds = 0
    account.deliver(person_record("esputnik"), {"groups": ["Readers"]}, now=NOW + 61)
    assert (account.groups(), writes(account).count("POST contacts")) == (["Readers"], 1)


def test_the_import_that_makes_a_group_is_asked_for_until_it_has_ended(account: Account, memory: PersonRecord) -> None:
    account.twin.options.import_seconds = HOUR
    groups = {"groups": ["Readers", "Buyers"]}
    first = account.deliver(memory, groups)
    pauses = []
    for seconds in (6, 30, 300):
        with pytest.raises(TryLater) as wait:
            account.deliver(later(memory, seconds), groups)
        pauses.append(wait.value.retry_after)
    assert (first.look_again_in, pauses) == (5, [6, 30, 60])
    account.twin.options.import_seconds = 0
    last = account.deliver(later(memory, 360), groups)
    # Then one import has made both groups, and nothing is left to ask for
    assert account.groups() == ["Readers", "Buyers"]
    assert writes(account).count("POST contacts") == 1
    assert (last.look_again_in, memory.memory.joining) == (None, None)


def test_an_import_that_fails_later_parks_the_sign_up_and_a_replay_imports_again(
    account: Account, memory: PersonRecord
) -> None:
    account.twin.options.import_seconds = HOUR
    account.deliver(memory, {"groups": ["Readers"]})
    account.twin.fail("status", status=200, path="v1/importstatus", body={"status": "ERROR"})
    with pytest.raises(Refused) as refused:
        account.deliver(later(memory, 5), {"groups": ["Readers"]})
    assert outcome_for(refused.value) == Parked("refused")
    account.twin.repeats = Repeats()  # its minute is over
    account.twin.options.import_seconds = 0
    account.deliver(memory, {"groups": ["Readers"]})
    assert account.groups() == ["Readers"]


@pytest.mark.parametrize(
    "answer", [{"asyncSessionId": "gone"}, "Import was started"], ids=["session unknown", "no session"]
)
def test_an_import_of_which_nothing_is_known_is_a_doubt_after_half_an_hour(
    answer: object, account: Account, memory: PersonRecord
) -> None:
    account.twin.fail("status", status=200, method="POST", path="v1/contacts$", body=answer)
    account.deliver(memory, {"groups": ["Readers"]})
    with pytest.raises(TryLater):
        account.deliver(later(memory, 1700), {"groups": ["Readers"]})
    assert account.deliver(later(memory, 1800), {"groups": ["Readers"]}).warnings == 1


def test_a_group_that_shows_before_its_import_says_so_is_joined_like_any_other(
    account: Account, memory: PersonRecord
) -> None:
    account.twin.options.import_seconds = HOUR
    account.deliver(memory, {"groups": ["Readers"]})
    account.twin.book.segment("Readers")
    assert account.deliver(later(memory, 5), {"groups": ["Readers"]}) == WriteResult()
    assert account.groups() == ["Readers"]
    assert memory.memory.joining is None


def test_an_import_that_is_worked_on_at_once_is_not_asked_for(account: Account, memory: PersonRecord) -> None:
    account.twin.options.single_import_id = True
    assert account.deliver(memory, {"groups": ["Readers"]}).look_again_in is None
    assert account.groups() == ["Readers"]


def test_a_dynamic_segment_cannot_be_joined_and_nothing_is_written(account: Account, memory: PersonRecord) -> None:
    number = account.twin.book.segment("Readers")
    account.twin.book.segments[number]["type"] = "Dynamic"
    with pytest.raises(Misconfigured):
        account.deliver(memory, {"groups": ["Readers"]})
    assert writes(account) == []


def test_a_contact_whose_id_was_not_said_is_looked_up_for_its_groups(account: Account, memory: PersonRecord) -> None:
    account.twin.book.segment("Readers")
    account.twin.fail("status", status=200, method="POST", path="v1/contact$", body="Contact was added")
    with pytest.raises(TryLater):
        account.deliver(memory, {"groups": ["Readers"]}, search_lag=30)
    held = account.twin.seed({"channels": [EMAIL]})  # it was, and the search shows it by now
    account.deliver(memory, {"groups": ["Readers"]})
    assert (account.groups(), memory.contact_id) == (["Readers"], str(held["id"]))


def test_a_contact_that_the_search_shows_at_once_needs_no_second_try(account: Account, memory: PersonRecord) -> None:
    account.twin.book.segment("Readers")
    held = account.twin.seed({"channels": [EMAIL]})
    account.twin.fail("status", status=200, path="v1/contacts", body=[])
    account.twin.fail("status", status=200, method="POST", path="v1/contact$", body="Contact was added")
    account.deliver(memory, {"groups": ["Readers"]})
    assert (account.groups(), memory.contact_id) == (["Readers"], str(held["id"]))


def test_an_import_that_refuses_the_contact_is_parked(account: Account, memory: PersonRecord) -> None:
    failed = {"asyncSessionId": "s", "failedContacts": {"channels": [EMAIL]}}
    account.twin.fail("status", status=200, method="POST", path="v1/contacts$", body=failed)
    with pytest.raises(Refused) as refused:
        account.deliver(memory, {"groups": ["Readers"]})
    assert outcome_for(refused.value) == Parked("refused")


# What goes wrong.


def test_a_repeated_create_within_the_minute_finds_the_first(account: Account, memory: PersonRecord) -> None:
    account.twin.fail("drop_after", path="v1/contact$")
    with pytest.raises(OutcomeUnknown):
        account.deliver(memory)
    account.twin.fail("status", status=200, path="v1/contacts", body=[])  # the search lags for once
    account.deliver(memory, now=NOW + 10)
    assert memory.contact_id == str(account.contact()["id"])
    assert memory.unconfirmed == []


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "close_mid_body"])
@pytest.mark.parametrize("call", ["PUT", "attach", "v1/contacts$"])
def test_a_lost_update_or_membership_is_mended_by_delivering_again(
    call: str, fault: str, account: Account, memory: PersonRecord
) -> None:
    account.twin.seed({"channels": [EMAIL]})
    groups = ["Readers", "New"] if call == "v1/contacts$" else ["Readers"]
    account.twin.book.segment("Readers")
    where = {"method": call} if call == "PUT" else {"method": "POST", "path": call}
    account.twin.fail(fault, **where)
    with pytest.raises(OutcomeUnknown):
        account.deliver(memory, {"groups": groups}, first_name="Ann")
    account.deliver(memory, {"groups": groups}, first_name="Ann")
    assert (account.contact()["firstName"], sorted(account.groups())) == ("Ann", sorted(groups))
    assert account.twin.events == []


def test_a_create_sent_within_the_minute_already_is_made_when_the_minute_is_over(
    account: Account, memory: PersonRecord
) -> None:
    account.twin.fail("status", status=409, body="Duplicated request", path="v1/contact$", count=9)
    for _ in range(9):
        with pytest.raises(TryLater) as wait:
            account.deliver(memory, first_name="Ann")
        assert wait.value.retry_after == 61
    account.deliver(memory, first_name="Ann", now=NOW + 600)
    assert (account.contact()["firstName"], memory.unconfirmed) == ("Ann", [])


def test_an_update_sent_within_the_minute_already_waits_and_looks(account: Account, memory: PersonRecord) -> None:
    account.twin.seed({"channels": [EMAIL]})
    account.twin.fail("status", status=409, method="PUT", body="Duplicated request")
    with pytest.raises(TryLater) as wait:
        account.deliver(memory, first_name="Ann")
    assert wait.value.retry_after == 61
    account.deliver(memory, first_name="Ann")
    assert account.contact()["firstName"] == "Ann"


def test_a_read_that_is_not_understood_writes_nothing(account: Account, memory: PersonRecord) -> None:
    account.twin.seed({"channels": [EMAIL]})
    account.twin.fail("status", status=200, method="GET", path=r"contact/\d+", body="Contact")
    with pytest.raises(Unavailable):
        account.deliver(memory, first_name="Ann")
    assert writes(account) == []


@pytest.mark.parametrize("shown", [None, [], [{"type": "email", "value": "work@example.com"}]])
def test_a_listing_that_does_not_show_every_address_is_read_before_somebody_is_made_twice(
    memory: PersonRecord, shown: Any
) -> None:
    held = {"id": 7, "channels": [{"type": "email", "value": "work@example.com"}, EMAIL]}
    hits = [{"id": 7, "channels": shown}]
    recorder = Recorder(hits, hits, held, held)  # the second page is the first once more: `startindex` is not heeded
    action("esputnik", "upsert", SECRET, recorder.http).deliver(task(email=ANN, first_name="Ann"), memory)
    assert recorder.requests[-1]["method"] == "PUT"
    assert memory.contact_id == "7"


def test_more_near_misses_than_can_be_read_are_a_case_for_a_person(memory: PersonRecord) -> None:
    others = [{"id": number, "channels": []} for number in range(1, MAX_NEAR_MISSES + 2)]
    with pytest.raises(Ambiguous):
        action("esputnik", "upsert", SECRET, Recorder(others, []).http).deliver(task(email=ANN), memory)
