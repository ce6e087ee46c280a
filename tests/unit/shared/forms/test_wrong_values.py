"""Each key of a form file wrong in each way: one message, with its key, what is wrong and what would be right."""

from __future__ import annotations

import copy
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from shared.forms import FormBroken, Forms
from shared.forms.loading import parse_form

FORM: dict[str, Any] = {
    "title": "Newsletter",
    "allowed_origins": ["https://www.example.com"],
    "fields": {
        "email": {"type": "email", "required": True},
        "given": {"type": "text"},
        "mobile": {"type": "phone"},
        "size": {"type": "choice", "options": ["1-5", "6-20"]},
        "topics": {"type": "choices", "options": ["events", "jobs"]},
        "first": {"type": "boolean"},
        "beds": {"type": "integer"},
        "distance": {"type": "number"},
        "born": {"type": "date"},
        "news": {"type": "consent", "grants": ["email"], "statement": "Send me news.", "version": "1"},
    },
    "signature": {"scheme": "hmac-sha256", "secret": "builder"},
    "destinations": [
        {
            "name": "pulse-us",
            "vendor": "pulse",
            "action": "upsert",
            "options": {"source": 7},
            "custom_fields": {"given": "given"},
        },
        {
            "name": "yespo",
            "vendor": "esputnik",
            "action": "subscribe",
            "options": {"groups": ["Readers"]},
        },
    ],
}
KINDS: list[Any] = [-1, 1.5, True, "", [], ["x"], [7], {}, {"x": 1}]
"""Values of every kind that TOML has; a key drops those that it takes."""

TEXT = "must be a text that is not empty"
TABLE = "must be a table"
WHOLE = "must be a whole number"
RATE = 'must be "off" or like "20/minute" (second, minute, hour or day)'
URL = "must be an absolute http(s) URL"
HEADER = "must be a header's name: letters, digits, hyphen and underscore"
LANGUAGE = 'must be a language code like "en" or "pt-BR"'
VALUES = "must be a text, a number, true or false, or a list of these that is not empty"
FILL = 'must be "overwrite" or "fill"'
RESERVED = "is a name that scripts of the page, or the browser, fill in; choose another"

