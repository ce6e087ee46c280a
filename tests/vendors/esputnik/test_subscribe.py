"""eSputnik `subscribe` against the vendor's twin: an unconfirmed contact, and one event for each sign-up."""

from __future__ import annotations

from typing import Any

import pytest

from local.twins.esputnik.rules import Repeats
from local.twins.esputnik.twin import EsputnikTwin
from shared.delivery.outcome import Queued
from shared.delivery.outcome_for import outcome_for
from shared.errors import (
    Ambiguous,
    OutcomeUnknown,
    Refused,
    RepeatSoon,
    TryLater,
)
from shared.forms import FormBroken
from shared.forms.loading import parse_form
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.esputnik.subscribe import MAX_SENDS
from tests.support.vendor_fakes import NOW, person_record, task
from tests.vendors.esputnik.account import ANN, SPECS, Account

PHONE = "+15165550100"


@pytest.fixture
def account(esputnik: EsputnikTwin, http: VendorHttp) -> Account:
    return Account(esputnik, http, "subscribe")


def events(account: Account) -> list[str]:
    return [event.name for event in account.twin.events]


def lose(account: Account, memory: PersonRecord, fault: str, **parts: Any) -> None:
    """Deliver, and lose the answer."""
    account.twin.fail(fault, path="subscribe")
    with pytest.raises(RepeatSoon):
        account.deliver(memory, **parts)


def a_minute_later(account: Account, memory: PersonRecord) -> float:
    """Let the minute pass in which the vendor knows a repeat; return the time."""
    account.twin.repeats = Repeats()
    memory.now += 61
    return memory.now


# What is sent.


def test_a_form_makes_an_unconfirmed_contact_and_launches_its_event(account: Account, memory: PersonRecord) -> None:
    account.deliver(memory, {"form_type": "footer", "groups": ["Readers"], "subscriptions": ["news"]}, first_name="Ann")
    contact = account.contact()
    assert (contact["confirmed"], contact["firstName"], contact["subscriptions"]) == (False, "Ann", ["news"])
    assert (account.groups(), events(account)) == (["Readers"], ["subscribeFromApi-footer"])
    assert memory.contact_id == str(contact["id"])


def test_a_known_contact_is_updated_and_launches_the_other_event(account: Account, memory: PersonRecord) -> None:
    account.twin.seed({"channels": [{"type": "email", "value": ANN}], "lastName": "Lee"})
    account.deliver(memory, first_name="Ann")
    contact = account.contact()
    assert (contact["firstName"], contact["lastName"]) == ("Ann", "Lee")
    assert events(account) == ["subscribeUpdateFromApi"]


def test_the_e_mail_address_goes_alone_because_a_shared_phone_would_match_another_person(
    account: Account, memory: PersonRecord
) -> None:
    account.twin.seed({"channels": [{"type": "sms", "value": "15165550100"}], "firstName": "Bob"})
    account.deliver(memory, first_name="Ann", phone=PHONE)
    assert {contact["firstName"] for contact in account.twin.contacts()} == {"Ann", "Bob"}
    (request,) = account.sent("POST", "contact/subscribe")
    assert request["contact"]["channels"] == [{"type": "email", "value": ANN}]


def test_a_phone_is_sent_as_digits_with_country_code(account: Account, memory: PersonRecord) -> None:
    account.deliver(memory, email=None, phone=PHONE)
    account.deliver(
        person_record("esputnik"), {"channels": ["phone", "email"]}, email="bob@example.com", phone="+15165550199"
    )
    one, other = account.sent("POST", "contact/subscribe")
    assert one["contact"]["channels"] == [{"type": "sms", "value": "15165550100"}]
    assert other["contact"]["channels"] == [
        {"type": "sms", "value": "15165550199"},
        {"type": "email", "value": "bob@example.com"},
    ]


@pytest.mark.parametrize(
    ("channels", "identity"),
    [
        (None, {"email": ANN}),
        (("phone",), {"phone": PHONE}),
        (("phone", "email"), {"phone": PHONE}),
        (("email", "phone"), {"email": ANN}),
        (("sms",), {"phone": PHONE}),
    ],
)
def test_a_person_is_known_by_the_first_channel_that_is_sent(channels: Any, identity: dict[str, str]) -> None:
    options = SPECS["subscribe"].options.model_validate({"channels": channels})
    assert options.identity(task(email=ANN, phone=PHONE).contact) == identity
    assert options.identity(task(first_name="Ann").contact) == {}


