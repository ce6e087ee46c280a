"""What `relay check` doubts about a form that works."""

from __future__ import annotations

import pytest

from shared.forms import Forms
from shared.forms.form_warnings import warnings_of
from shared.forms.loading import parse_form
from tests.support.paths import ROOT

FORM = """
title = "Newsletter"
allowed_origins = ["https://www.example.com"]
[fields.email]
type = "email"
required = true
[fields.size]
type = "choice"
options = ["1-5", "6-20"]
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
custom_fields = { size = "practiceSize" }
"""
ORIGINS = 'allowed_origins = ["https://www.example.com"]'


def told(right: str = "", wrong: str = "") -> list[str]:
    return [warning.key for warning in warnings_of(parse_form("newsletter", FORM.replace(right, wrong, 1)))]


def test_a_form_that_uses_all_it_asks_for_is_not_doubted() -> None:
    assert told() == []


def test_the_projects_own_forms_are_not_doubted() -> None:
    forms = Forms(ROOT / "forms")
    assert [warning.key for form_id in forms.ids() for warning in warnings_of(forms.get(form_id))] == []


@pytest.mark.parametrize(
    ("right", "wrong", "keys"),
    [
        (ORIGINS, "", ["allowed_origins"]),
        (ORIGINS, 'signature = { scheme = "standard-webhooks", secret = "tally" }', []),
        ('custom_fields = { size = "practiceSize" }', "", ["fields.size"]),
        ('custom_fields = { size = "practiceSize" }', 'when = { size = "1-5" }', []),
        ("required = true", "", ["destinations.pulse-us"]),
    ],
)
def test_a_doubt_is_told_with_its_key(right: str, wrong: str, keys: list[str]) -> None:
    assert told(right, wrong) == keys


def test_a_misspelled_attribute_is_suggested() -> None:
    text = FORM.replace("[fields.news]", '[fields.lastname]\ntype = "text"\n[fields.news]')
    (warning,) = warnings_of(parse_form("newsletter", text))
    assert warning.reason == 'its value reaches no destination; did you mean maps_to = "last_name"?'


WHATSAPP = """
[fields.phone]
type = "phone"
required = true
[fields.birthday]
type = "date"
[[destinations]]
name = "chat"
vendor = "whautomate"
action = "upsert"
options = { location_id = "66f0c0ffee00000000000001" }
when = { news = true }
"""


def reasons(text: str) -> dict[str, str]:
    return {warning.key: warning.reason for warning in warnings_of(parse_form("newsletter", text))}


def test_an_attribute_that_a_vendor_has_no_place_for_is_told() -> None:
    told = reasons(FORM + WHATSAPP)
    assert told == {
        "fields.birthday": "its value reaches no destination; add it to custom_fields of a destination",
        "destinations.chat": "whautomate upsert is not sent email; set options.email_custom_field",
    }


PULSE_TOO = 'name = "pulse-us"\nvendor = "pulse"\naction = "upsert"\noptions = { source = 7 }\n'


@pytest.mark.parametrize(
    ("vendor", "options", "told"),
    [
        (
            "whautomate",
            'location_id = "1"',
            ["email; set options.email_custom_field", "npi, specialty; add them to custom_fields"],
        ),
        ("whautomate", 'location_id = "1", email_custom_field = "mail"', ["npi, specialty; add them to custom_fields"]),
        (
            "which50",
            'contact_list_id = 3, fields = { email = "Email", npi = "Npi" }',
            ["phone, specialty; set options.fields.phone and options.fields.specialty"],
        ),
        ("esputnik", "", ["npi, specialty; add them to custom_fields"]),
        (
            "higherlogic",
            'name_placeholder = "Friend"',
            ["npi, specialty; add them to custom_fields if a name fits that this vendor has"],
        ),
    ],
)
def test_what_one_vendor_gets_and_another_does_not_is_told_with_the_option_that_would_send_it(
    vendor: str, options: str, told: list[str]
) -> None:
    # Given a form for Pulse, which gets everything, and another vendor
    fields = "".join(
        f'[fields.{name}]\ntype = "{kind}"\nrequired = true\n'
        for name, kind in {"email": "email", "phone": "phone", "npi": "text", "specialty": "text"}.items()
    )
    other = f'name = "one"\nvendor = "{vendor}"\naction = "upsert"\noptions = {{ {options} }}\n'
    form = f'title = "T"\n{ORIGINS}\n{fields}[[destinations]]\n{PULSE_TOO}[[destinations]]\n{other}'

    # When it is looked through
    warnings = [warning.reason for warning in warnings_of(parse_form("newsletter", form))]

    # Then an option of the other vendor is named where it has one, and custom fields only for the rest
    start = f"{vendor} upsert is not sent "
    assert [reason.removeprefix(start) for reason in warnings if reason.startswith(start)] == told


