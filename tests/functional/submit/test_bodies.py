"""Bodies as builders and old pages send them: read whole, or refused with a reason, never altered."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from tests.functional.submit.form_texts import EMAIL, NEWS, newsletter
from tests.support.deployment import metrics
from tests.support.relay import Relay

URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
MULTIPART = {"content-type": "multipart/form-data; boundary=b"}
SOURCED = '[fields.email]\ntype = "email"\nrequired = true\nsource = "\\"form_fields[email]\\" || q3_email"\n'


def part(disposition: str, content: bytes, headers: str = "") -> bytes:
    return f"--b\r\nContent-Disposition: form-data; {disposition}\r\n{headers}\r\n".encode() + content + b"\r\n"


def form(relay: Relay, fields: str = EMAIL, top: str = "") -> None:
    relay.form("newsletter", newsletter(top, fields))
    relay.twin("pulse", "pulse-us")


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        (URLENCODED, b"email=ada%40example.com&first_name=%A3ukasz&_charset_=windows-1252", 415),
        (
            MULTIPART,
            part('name="email"', b"a\xa3@x", "Content-Type: text/plain; charset=latin2\r\n") + b"--b--\r\n",
            415,
        ),
        (URLENCODED, b"email=ada%40example.com&first_name=%1B%24B%3B3ED%1B%28B", 400),
        (MULTIPART, part("name=\"email\"; filename*=UTF-8''a.txt", b"ada@example.com") + b"--b--\r\n", 422),
    ],
)
def test_text_that_would_arrive_as_other_characters_is_refused(
    relay: Relay, headers: dict[str, str], content: bytes, status: int
) -> None:
    form(relay)
    answer = relay.post("newsletter", content=content, headers=headers)

    assert answer.status == status
    assert relay.twins["pulse"].writes() == []


def test_a_builder_may_send_far_more_names_than_the_form_reads(relay: Relay) -> None:
    form(relay, SOURCED)
    content = urlencode({f"form_fields[f{n}]": "x" for n in range(300)} | {"form_fields[email]": "ada@example.com"})
    answer = relay.post("newsletter", content=content.encode(), headers=URLENCODED)

    assert answer.status == 200
    assert len(relay.twins["pulse"].contacts()) == 1


def test_the_sign_up_may_be_json_text_inside_a_field(relay: Relay) -> None:
    form(relay, SOURCED, 'body = "rawRequest"')
    answers = json.dumps({"q3_email": "ada@example.com", "slug": "submit/7"}).encode()
    content = part('name="formID"', b"7") + part('name="rawRequest"', answers) + b"--b--\r\n"
    answer = relay.post("newsletter", content=content, headers=MULTIPART)

    assert answer.status == 200
    assert len(relay.twins["pulse"].contacts()) == 1


def test_a_ticked_box_counts_though_its_framework_adds_a_hidden_no(relay: Relay) -> None:
    form(relay, EMAIL + NEWS)
    answer = relay.post("newsletter", content=b"email=ada%40example.com&news=true&news=false", headers=URLENCODED)

    assert answer.status == 200
    assert len(relay.items("consent#")) > 0


@pytest.mark.parametrize("number", ["0.1", "12345678901234567890.12", "0.1234567890123456789", "9007199254740993.0"])
def test_a_number_in_json_arrives_at_the_vendor_with_all_its_digits(relay: Relay, number: str) -> None:
    amount = '[fields.amount]\ntype = "text"\n'
    mapped = newsletter("", EMAIL + amount) + 'custom_fields = { amount = "amount" }\n'
    relay.form("newsletter", mapped)
    pulse = relay.twin("pulse", "pulse-us")

    answer = relay.post("newsletter", content=f'{{"email": "ada@example.com", "amount": {number}}}'.encode())

    assert answer.status == 200
    assert [contact["customFields"] for contact in pulse.contacts()] == [{"amount": number}]


def test_a_number_keeps_its_digits_through_quarantine(relay: Relay) -> None:
    relay.form("newsletter", newsletter("", EMAIL + '[fields.amount]\ntype = "text"\n', '[spam]\nhoneypot = "fax"\n'))

    relay.post("newsletter", content=b'{"email": "ada@example.com", "amount": 12345678901234567890.12, "fax": "1"}')

    (kept,) = relay.items("quarantine#")
    assert json.loads(kept["submitted"])["amount"] == ["12345678901234567890.12"]


def test_a_value_that_a_source_cannot_read_is_counted(relay: Relay, capsys: pytest.CaptureFixture[str]) -> None:
    topics = """[fields.topics]
type = "text"
source = "join(', ', topics)"
"""
    form(relay, SOURCED + topics)

    assert relay.post("newsletter", {"q3_email": "ada@example.com"}).status == 200
    before = metrics(capsys).count("FieldsDropped")
    assert relay.post("newsletter", {"q3_email": "bob@example.com", "topics": "Events"}).status == 200

    assert (before, metrics(capsys).count("FieldsDropped")) == (0, 1)