@pytest.mark.parametrize(
    "name", ["A", "Ann@home", "An1234", "123", "-Ann", "Ann'", "x" * 41, "Ann; DROP", "A_B", "Dr. Ann (jr)"]
)
def test_a_name_that_the_vendor_refuses_is_omitted_and_never_blanked(
    name: str, account: Account, memory: PersonRecord
) -> None:
    account.twin.seed({"channels": [{"type": "email", "value": ANN}], "firstName": "Ann", "lastName": "Lee"})
    result = account.deliver(memory, first_name=name, last_name=name)
    assert result.left_out == ("first_name", "last_name")
    assert (account.contact()["firstName"], account.contact()["lastName"]) == ("Ann", "Lee")


@pytest.mark.parametrize("name", ["Anna-Maria", "O'Neil", "Ng", "Zoë", "Lee 2nd", "Ольга", "J. R. R."])
def test_a_name_that_the_vendor_takes_is_sent_as_it_is(name: str, account: Account, memory: PersonRecord) -> None:
    assert account.deliver(memory, last_name=name).left_out == ()
    assert account.contact()["lastName"] == name


@pytest.mark.parametrize(
    ("language", "sent"), [("en", "en"), ("pt-BR", "pt"), ("EN_us", "en"), ("english", None), ("1", None)]
)
def test_a_language_is_sent_as_two_letters(
    language: str, sent: str | None, account: Account, memory: PersonRecord
) -> None:
    result = account.deliver(memory, language=language)
    assert account.contact()["languageCode"] == sent
    assert result.left_out == (() if sent else ("language",))


def test_a_time_zone_is_sent_if_it_can_be_one(account: Account, memory: PersonRecord) -> None:
    assert account.deliver(memory, time_zone="Europe/Kyiv").left_out == ()
    assert account.contact()["timeZone"] == "Europe/Kyiv"
    assert account.deliver(person_record("esputnik"), time_zone="half past nine").left_out == ("time_zone",)


def test_custom_fields_go_by_number_and_booleans_as_words(account: Account, memory: PersonRecord) -> None:
    account.deliver(memory, custom={12: True, 7: 3, 9: "6-20"})
    assert account.contact()["fields"] == [
        {"id": 7, "value": "3"},
        {"id": 9, "value": "6-20"},
        {"id": 12, "value": "true"},
    ]


def test_a_country_is_not_sent_because_no_page_knows_it(account: Account, memory: PersonRecord) -> None:
    account.deliver(memory, address_line1="1 First Street", address_line2="Floor 2", city="London", country="GB")
    (request,) = account.sent("POST", "contact/subscribe")
    assert request["contact"]["address"] == {"address": "1 First Street, Floor 2", "town": "London"}


def test_an_external_id_is_never_sent_because_it_would_seize_another_profile(
    account: Account, memory: PersonRecord
) -> None:
    account.deliver(memory, {"groups": ["Readers"]}, first_name="Ann", npi="1234567890", custom={5: "x"})
    assert "external" not in " ".join(entry.body for entry in account.twin.requests).lower()


def test_a_postal_code_that_an_older_rule_refuses_never_costs_the_sign_up(
    account: Account, memory: PersonRecord
) -> None:
    account.twin.fail("status", status=400, body="postcode is invalid")
    result = account.deliver(memory, first_name="Ann", city="London", postal_code="SW1A 1AA")
    assert result.left_out == ("postal_code",)
    assert account.contact()["address"]["town"] == "London"
    assert (memory.unconfirmed, len(account.twin.events)) == ([], 1)


@pytest.mark.parametrize("postal_code", [None, "10001"])
def test_a_refusal_that_no_postal_code_can_explain_stands(
    postal_code: str | None, account: Account, memory: PersonRecord
) -> None:
    account.twin.fail("status", status=400)
    with pytest.raises(Refused):
        account.deliver(memory, postal_code=postal_code)
    assert (memory.unconfirmed, account.twin.contacts()) == ([], [])


def test_an_unsubscribed_address_stays_unsubscribed(account: Account, memory: PersonRecord) -> None:
    account.twin.book.unsubscribed.add(ANN)
    account.deliver(memory, channels=["email"])
    assert account.contact()["unsubscribed"] is True


def test_an_answer_in_plain_text_is_success(account: Account, memory: PersonRecord) -> None:
    account.twin.fail("status", status=200, body="Contact was subscribed")
    account.deliver(memory)
    assert (memory.contact_id, memory.unconfirmed) == (None, [])


# Configuration.


@pytest.mark.parametrize("form_type", ["a<b", "a;b", "a?", "a/b", "it's", "“a”", "a b", ""])
def test_a_form_type_that_the_vendor_forbids_is_refused_at_form_load(form_type: str) -> None:
    text = f"""
        title = "x"
        fields.email = {{type = "email"}}
        [[destinations]]
        name = "e"
        vendor = "esputnik"
        action = "subscribe"
        options.form_type = '''{form_type}'''
    """
    with pytest.raises(FormBroken, match="form_type"):
        parse_form("newsletter", text)


