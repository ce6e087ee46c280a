"""Where custom fields may go: a consent needs a receipt, and of two values for one field one would be lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.forms import FormBroken
from shared.forms.check_custom_fields import check_custom_fields
from shared.forms.loading import parse_form
from shared.vendors.registry import ACTIONS

FORM = """
title = "Members"
allowed_origins = ["*"]

[fields.email]
type = "email"
required = true

[fields.likes_news]
type = "boolean"

[fields.likes_mail]
type = "boolean"

[[destinations]]
name = "members"
vendor = "which50"
action = "upsert"
options = { contact_list_id = 3, fields = { email = "Email", consent.email = "EmailConsent" } }
"""


def refusal(custom_fields: str) -> str:
    with pytest.raises(FormBroken) as broken:
        parse_form("members", f"{FORM}custom_fields = {custom_fields}\n")
    [problem] = broken.value.problems
    return str(problem)


def test_a_tick_without_a_receipt_cannot_subscribe_anybody() -> None:
    assert "the vendor keeps a consent" in refusal('{ likes_news = "EmailConsent" }')


def test_two_fields_cannot_fill_one() -> None:
    assert "filled by likes_news already" in refusal('{ likes_news = "Likes", likes_mail = "Likes" }')


def test_fields_of_their_own_are_no_problem() -> None:
    form = parse_form("members", f'{FORM}custom_fields = {{ likes_news = "News", likes_mail = "Mail" }}\n')
    assert len(form.destinations[0].custom_fields) == 2


def test_a_vendor_without_custom_fields_says_so() -> None:
    spec = replace(ACTIONS["pulse", "submit_form"], custom_field_names=frozenset())

    [problem] = check_custom_fields({"likes_news": "News"}, spec, None, {}, {"likes_news": {}})

    assert str(problem) == "custom_fields.likes_news: this vendor has no custom fields"