WRONG: list[tuple[str, list[Any], str]] = [
    ("title", KINDS, TEXT),
    ("allowed_origins", [7, "x", {}], "must be a list"),
    ("dedupe_seconds", [True, "", "300", 1.5, [], {}], WHOLE),
    ("dedupe_seconds", [-1], "must be 0 or more"),
    ("dedupe_seconds", [86_401], "must be 86400 or less"),
    ("rate_limit", [*KINDS, "20", "0/minute", "5 / hour", "1/week"], RATE),
    ("recipient_limit", [*KINDS, "many"], RATE),
    ("expect_every", [*KINDS, "0d", "daily", "1 d"], 'must be "off" or like "1d" (m, h or d: minutes, hours or days)'),
    ("body", KINDS, TEXT),
    ("language", [*KINDS, "German", "DE"], LANGUAGE),
    ("privacy", [7, "x", []], TABLE),
    ("privacy.controller", KINDS, TEXT),
    ("privacy.notice_url", [*KINDS, "www.example.com", "/privacy"], URL),
    ("privacy.withdrawal", KINDS, TEXT),
    ("privacy.jurisdiction", [*KINDS, "UK-", "Germany", "gb"], 'must be an ISO 3166 code like "GB" or "US-CA"'),
    ("privacy.language", [*KINDS, "English"], LANGUAGE),
    ("privacy.controler", ["x"], 'unknown key; did you mean "controller"?'),
    ("privacy.x", ["x"], "unknown key; there are controller, jurisdiction, language, notice_url, withdrawal"),
    ("redirect.success", [*KINDS, "thanks"], URL),
    ("messages.x", ["x"], "is not the code of a text; docs/forms.md lists them under Codes"),
    ("messages.requird", ["x"], 'is not the code of a text; did you mean "required"?'),
    ("spam.honeypot", KINDS, TEXT),
    ("spam.honeypot", ["given"], "must not be a field of the form, which people fill in"),
    ("spam.honeypot", ["_token", "_witness", "_charset_", "h-captcha-response"], RESERVED),
    ("spam.min_seconds", [True, "3", 1.5, []], WHOLE),
    ("spam.captcha", [*KINDS, "friendly"], 'must be "turnstile", "hcaptcha" or "recaptcha"'),
    ("spam.captcha_unavailable", [*KINDS, "drop"], 'must be "quarantine", "accept" or "refuse"'),
    ("signature.scheme", [*KINDS, "hmac"], 'must be "standard-webhooks", "hmac-sha256" or "header-secret"'),
    ("signature.secret", KINDS, TEXT),
    ("signature.header", [*KINDS, "X Signature"], HEADER),
    (
        "signature.signed",
        ["", "x", "{timestamp}"],
        "must hold {body}: a signature that leaves the body out proves nothing",
    ),
    (
        "signature.signed",
        ["{body}{bdy}", "{body}}"],
        "may hold {body}, {timestamp}, {header:NAME}, {method} and {url}, and no other braces",
    ),
    ("signature.timestamp_header", [*KINDS, "X Time"], HEADER),
    ("signature.prefix", [*KINDS, "svix "], HEADER),
    ("signature.tolerance_seconds", [True, "300", 1.5], WHOLE),
    ("signature.tolerance_seconds", [0, -1], "must be more than 0"),
    ("fields", [7, "x", [], {}], "needs at least one [fields.<name>] table"),
    ("fields.given", [7, "x", []], TABLE),
    ("fields._token", [{"type": "text"}], RESERVED),
    ("fields._witness", [{"type": "text"}], RESERVED),
    ("fields.topics.options", [7, "x", {}], "must be a list"),
    ("fields.topics.options", [[]], "must have 1 or more entries"),
    ("fields.topics.options", [["a", "a"], ["a", " a"]], "must not hold an option twice"),
    (
        "fields.topics.options",
        [["a", " "]],
        "must not hold an empty option",
    ),
    ("fields.topics.required", [7, "yes", []], "must be true or false"),
    ("fields.topics.on_invalid", [*KINDS, "ignore"], 'must be "reject" or "drop"'),
    ("fields.given.maps_to", KINDS, TEXT),
    ("fields.given.maps_to", ["x"], "is not a contact attribute; leave the key out for a custom field"),
    ("fields.given.maps_to", ["firstname"], 'is not a contact attribute; did you mean "first_name"?'),
    ("fields.given.max_length", [True, "80", 1.5], WHOLE),
    ("fields.given.source", [7, []], TEXT),
    ("fields.given.source", ["", "a["], "is not a JMESPath expression"),
    ("fields.born.format", [*KINDS, "german"], 'must be "YYYY-MM-DD", "DD/MM/YYYY" or "MM/DD/YYYY"'),
    (
        "fields.mobile.region",
        [*KINDS, "us", "UK"],
        'must be the ISO 3166 code of a country, in capitals, like "US" or "GB"',
    ),
    ("fields.news.statement", KINDS, TEXT),
    ("fields.news.version", KINDS, TEXT),
    ("fields.news.grants", [7, "email", {}], "must be a list"),
    ("destinations", [7, "x", [], {}], "needs at least one [[destinations]] table"),
    (
        "destinations.pulse-us.colour",
        [7],
        "unknown key; there are action, custom_fields, name, options, rate_limit, vendor, when, write",
    ),
    ("destinations.pulse-us.when", [7, "x", [], ["x"]], TABLE),
    ("destinations.pulse-us.when", [{}], "must have 1 or more entries"),
    ("destinations.pulse-us.when.given", ["", [], {}, [[]], [""]], VALUES),
    ("destinations.pulse-us.when.nope", [True], "the form has no field of this name"),
    ("destinations.pulse-us.when.topic", [True], 'the form has no field of this name; did you mean "topics"?'),
    ("destinations.pulse-us.when.topics", [7, True, "x", ["events", "x"]], "must be one of the field's options"),
    ("destinations.pulse-us.when.topics", ["event"], 'must be one of the field\'s options; did you mean "events"?'),
    ("destinations.pulse-us.when.size", [7, True, "x"], "must be one of the field's options"),
    ("destinations.pulse-us.when.news", [7, "yes", [1]], "must be true or false, as for every tick box"),
    ("destinations.pulse-us.when.first", [0, "true"], "must be true or false, as for every tick box"),
    ("destinations.pulse-us.when.beds", [1.5, True, "5"], "must be a whole number, as the field is"),
    ("destinations.pulse-us.when.distance", [True, "5"], "must be a number, as the field is"),
    (
        "destinations.pulse-us.when.born",
        [7, "31/12/2026", True],
        "must be a date like 2026-12-31, whatever the field's format is",
    ),
    ("destinations.pulse-us.when.mobile", ["5550123", 7], "must be a phone number like +12125550123"),
    (
        "destinations.pulse-us.when.email",
        ["ada", "ada@EXAMPLE.com", True],
        "must be an e-mail address with its domain in small letters",
    ),
    ("destinations.pulse-us.when.given", [" Ada", 7], "must be a text that the field accepts, on one line"),
    ("destinations.pulse-us.write", [7, "merge", []], f"{FILL}, or must be a table"),
    ("destinations.pulse-us.write.given", [*KINDS, "merge"], FILL),
    ("destinations.pulse-us.write.nope", ["fill"], "the form has no field of this name"),
    (
        "destinations.pulse-us.write.beds",
        ["fill"],
        "its value does not reach this destination; add it to custom_fields, or leave it out",
    ),
    ("destinations.pulse-us.write.news", ["fill"], "a consent cannot be filled; leave it out"),
    (
        "destinations.yespo.write",
        ["fill"],
        '"fill" is not possible: esputnik subscribe cannot read the contact first; use "overwrite"',
    ),
    ("destinations.pulse-us.rate_limit", [*KINDS, "fast"], RATE),
    ("destinations.pulse-us.custom_fields", [7, "x", []], TABLE),
    ("destinations.pulse-us.custom_fields.given", KINDS, "must be the name of the vendor's custom field"),
    ("destinations.pulse-us.custom_fields.news", ["x"], "a consent cannot fill a custom field"),
    ("destinations.pulse-us.options", [7, "x", []], TABLE),
    ("destinations.pulse-us.options.is_test", [7, "yes", []], "must be true or false"),
    ("destinations.yespo.options.groups", [7, "x", {}], "must be a list"),
    (
        "destinations.yespo.options.form_type",
        [*KINDS, "a b"],
        "must be letters, digits, hyphen and underscore, up to 100",
    ),
]