def test_a_form_without_any_channel_and_a_custom_field_without_a_number_are_refused_at_form_load() -> None:
    text = """
        title = "x"
        fields.first_name = {type = "text"}
        fields.size = {type = "text"}
        [[destinations]]
        name = "e"
        vendor = "esputnik"
        action = "subscribe"
        custom_fields = {size = "12"}
    """
    with pytest.raises(FormBroken) as broken:
        parse_form("newsletter", text)
    assert "must be the number of the vendor's custom field" in broken.value.problems[0]
    with pytest.raises(FormBroken, match="email or phone"):
        parse_form("newsletter", text.replace('custom_fields = {size = "12"}', ""))


# What goes wrong.


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "close_mid_body"])
def test_a_repeat_within_the_minute_makes_one_contact_and_one_event(
    fault: str, account: Account, memory: PersonRecord
) -> None:
    lose(account, memory, fault)
    account.deliver(memory, now=NOW + 5)
    assert len(account.twin.contacts()) == 1
    assert events(account) == ["subscribeFromApi"]
    assert memory.unconfirmed == []


def test_a_visitor_who_sends_the_form_again_after_a_crash_fires_no_second_event(
    account: Account, memory: PersonRecord
) -> None:
    lose(account, memory, "drop_after", submission_id="submission-1")
    account.deliver(memory, now=NOW + 5, submission_id="submission-2")
    assert len(account.twin.events) == 1


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_after_the_minute_it_is_sent_again_since_no_event_costs_more_than_two(
    fault: str, account: Account, memory: PersonRecord
) -> None:
    lose(account, memory, fault, first_name="Ann")
    account.deliver(memory, first_name="Ann", now=a_minute_later(account, memory))
    assert len(account.twin.contacts()) == 1
    assert len(events(account)) == (1 if fault == "drop_before" else 2)
    assert memory.unconfirmed == []
    assert memory.contact_id == str(account.contact()["id"])


@pytest.mark.parametrize("count", [1, 2])
def test_a_known_person_gets_the_event_however_many_answers_were_lost(
    count: int, account: Account, memory: PersonRecord
) -> None:
    """Given somebody known who has all that is said, requests that never arrived are not taken for arrived."""
    account.twin.seed({"channels": [{"type": "email", "value": ANN}], "firstName": "Ann"})
    for _ in range(count):
        account.twin.fail("drop_before", path="subscribe")
        with pytest.raises(RepeatSoon):
            account.deliver(memory, first_name="Ann", now=a_minute_later(account, memory))
    account.deliver(memory, first_name="Ann", now=a_minute_later(account, memory))
    assert events(account) == ["subscribeUpdateFromApi"]


def test_an_outage_that_answers_is_outlasted_by_a_known_person_too(account: Account, memory: PersonRecord) -> None:
    account.twin.seed({"channels": [{"type": "email", "value": ANN}]})
    account.twin.fail("status", status=503, path="subscribe", count=3 * MAX_SENDS)
    for _ in range(3 * MAX_SENDS):
        with pytest.raises(RepeatSoon):
            account.deliver(memory, now=a_minute_later(account, memory))
    account.deliver(memory, now=a_minute_later(account, memory))
    assert len(account.twin.events) == 1


def test_what_was_sent_three_times_without_an_answer_and_stands_there_is_left_to_a_person(
    account: Account, memory: PersonRecord
) -> None:
    account.twin.fail("drop_after", path="subscribe", count=None)
    for _ in range(MAX_SENDS):
        with pytest.raises(RepeatSoon):
            account.deliver(memory, now=a_minute_later(account, memory))
    with pytest.raises(Ambiguous):
        account.deliver(memory, now=a_minute_later(account, memory))
    assert len(account.twin.events) == MAX_SENDS


def test_a_category_that_is_missing_shows_that_nothing_got_through(account: Account, memory: PersonRecord) -> None:
    account.twin.seed({"channels": [{"type": "email", "value": ANN}]})
    options = {"subscriptions": ["news"]}
    account.twin.fail("drop_before", path="subscribe", count=MAX_SENDS)
    for _ in range(MAX_SENDS):
        with pytest.raises(RepeatSoon):
            account.deliver(memory, options, now=a_minute_later(account, memory))
    account.deliver(memory, options, now=a_minute_later(account, memory))
    assert len(account.twin.events) == 1


