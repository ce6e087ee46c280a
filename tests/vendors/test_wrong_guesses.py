"""A guess that is written wrong in a form file is told in one plain message when the form loads."""

from __future__ import annotations

import pytest

from shared.forms.loading import FormBroken, parse_form

FORM = """
title = "Newsletter"
allowed_origins = ["*"]
[fields.email]
type = "email"
required = true
[fields.phone]
type = "phone"
required = true
[fields.first_name]
type = "text"
[[destinations]]
name = "d"
vendor = "{vendor}"
action = "{action}"
[destinations.options]
{options}
"""
REQUIRED = {
    "pulse": "source = 7\n",
    "which50": 'contact_list_id = 3\nfields = { email = "Email" }\n',
    "whautomate": 'location_id = "l"\n',
}


@pytest.mark.parametrize(
    ("vendor", "option", "told"),
    [
        ("pulse", 'answers.contacts = "items["', "answers.contacts: must be JMESPath, e.g. items or data.contacts"),
        ("pulse", 'answers.contcts = "items"', 'answers.contcts: unknown key; did you mean "contacts"?'),
        ("pulse", 'page_parameter = ""', "page_parameter: must be a text that is not empty"),
        ("which50", 'answers.warnings = "]"', "answers.warnings: must be JMESPath, e.g. items or data.contacts"),
        ("which50", 'consent_value.fax = "x"', 'consent_value.fax: must be "email", "sms", "call" or "whatsapp"'),
        ("higherlogic", 'country_codes = "iso"', 'country_codes: must be "alpha-2" or "any"'),
        ("higherlogic", 'phone_format = "plus"', 'phone_format: must be "e164" or "digits"'),
        ("esputnik", "repeated_words = []", "repeated_words: must have 1 or more entries"),
        ("esputnik", 'joinable_segments = [""]', "joinable_segments #1: must be a text that is not empty"),
        ("whautomate", "exists_words = []", "exists_words: must have 1 or more entries"),
        ("whautomate", 'custom_field_values = "json"', 'custom_field_values: must be "text" or "typed"'),
        ("whautomate", "search_page_size = 0", "search_page_size: must be more than 0"),
    ],
)
def test_a_wrong_guess_is_told_once_with_its_key_and_what_would_be_right(vendor: str, option: str, told: str) -> None:
    options = REQUIRED.get(vendor, "") + option

    with pytest.raises(FormBroken) as broken:
        parse_form("newsletter", FORM.format(vendor=vendor, action="upsert", options=options))

    assert broken.value.problems == [f"destinations.d.options.{told}"]
