"""What is read off an HTTP API event, whatever is missing of it."""

from __future__ import annotations

from typing import Any

import pytest

from functions.submit.refusal import Refusal
from functions.submit.request.request import Request, read_request


def request(*, headers: Any = None, **parts: Any) -> Request:
    return read_request("newsletter", {"headers": headers or {}, **parts}, now=1.5)


@pytest.mark.parametrize(
    ("referer", "page"),
    [
        ("https://www.example.com/news?utm_source=mail#top", "https://www.example.com/news"),
        ("https://ada:secret@www.example.com:8443/a", "https://www.example.com:8443/a"),
        ("https://www.example.com/" + "a" * 600, "https://www.example.com/" + "a" * 476),
        ("https://www.example.com/\ud800", "https://www.example.com/"),
        ("", None),
        ("about:blank", None),
        ("javascript:alert(1)", None),
        ("https://[::1", None),
        ("/news", None),
    ],
)
def test_the_page_is_the_referer_without_its_query(referer: str, page: str | None) -> None:
    assert request(headers={"Referer": referer}).page == page


@pytest.mark.parametrize(
    ("origin", "read"),
    [
        ("https://WWW.Example.com", "https://www.example.com"),
        (" null ", "null"),
        ("https://a\r\nX: y", "null"),
        ("https://\u00e4.example", "null"),
        ("", None),
    ],
)
def test_an_origin_is_what_a_browser_would_send(origin: str, read: str | None) -> None:
    assert request(headers={"Origin": origin}).origin == read


@pytest.mark.parametrize("key", ["a", "a b", "~" * 255, "5f3a-11"])
def test_a_printable_key_is_taken(key: str) -> None:
    assert request(headers={"Idempotency-Key": key}).idempotency_key == key


@pytest.mark.parametrize("key", ["~" * 256, "\u00e4", "a\x00b", "a\nb"])
def test_another_key_is_refused(key: str) -> None:
    with pytest.raises(Refusal, match="bad-idempotency-key"):
        assert request(headers={"Idempotency-Key": key}).idempotency_key


def test_an_empty_key_is_none() -> None:
    assert request(headers={"Idempotency-Key": " "}).idempotency_key is None


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html", True),
        ("application/xhtml+xml", True),
        ("*/*", False),
        ("", False),
        ("application/json", False),
        ("application/json, text/html;q=0.5", False),
        ("text/html;q=0.1, application/json;q=0", True),
        ("text/html;q=0", False),
        ("text/html;level=1;Q=0.4, */*;q=0.3", True),
        ("text/html, application/xhtml+xml, */*", True),
        ("text/html;q=broken, */*", True),
        ("text/html, application/json", False),
        ("text/html;q=0.5, */*", False),
        (";;,,", False),
    ],
)
def test_a_browser_that_navigates_is_told_by_what_it_accepts(accept: str, html: bool) -> None:
    assert request(headers={"Accept": accept}).wants_html is html


@pytest.mark.parametrize(
    ("context", "moment"),
    [
        ({"timeEpoch": 1773739800001}, 1773739800001),
        ({"timeEpoch": None}, 1500),
        ({"timeEpoch": "soon"}, 1500),
        ({"timeEpoch": -1}, 1500),
        ({"timeEpoch": 10**20}, 1500),
        (None, 1500),
        ("text", 1500),
    ],
)
def test_the_gateways_time_counts_where_it_is_one(context: Any, moment: int) -> None:
    assert request(requestContext=context).received_at == moment


def test_a_body_in_base64_is_decoded() -> None:
    assert request(body="e30=", isBase64Encoded=True).body() == b"{}"


@pytest.mark.parametrize("body", ["e30", "\u00e4", "e30=e30="])
def test_what_only_claims_to_be_base64_is_refused(body: str) -> None:
    with pytest.raises(Refusal, match="unreadable-body"):
        request(body=body, isBase64Encoded=True).body()


def test_a_lone_surrogate_is_no_body() -> None:
    with pytest.raises(Refusal, match="unreadable-body"):
        request(body="\ud800").body()


@pytest.mark.parametrize(("size", "large"), [(64 * 1024, False), (64 * 1024 + 1, True), (10**6, True)])
def test_a_body_has_64_kib_at_most(size: int, large: bool) -> None:
    sent = request(body="a" * size)
    if not large:
        assert len(sent.body()) == size
        return
    with pytest.raises(Refusal, match="too-large"):
        sent.body()


def test_bytes_count_and_not_characters() -> None:
    with pytest.raises(Refusal, match="too-large"):
        request(body="\u00e4" * 40_000).body()


@pytest.mark.parametrize("event", [{}, {"headers": None, "body": None}, {"headers": [], "requestContext": {"http": 7}}])
def test_an_event_may_lack_anything(event: dict[str, Any]) -> None:
    read = read_request("newsletter", event, now=1)
    assert (read.origin, read.page, read.idempotency_key, read.wants_html, read.source_ip) == (
        None,
        None,
        None,
        False,
        "",
    )
    assert read.body() == b""
