"""Bodies: three content types, one mapping; limits come before parsing."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from functions.submit.refusal import Refusal
from functions.submit.request.body import read_values
from functions.submit.request.request import Request, read_request
from shared.forms import Form
from shared.forms.loading import parse_form

FORM = """
title = "Newsletter"
[fields.email]
type = "email"
[fields.name]
type = "text"
maps_to = "first_name"
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
"""
WEBHOOK = FORM.replace('type = "email"', 'type = "email"\nsource = "answers[?key==\'mail\'].value | [0]"').replace(
    'type = "text"', 'type = "text"\nsource = "join(\' \', who)"'
)


def form(text: str = FORM) -> Form:
    return parse_form("newsletter", text)


def request(content_type: str, body: bytes = b"", *, encoded: bool = False) -> Request:
    content = base64.b64encode(body).decode() if encoded else body.decode("utf-8", "surrogateescape")
    event = {"headers": {"Content-Type": content_type}, "body": content, "isBase64Encoded": encoded}
    return read_request("newsletter", event, 0)


def read(content_type: str, body: bytes, *, encoded: bool = False, text: str = FORM) -> dict[str, Any]:
    sent = request(content_type, body, encoded=encoded)
    return read_values(form(text), content_type, sent.body(256 * 1024))


def refusal(content_type: str, body: bytes, **more: Any) -> str:
    with pytest.raises(Refusal) as refused:
        read(content_type, body, **more)
    return refused.value.kind


def part(disposition: str, content: bytes, headers: str = "") -> bytes:
    return f"--b\r\nContent-Disposition: form-data; {disposition}\r\n{headers}\r\n".encode() + content + b"\r\n"


URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "base64"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{"email": "ada@example.com", "name": "Åda + 1%"}'.encode()),
        ("application/json; charset=utf-8", '{"email": "ada@example.com", "name": "Åda + 1%"}'.encode()),
        ('Application/JSON ; CHARSET="UTF-8"', '{"email": "ada@example.com", "name": "Åda + 1%"}'.encode()),
        ("application/json", b'\xef\xbb\xbf{"email": "ada@example.com", "name": "\\u00c5da + 1%"}'),
        (URLENCODED, b"email=ada%40example.com&name=%C3%85da+%2B+1%25"),
        (URLENCODED + ";charset=UTF-8", b"email=ada@example.com&name=%C3%85da%20%2b%201%25"),
        (URLENCODED, "email=ada@example.com&name=Åda+%2b+1%".encode()),
        (MULTIPART, part('name="email"', b"ada@example.com") + part('name="name"', "Åda + 1%".encode()) + b"--b--\r\n"),
        (
            'multipart/form-data; charset=utf-8; boundary="b"',
            part('name="email"', b"YWRhQGV4YW1wbGUuY29t", "Content-Transfer-Encoding: base64\r\n")
            + part("name=name", "Åda + 1%".encode(), "Content-Type: text/plain; charset=utf-8\r\n")
            + b"--b--",
        ),
    ],
)
def test_the_same_values_come_out_of_every_kind_of_body(content_type: str, body: bytes, encoded: bool) -> None:
    assert read(content_type, body, encoded=encoded) == {"email": ["ada@example.com"], "name": ["Åda + 1%"]}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (URLENCODED, b"name=no&name=yes"),
        (MULTIPART, part('name="name"', b"no") + part('name="name"', b"yes") + b"--b--\r\n"),
    ],
)
def test_every_value_of_a_repeated_name_is_read_in_order(content_type: str, body: bytes) -> None:
    assert read(content_type, body) == {"name": ["no", "yes"]}


def test_a_json_list_is_one_value_and_of_a_repeated_key_the_last_counts() -> None:
    assert read("application/json", b'{"name": 1, "name": ["no", "yes"]}') == {"name": [["no", "yes"]]}


@pytest.mark.parametrize("content_type", ["application/json", URLENCODED, MULTIPART])
def test_a_hundred_fields_are_read(content_type: str) -> None:
    assert len(read(content_type, fields(content_type, 100))) == 100


def test_separators_with_nothing_between_them_are_no_fields() -> None:
    body = fields(URLENCODED, 100).replace(b"&", b"&&") + b"&"
    assert len(read(URLENCODED, body)) == 100


@pytest.mark.parametrize("content_type", ["application/json", URLENCODED, MULTIPART])
def test_a_hundred_and_one_fields_are_too_many(content_type: str) -> None:
    assert refusal(content_type, fields(content_type, 101)) == "too-large"


def test_files_count_as_fields() -> None:
    files = b"".join(part(f'name="f{n}"; filename="a.txt"', b"x") for n in range(101)) + b"--b--\r\n"
    assert refusal(MULTIPART, files) == "too-large"


def fields(content_type: str, number: int) -> bytes:
    if content_type == "application/json":
        return json.dumps({f"f{n}": n for n in range(number)}).encode()
    if content_type == URLENCODED:
        return "&".join(f"f{n}={n}" for n in range(number)).encode()
    return b"".join(part(f'name="f{n}"', b"x") for n in range(number)) + b"--b--\r\n"


def nested(levels: int) -> bytes:
    return b'{"a": ' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def test_json_may_nest_ten_levels_deep() -> None:
    assert read("application/json", nested(10))


@pytest.mark.parametrize("levels", [11, 500, 5_000, 30_000])
def test_deeper_json_is_refused_however_deep(levels: int) -> None:
    assert refusal("application/json", nested(levels)) == "too-deep"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b""),
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b'"text"'),
        ("application/json", b"7"),
        ("application/json", b"null"),
        ("application/json", b'{"name": NaN}'),
        ("application/json", b'{"name": -Infinity}'),
        ("application/json", b'{"name": ' + b"9" * 5000 + b"}"),
        ("application/json", b'{"name": "\xff"}'),
        (URLENCODED, b"name=%ff"),
        (URLENCODED, b"name=\xff"),
        (MULTIPART, b""),
        (MULTIPART, b"--b"),
        (MULTIPART, b"--c\r\n\r\n--c--"),
        (MULTIPART, part('name="name"', b"never ended")),
        (MULTIPART, part('name="name"', b"\xff") + b"--b--\r\n"),
        (MULTIPART, part("x", b"no name") + b"--b--\r\n"),
        (MULTIPART, b"--b\r\nX\r\n\r\n--b--"),
        ("multipart/form-data", part('name="name"', b"no boundary") + b"--b--\r\n"),
        ("multipart/form-data; boundary=" + "b" * 300, b"--" + b"b" * 300 + b"--\r\n"),
    ],
)
def test_what_cannot_be_read_is_refused(content_type: str, body: bytes) -> None:
    assert refusal(content_type, body, encoded=True) == "unreadable-body"


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/xml",
        "application/json; charset=iso-8859-1",
        "application/jsonx",
        "multipart/mixed; boundary=b",
        "application/\u20acuro; charset=utf-8",
        "\ud800",
    ],
)
def test_other_content_types_are_refused(content_type: str) -> None:
    assert refusal(content_type, b"{}") == "unsupported-type"


def test_a_file_is_refused_with_its_field_named() -> None:
    body = part('name="cv"; filename="cv.pdf"', b"%PDF") + part('name="name"', b"Ada") + b"--b--\r\n"
    with pytest.raises(Refusal) as refused:
        read(MULTIPART, body)
    assert refused.value.kind == "invalid-fields"
    assert [(error.field, error.code) for error in refused.value.errors] == [("cv", "file_not_accepted")]


def test_a_file_input_left_empty_is_no_file() -> None:
    body = part('name="cv"; filename=""', b"", "Content-Type: application/octet-stream\r\n")
    assert read(MULTIPART, body + part('name="name"', b"Ada") + b"--b--\r\n") == {"name": ["Ada"]}


def test_a_file_named_only_by_the_extended_parameter_is_refused() -> None:
    body = part("name=\"name\"; filename*=UTF-8''cv.txt", b"contents of the file") + b"--b--\r\n"
    assert refusal(MULTIPART, body) == "invalid-fields"


def test_a_field_whose_name_looks_like_a_file_is_a_field() -> None:
    body = part('name="a; filename*=x"', b"Ada") + b"--b--\r\n"
    assert read(MULTIPART, body) == {"a; filename*=x": ["Ada"]}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (URLENCODED, b"name=%A3ukasz&_charset_=windows-1252"),
        (URLENCODED, b"_charset_=Shift_JIS&name=x"),
        (MULTIPART, part('name="_charset_"', b"windows-1252") + part('name="name"', b"\xa3ukasz") + b"--b--\r\n"),
        (
            MULTIPART,
            part('name="name"', b"\xa3ukasz", "Content-Type: text/plain; charset=iso-8859-1\r\n") + b"--b--\r\n",
        ),
    ],
)
def test_text_that_says_it_is_not_utf_8_is_refused(content_type: str, body: bytes) -> None:
    assert refusal(content_type, body, encoded=True) == "unsupported-type"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (URLENCODED, b"name=%1B%24B%3B3ED%1B%28B"),
        (MULTIPART, part('name="name"', b"\x1b$B;3ED\x1b(B") + b"--b--\r\n"),
    ],
)
def test_iso_2022_text_is_refused(content_type: str, body: bytes) -> None:
    assert refusal(content_type, body, encoded=True) == "unreadable-body"


@pytest.mark.parametrize("declared", ["utf-8", "UTF-8", ""])
def test_a_page_may_say_that_it_is_utf_8(declared: str) -> None:
    body = f"name=Ada&_charset_={declared}".encode()
    assert read(URLENCODED, body)["name"] == ["Ada"]


SOURCED = FORM.replace('type = "email"', 'type = "email"\nsource = "mail"').replace(
    'type = "text"', 'type = "text"\nsource = "\\"form_fields[name]\\""'
)


@pytest.mark.parametrize("content_type", ["application/json", URLENCODED, MULTIPART])
def test_where_every_field_has_a_source_other_fields_are_not_counted(content_type: str) -> None:
    values = read(content_type, fields(content_type, 300), text=SOURCED)
    assert values.keys().isdisjoint({"email", "name"})


def test_sources_read_the_fields_of_an_urlencoded_body_too() -> None:
    values = read(URLENCODED, b"mail=ada%40example.com&form_fields%5Bname%5D=Ada", text=SOURCED)
    assert (values["email"], values["name"]) == (["ada@example.com"], ["Ada"])


def test_a_field_with_a_source_is_not_read_under_its_own_name() -> None:
    assert "name" not in read(URLENCODED, b"mail=ada%40example.com&name=Mallory", text=SOURCED)


RAW_REQUEST = WEBHOOK.replace("[fields.email]", 'body = "rawRequest"\n[fields.email]')


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (URLENCODED, b"formID=7&rawRequest=%7B%22who%22%3A%5B%22Ada%22%5D%7D"),
        (MULTIPART, part('name="formID"', b"7") + part('name="rawRequest"', b'{"who": ["Ada"]}') + b"--b--\r\n"),
        ("application/json", b'{"who": ["Ada"]}'),
    ],
)
def test_a_sign_up_may_be_json_text_inside_a_field(content_type: str, body: bytes) -> None:
    assert read(content_type, body, text=RAW_REQUEST)["name"] == ["Ada"]


@pytest.mark.parametrize("body", [b"formID=7", b"rawRequest=", b"rawRequest=%7B", b"rawRequest=%5B%5D%5D"])
def test_without_readable_json_inside_the_field_the_body_is_refused(body: bytes) -> None:
    assert refusal(URLENCODED, body, text=RAW_REQUEST) == "unreadable-body"


def test_sources_find_values_in_any_json() -> None:
    body = b'[{"key": "x"}, {"key": "mail"}]'
    assert read("application/json", b'{"answers": ' + body + b', "who": ["Ada", "L"]}', text=WEBHOOK) == {
        "answers": [json.loads(body)],
        "who": [["Ada", "L"]],
        "name": ["Ada L"],
    }


def test_with_a_source_for_every_field_the_body_need_not_be_an_object() -> None:
    text = WEBHOOK.replace("answers[?", "[?").replace("join(' ', who)", "[0].value")
    body = b'[{"key": "mail", "value": "ada@example.com"}]'
    assert read("application/json", body, text=text) == {"email": ["ada@example.com"], "name": ["ada@example.com"]}


def test_a_source_that_meets_the_wrong_type_leaves_the_field_absent() -> None:
    assert "name" not in read("application/json", b'{"who": [1, 2]}', text=WEBHOOK)