def test_a_field_that_reaches_nobody_for_want_of_an_option_is_told_with_it() -> None:
    text = FORM.replace(PULSE, WHICH50).replace("[fields.news]", '[fields.company]\ntype = "text"\n[fields.news]')

    assert reasons(text)["fields.company"] == "its value reaches no destination; for events, set options.fields.company"


def test_an_attribute_that_has_a_custom_field_is_not_left_out() -> None:
    text = FORM + WHATSAPP + 'custom_fields = { email = "email", birthday = "born" }\n'
    assert reasons(text) == {}


def test_a_vendor_that_writes_to_everybody_should_wait_for_consent() -> None:
    unconditional = (
        FORM + WHATSAPP.replace("when = { news = true }", "") + 'custom_fields = { email = "e", birthday = "b" }\n'
    )
    assert reasons(unconditional) == {
        "destinations.chat": "gets people who gave no consent; add when = { news = true }, or make it required"
    }
    assert reasons(unconditional.replace('version = "1"', 'version = "1"\nrequired = true')) == {}


def test_a_form_without_a_consent_field_is_told_to_add_one() -> None:
    text = FORM.partition("[fields.news]")[0] + FORM[FORM.index("[[destinations]]") :]
    told = reasons(text + WHATSAPP.replace("when = { news = true }", ""))
    assert told["destinations.chat"] == "gets people who gave no consent; add a consent field"


def test_a_key_without_effect_is_told() -> None:
    text = FORM.replace("[[destinations]]", '[spam]\ncaptcha_unavailable = "accept"\n[[destinations]]')
    assert reasons(text) == {"spam.captcha_unavailable": "has no effect without captcha"}


WHICH50 = """
name = "events"
vendor = "which50"
action = "upsert"
options = { contact_list_id = 3, fields = { email = "Email" } }
"""
NAMED = 'options = { name_placeholder = "Friend" }\n'
PULSE = FORM[FORM.index('name = "pulse-us"') :]


@pytest.mark.parametrize(
    ("grants", "destination", "lost"),
    [
        ('["email"]', WHICH50, ["email"]),
        ('["email"]', WHICH50.replace("fields = { ", 'fields = { consent.email = "News", '), []),
        ('["email"]', WHICH50 + "when = { news = true }", []),
        ('["email", "sms", "call"]', PULSE, []),
        ('["email", "whatsapp"]', PULSE, ["whatsapp"]),
        ('["email", "call"]', 'name = "m"\nvendor = "higherlogic"\naction = "upsert"\n' + NAMED, ["call"]),
        ('["email"]', 'name = "y"\nvendor = "esputnik"\naction = "upsert"\n', ["email"]),
        ('["email"]', 'name = "y"\nvendor = "esputnik"\naction = "subscribe"\n', []),
    ],
)
def test_a_consent_of_which_no_vendor_learns_is_told(grants: str, destination: str, lost: list[str]) -> None:
    text = FORM.replace(PULSE, destination).replace('["email"]', grants)

    told = [warning.reason for warning in warnings_of(parse_form("newsletter", text)) if warning.key == "fields.news"]

    assert [reason.partition(";")[0] for reason in told] == [f"consent to {each} reaches no vendor" for each in lost]


def test_how_a_consent_reaches_a_vendor_is_told_by_the_option_that_carries_it() -> None:
    told = reasons(FORM.replace(PULSE, WHICH50))["fields.news"]

    assert "for events, set options.fields.consent.email" in told
    assert "add when = { news = true }" in told