def test_a_group_that_is_missing_proves_that_it_did_not_get_through(account: Account, memory: PersonRecord) -> None:
    account.twin.seed({"channels": [{"type": "email", "value": ANN}], "firstName": "Ann"})
    account.twin.fail("drop_before", path="subscribe")
    with pytest.raises(RepeatSoon):
        account.deliver(memory, {"groups": ["Readers"]}, first_name="Ann")
    account.deliver(memory, {"groups": ["Readers"]}, first_name="Ann", now=a_minute_later(account, memory))
    assert account.groups() == ["Readers"]


def test_a_repeat_after_the_minute_waits_until_the_lost_request_is_over(account: Account, memory: PersonRecord) -> None:
    lose(account, memory, "drop_after")
    with pytest.raises(TryLater) as wait:
        account.deliver(memory, now=NOW + 50, search_lag=60)
    assert wait.value.retry_after == 10
    account.twin.repeats = Repeats()  # the vendor's minute is over
    account.deliver(memory, now=NOW + 61, search_lag=60)
    assert memory.unconfirmed == []


def test_a_conflict_outside_the_safe_part_of_the_minute_proves_nothing(account: Account, memory: PersonRecord) -> None:
    lose(account, memory, "drop_after")
    with pytest.raises(TryLater) as wait:
        account.deliver(memory, now=NOW + 55)
    assert wait.value.retry_after == 61
    account.deliver(memory, now=a_minute_later(account, memory))
    assert memory.unconfirmed == []


def test_a_conflict_of_another_sign_up_waits_until_the_minute_is_over(account: Account, memory: PersonRecord) -> None:
    account.twin.options.duplicate_by = "contact"
    account.deliver(memory, first_name="Ann", submission_id="submission-0")
    with pytest.raises(TryLater) as wait:
        account.deliver(memory, first_name="Anna", now=NOW + 5)
    assert (wait.value.retry_after, memory.unconfirmed) == (61, [])
    assert outcome_for(wait.value) == Queued("look-again", retry_in=61, is_attempt=False)
    account.deliver(memory, first_name="Anna", now=a_minute_later(account, memory))
    assert (account.contact()["firstName"], len(account.twin.events)) == ("Anna", 2)


def test_a_conflict_proves_nothing_where_another_sign_up_may_be_meant(account: Account, memory: PersonRecord) -> None:
    account.twin.options.duplicate_by = "contact"
    account.deliver(memory, first_name="Ann", submission_id="submission-0")
    lose(account, memory, "drop_before", first_name="Anna", now=NOW + 5)
    with pytest.raises(TryLater):
        account.deliver(memory, first_name="Anna", now=NOW + 10)
    account.deliver(memory, first_name="Anna", now=a_minute_later(account, memory))
    assert (account.contact()["firstName"], len(account.twin.events)) == ("Anna", 2)


def test_a_conflict_proves_nothing_where_another_sign_up_may_be_meant_whose_answer_was_lost(
    account: Account, memory: PersonRecord
) -> None:
    account.twin.options.duplicate_by = "contact"
    lose(account, memory, "drop_after", first_name="Ann", submission_id="submission-0")
    account.twin.fail("drop_before", path="subscribe")
    with pytest.raises(OutcomeUnknown):
        account.deliver(memory, first_name="Anna", now=NOW + 5)
    with pytest.raises(TryLater):
        account.deliver(memory, first_name="Anna", now=NOW + 10)
    account.deliver(memory, first_name="Anna", now=a_minute_later(account, memory))
    assert (account.contact()["firstName"], len(account.twin.events)) == ("Anna", 2)


def test_a_duplicate_said_in_words_is_the_same_conflict(account: Account, memory: PersonRecord) -> None:
    lose(account, memory, "drop_after")
    account.twin.fail("status", status=400, body="Duplicated request")
    account.deliver(memory, now=NOW + 5)
    assert len(account.twin.events) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_may_hide_a_write_so_it_is_repeated_within_seconds(
    status: int, account: Account, memory: PersonRecord
) -> None:
    account.twin.fail("status", status=status)
    with pytest.raises(RepeatSoon) as unknown:
        account.deliver(memory)
    assert outcome_for(unknown.value) == Queued("outcome-unknown", retry_quickly=True)
    account.deliver(memory, now=NOW + 5)
    assert len(account.twin.events) == 1


def test_a_server_that_asks_to_wait_is_not_repeated_within_seconds(account: Account, memory: PersonRecord) -> None:
    account.twin.fail("status", status=503, retry_after=120)
    with pytest.raises(OutcomeUnknown) as unknown:
        account.deliver(memory)
    assert outcome_for(unknown.value) == Queued("outcome-unknown", retry_in=120)