def form_with(path: str, value: Any) -> str:
    """Return the form file with one key set."""
    form = copy.deepcopy(FORM)
    *tables, key = path.split(".")
    place = form
    for table in tables:
        is_list = table == "destinations"
        place = {each["name"]: each for each in form[table]} if is_list else place.setdefault(table, {})
    place[key] = value
    return tomli_w.dumps(form)


def mistakes(text: str) -> list[tuple[str, str]]:
    with pytest.raises(FormBroken) as broken:
        parse_form("newsletter", text)
    return [(mistake.key, mistake.reason) for mistake in broken.value.mistakes]


@pytest.mark.parametrize(
    ("path", "values", "reason"), WRONG, ids=[f"{path}: {reason}"[:60] for path, _, reason in WRONG]
)
def test_a_wrong_value_gets_one_message_that_says_what_would_be_right(
    path: str, values: list[Any], reason: str
) -> None:
    told = {repr(value): mistakes(form_with(path, value)) for value in values}
    assert told == {repr(value): [(path, reason)] for value in values}


@pytest.mark.parametrize(
    ("scheme", "more", "reason"),
    [
        ("standard-webhooks", {"header": "X-A", "signed": "{body}"}, "leave header, signed out: no effect with"),
        ("header-secret", {"tolerance_seconds": 5}, "leave tolerance_seconds out: no effect with"),
        ("hmac-sha256", {"prefix": "svix"}, "leave prefix out: no effect with"),
    ],
)
def test_a_key_that_the_scheme_does_not_use_is_told(scheme: str, more: dict[str, Any], reason: str) -> None:
    form = {**FORM, "signature": {"scheme": scheme, "secret": "builder", **more}}
    assert mistakes(tomli_w.dumps(form)) == [("signature", f"{reason} {scheme}")]


@pytest.mark.parametrize(
    ("vendor", "action"), [("pulse", "upsert"), ("pulse", "upsrt"), ("pulze", "upsert"), ("pulze", "upsrt")]
)
def test_all_that_is_wrong_with_a_destination_is_told_at_once(vendor: str, action: str) -> None:
    wrong = {
        "name": "pulse-us",
        "vendor": vendor,
        "action": action,
        "colour": 1,
        "rate_limit": 3,
        "when": {"nws": True},
        "write": {"gven": "fill"},
        "custom_fields": {"bedz": "beds"},
        "options": {"sorce": 7},
    }
    told = dict(mistakes(tomli_w.dumps({**FORM, "destinations": [wrong]})))

    names = {"colour", "rate_limit", "when.nws", "write.gven", "custom_fields.bedz", "options.sorce", "options.source"}
    misspelt = {"vendor"} if vendor == "pulze" else {"action"} if action == "upsrt" else set()
    assert told.keys() == {f"destinations.pulse-us.{name}" for name in names | misspelt}
    assert told["destinations.pulse-us.options.sorce"] == 'unknown key; did you mean "source"?'


def test_no_value_of_any_kind_breaks_more_than_its_own_form(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(tomli_w.dumps(FORM))
    forms = Forms(tmp_path)
    told = []
    for path in dict.fromkeys(path for path, _, _ in WRONG):
        for value in [*KINDS, 7, "\u2028", [[]], [{}], {"x": {}}, {"type": []}]:
            (tmp_path / "broken.toml").write_text(form_with(path, value))
            with suppress(FormBroken):  # and nothing else
                forms.get("broken")
                continue
            told.append(path)
            assert forms.get("good").title == "Newsletter"
    assert len(told) > 500