@pytest.mark.parametrize(
    ("grants", "doubted"),
    [('["email"]', False), ('["sms", "email"]', False), ('["sms"]', True)],
)
def test_a_subscription_waits_for_the_box_or_is_told(grants: str, doubted: bool) -> None:
    subscribing = '[[destinations]]\nname = "yespo"\nvendor = "esputnik"\naction = "subscribe"\n'
    text = FORM.replace('["email"]', grants) + subscribing + 'options = { subscriptions = ["news"] }\n'
    assert ("destinations.yespo" in reasons(text)) is doubted


@pytest.mark.parametrize(
    ("subscriptions", "doubted"),
    [
        ("[]", False),
        ('["news"]', True),
        ('[{ name = "news", when = { news = true } }]', False),
        ('[{ name = "news", when = { size = "1-5" } }]', True),
    ],
)
def test_a_subscription_should_wait_for_another_consent_where_none_is_for_e_mail(
    subscriptions: str, doubted: bool
) -> None:
    destination = (
        '[[destinations]]\nname = "yespo"\nvendor = "esputnik"\naction = "subscribe"\n'
        f"options = {{ subscriptions = {subscriptions} }}\n"
    )
    text = FORM.replace('grants = ["email"]', 'grants = ["sms"]') + destination
    assert ("destinations.yespo" in reasons(text)) is doubted


def with_phone(destination: str, phone: str = "", required: str = "") -> dict[str, str]:
    """The doubts about a form that asks for e-mail and phone, and has one destination."""
    fields = f'[fields.email]\ntype = "email"\n{required}[fields.phone]\ntype = "phone"\n{phone}'
    return reasons(f'title = "T"\n{ORIGINS}\n{fields}[[destinations]]\nname = "one"\n{destination}')


TO_ESPUTNIK = 'vendor = "esputnik"\naction = "upsert"\n'
TO_PULSE = 'vendor = "pulse"\naction = "upsert"\n'
REQUIRED = "required = true\n"
NOWHERE = "its value reaches no destination; "
LOST = "its value reaches no destination; for one, set "


@pytest.mark.parametrize(
    ("destination", "phone", "reason"),
    [
        (TO_ESPUTNIK, "", LOST + 'options.channels = ["email", "phone"]; a shared phone may then match another person'),
        (TO_ESPUTNIK + 'options = { channels = ["email", "phone"] }\n', "", None),
        (TO_PULSE + "options = { source = 7 }\n", 'region = "GB"\n', f"{LOST}options.international_phones = true"),
        (TO_PULSE + "options = { source = 7, international_phones = true }\n", 'region = "GB"\n', None),
        (TO_PULSE + "options = { source = 7 }\n", 'region = "CA"\n', None),
        (TO_PULSE + "options = { source = 7 }\n", "", None),
    ],
)
def test_a_phone_that_the_options_keep_from_the_vendor_is_told_with_the_option_that_sends_it(
    destination: str, phone: str, reason: str | None
) -> None:
    assert with_phone(destination, phone, required=REQUIRED).get("fields.phone") == reason


@pytest.mark.parametrize(
    ("field", "doubts"),
    [
        ('type = "boolean"\nrequired = true', {}),
        ('type = "boolean"', {"fields.salutations": f"{NOWHERE}add it to custom_fields of a destination"}),
        ('type = "text"', {"fields.salutations": f'{NOWHERE}did you mean maps_to = "salutation"?'}),
    ],
)
def test_only_what_may_be_an_attribute_is_taken_for_one_and_a_box_that_must_be_ticked_needs_no_place(
    field: str, doubts: dict[str, str]
) -> None:
    assert reasons(FORM.replace("[fields.news]", f"[fields.salutations]\n{field}\n[fields.news]")) == doubts


@pytest.mark.parametrize(
    ("lines", "doubted"),
    [('language = "de"', True), ('language = "de"\nmessages = { required = "Bitte ausfüllen." }', False), ("", False)],
)
def test_a_language_without_texts_of_its_own_is_doubted(lines: str, doubted: bool) -> None:
    assert ("language" in told(ORIGINS, f"{ORIGINS}\n{lines}")) is doubted


def test_a_phone_that_stands_in_for_a_missing_e_mail_address_is_not_doubted() -> None:
    assert "fields.phone" not in with_phone(TO_ESPUTNIK)
