"""The one request loop: what is sent, what each answer and each lost answer means, and what is never shown."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from shared import errors
from shared.deadline import Deadline
from shared.http.call import Call, Effect, Reply
from shared.http.vendor_http import RESPONSE_CAP, VendorHttp
from tests.support.paths import ROOT

NOW = 1_750_000_000.0
EVERY_ERROR = [
    each
    for name, each in sorted(vars(httpx).items())
    if isinstance(each, type) and issubclass(each, httpx.RequestError) and not each.__subclasses__()
]


def send(answer: Callable[[httpx.Request], httpx.Response], effect: Effect = Effect.WRITE, **parts: Any) -> Reply:
    """Make one call that is answered by `answer`."""
    http = VendorHttp(httpx.MockTransport(answer), wall_clock=lambda: NOW)
    call = Call("pulse", "create contact", "POST", "https://api.example.com/contacts", effect, **parts)
    return http.send(call, Deadline.after(5))


def failed(answer: httpx.Response, effect: Effect = Effect.WRITE, **parts: Any) -> errors.VendorError:
    """Return the error that an answer is translated to."""
    with pytest.raises(errors.VendorError) as raised:
        send(lambda _: answer, effect, **parts)
    return raised.value


def lost(error: type[httpx.RequestError], effect: Effect) -> errors.VendorError:
    def lose(request: httpx.Request) -> httpx.Response:
        raise error("ann@example.com is in this text", request=request)

    with pytest.raises(errors.VendorError) as raised:
        send(lose, effect)
    return raised.value


def sent(**parts: Any) -> httpx.Request:
    """Return the request as it would go out."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        return httpx.Response(200)

    send(answer, **parts)
    return seen[0]


# What is sent.


def test_a_body_is_sent_as_json_with_real_booleans() -> None:
    request = sent(body={"news": True, "name": "Zoë"})
    assert request.headers["content-type"] == "application/json"
    assert request.content.decode() == '{"news":true,"name":"Zoë"}'


def test_a_form_is_sent_url_encoded_and_files_as_multipart() -> None:
    assert sent(form={"email": "a+b@example.com"}).content == b"email=a%2Bb%40example.com"
    request = sent(files={"file": ("contacts.csv", b"email", "text/csv")})
    assert request.headers["content-type"].startswith("multipart/form-data")
    assert b'filename="contacts.csv"' in request.content


def test_plus_and_at_and_brackets_of_a_query_are_encoded() -> None:
    request = sent(query=[("groups[]", "x"), ("search", "a+b@example.com"), ("search", "c&d")])
    assert request.url.query == b"groups%5B%5D=x&search=a%2Bb%40example.com&search=c%26d"


def test_a_call_without_a_body_sends_none() -> None:
    assert sent().content == b""


def test_a_request_names_the_project_and_its_version_because_firewalls_refuse_http_libraries() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert sent().headers["user-agent"] == f"signup-relay/{version}"


# What an answer means.


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_success(status: int) -> None:
    reply = send(lambda _: httpx.Response(status))
    assert (reply.status, reply.body, reply.empty) == (status, None, True)


@pytest.mark.parametrize(
    ("content", "body", "empty"),
    [
        (b'{"id": 7}', {"id": 7}, False),
        (b"[]", [], False),
        (b"Contact was saved", None, False),
        (b" \n", None, True),
        (b"\xff\xfe", None, False),
        (b"[" * 100_000, None, False),
    ],
)
def test_a_body_that_is_not_json_is_tolerated(content: bytes, body: Any, empty: bool) -> None:
    reply = send(lambda _: httpx.Response(200, content=content))
    assert (reply.body, reply.empty) == (body, empty)


@pytest.mark.parametrize(
    "page",
    [
        "<html><p>Log in",
        "  <!DOCTYPE HTML><html>",
        "\N{ZERO WIDTH NO-BREAK SPACE}<!doctype html>",
        "<!-- 7 --><html>",
        '<?xml version="1.0"?><html>',
        "<head><title>Sign in",
    ],
)
def test_a_web_page_is_no_success_and_says_nothing_of_what_was_written(page: str) -> None:
    answer = httpx.Response(200, text=page)
    assert type(failed(answer, Effect.READ)) is errors.Unavailable
    assert (type(failed(answer)), failed(answer).status) == (errors.OutcomeUnknown, 200)


def test_a_sentence_that_calls_itself_html_is_no_web_page() -> None:
    assert send(lambda _: httpx.Response(200, html="Contact with id='7' has been updated")).status == 200


def test_no_cookie_is_kept_because_another_connection_would_send_it() -> None:
    sent: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("cookie"))
        return httpx.Response(200, headers={"Set-Cookie": "session=1; Path=/"})

    client = VendorHttp(httpx.MockTransport(answer))
    for _ in range(2):
        client.send(Call("pulse", "read", "GET", "https://api.example.com/", Effect.READ), Deadline.after(5))
    assert sent == [None, None]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(status: int) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(status, headers={"Location": "https://docs.example.com/"})

    with pytest.raises(errors.Misconfigured):
        send(answer)
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.Refused),
        (401, errors.Unauthorized),
        (402, errors.Refused),
        (404, errors.NotFound),
        (405, errors.Misconfigured),
        (409, errors.Conflict),
        (413, errors.Refused),
        (415, errors.Misconfigured),
        (417, errors.Refused),
        (422, errors.Refused),
        (425, errors.Unavailable),
        (429, errors.RateLimited),
    ],
)
@pytest.mark.parametrize("effect", Effect)
def test_a_4xx_means_the_same_whatever_the_call_does(
    status: int, error: type[errors.VendorError], effect: Effect
) -> None:
    raised = failed(httpx.Response(status, json={}), effect)
    assert (type(raised), raised.status) == (error, status)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599])
@pytest.mark.parametrize(
    ("effect", "error"),
    [
        (Effect.READ, errors.Unavailable),
        (Effect.WRITE, errors.OutcomeUnknown),
    ],
)
def test_a_5xx_and_a_408_may_hide_any_write(status: int, effect: Effect, error: type[errors.VendorError]) -> None:
    raised = failed(httpx.Response(status), effect)
    assert (type(raised), raised.status) == (error, status)


def test_a_403_is_told_apart_from_a_401_since_one_record_may_have_caused_it() -> None:
    assert type(failed(httpx.Response(403, json={"message": "Forbidden"}))) is errors.Forbidden
    assert type(failed(httpx.Response(403))) is errors.Forbidden
    assert not issubclass(errors.Forbidden, errors.Unauthorized)


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("effect", Effect)
def test_a_page_with_403_or_404_is_a_gateway_not_the_vendors_verdict(status: int, effect: Effect) -> None:
    page = httpx.Response(status, text="<!doctype html><p>Checking your browser")
    assert type(failed(page, effect)) is errors.Unavailable


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("/Which50/Account/Login?ReturnUrl=%2FcontactLists", errors.Unauthorized),
        ("https://login.example.com/sign-in", errors.Unauthorized),
        ("/oauth2/authorize", errors.Unauthorized),
        ("https://login.example.com/", errors.Unauthorized),
        ("/docs", errors.Misconfigured),
        ("/blogging", errors.Misconfigured),
        ("http://[", errors.Misconfigured),
        ("", errors.Misconfigured),
    ],
)
def test_a_redirect_to_a_login_page_is_the_credentials(location: str, error: type[errors.VendorError]) -> None:
    assert type(failed(httpx.Response(302, headers={"Location": location}))) is error


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_in_the_vendors_own_words_for_exists_is_a_conflict(status: int) -> None:
    exists = re.compile(r"already exists")
    taken = httpx.Response(status, json={"message": "The contact already exists"})
    assert type(failed(taken, conflict=exists)) is errors.Conflict
    assert type(failed(httpx.Response(status, text="invalid"), conflict=exists)) is errors.Refused
    assert type(failed(httpx.Response(401, text="already exists"), conflict=exists)) is errors.Unauthorized


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), ("Sun, 15 Jun 2025 15:07:20 GMT", 40.0), ("soon", None), ("", None)],
)
def test_a_wish_to_wait_travels_along(value: str, seconds: float | None) -> None:
    assert failed(httpx.Response(503, headers={"Retry-After": value})).retry_after == seconds


@pytest.mark.parametrize(("value", "kept"), [("req-1.a_B", True), ("ann@example.com", False), ("x" * 65, False)])
def test_only_a_request_id_that_can_be_one_is_kept(value: str, kept: bool) -> None:
    assert failed(httpx.Response(500, headers={"X-Request-Id": value})).request_id == (value if kept else None)


# What a lost answer means.


@pytest.mark.parametrize("error", EVERY_ERROR)
def test_a_lost_answer_to_a_read_wrote_nothing(error: type[httpx.RequestError]) -> None:
    assert type(lost(error, Effect.READ)) is errors.Unavailable


@pytest.mark.parametrize("error", EVERY_ERROR)
def test_only_a_write_that_never_left_has_a_known_outcome(error: type[httpx.RequestError]) -> None:
    never_left = {httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol}
    expected = errors.Unavailable if error in never_left else errors.OutcomeUnknown
    assert type(lost(error, Effect.WRITE)) is expected


def test_an_answer_larger_than_the_cap_is_not_read_to_its_end() -> None:
    read = [0]

    def endless() -> Any:
        while True:
            read[0] += 65_536
            yield b"x" * 65_536

    with pytest.raises(errors.OutcomeUnknown):
        send(lambda _: httpx.Response(200, content=endless()))
    assert read[0] <= RESPONSE_CAP + 2 * 65_536


def test_an_answer_that_cannot_be_unpacked_is_a_lost_one() -> None:
    broken = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip"))
    assert type(failed(broken)) is errors.OutcomeUnknown


def test_nothing_is_sent_when_no_time_is_left() -> None:
    http = VendorHttp(httpx.MockTransport(lambda _: pytest.fail("sent")))
    call = Call("pulse", "create contact", "POST", "https://api.example.com/contacts", Effect.WRITE)
    with pytest.raises(errors.Unavailable):
        http.send(call, Deadline.after(0))


# What is never shown.


def test_no_payload_no_url_and_no_secret_reach_a_log_line_or_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    private: dict[str, Any] = {
        "headers": {"Authorization": "Basic c2VjcmV0"},
        "query": [("email", "ann@example.com")],
        "body": {"firstName": "Ann-Sentinel"},
    }
    answers = [httpx.Response(status, text="Ann-Sentinel ann@example.com") for status in (400, 401, 409, 429, 500)]
    answers.append(httpx.Response(200, json={"success": False, "message": "Ann-Sentinel ann@example.com"}))
    shown = " ".join(str(failed(answer, **private)) + repr(failed(answer, **private)) for answer in answers)
    shown += str(lost(httpx.ReadTimeout, Effect.WRITE)) + repr(Call("pulse", "x", "POST", "u", Effect.WRITE, **private))
    shown += repr(send(lambda _: httpx.Response(200, json={"email": "ann@example.com"}), **private))
    shown += "".join(capfd.readouterr())
    assert not [word for word in ("Sentinel", "ann@", "c2VjcmV0") if word in shown]


def test_the_foreign_error_is_not_chained_because_its_text_is_not_ours() -> None:
    error = lost(httpx.ReadTimeout, Effect.WRITE)
    assert error.__cause__ is None
    assert error.__suppress_context__


# What a dead letter may tell.


def test_the_answer_travels_with_the_error_without_what_was_sent() -> None:
    """Given a refusal that repeats what it was sent, in several spellings."""
    answer = httpx.Response(
        422, json={"message": "Zoë, ann@example.com and +1 are invalid; token-7 asked", "field": "npi"}
    )
    refused = failed(
        answer,
        body={"emails": [{"emailAddress": "Ann@example.com"}], "name": "Zoë"},
        headers={"Authorization": "Key token-7"},
    )
    assert refused.answer == '{"message":"***, *** and +1 are invalid; *** asked","field":"npi"}'
    assert "invalid" not in f"{refused} {refused!r}"


def test_no_more_than_the_beginning_of_an_answer_is_kept() -> None:
    refused = failed(httpx.Response(400, text="x" * 10_000))
    assert refused.answer is not None
    assert len(refused.answer) == 500


def test_a_failure_inside_a_2xx_is_kept_too() -> None:
    assert (
        failed(httpx.Response(200, json={"success": False, "reason": "list full"})).answer
        == '{"success":false,"reason":"list full"}'
    )


def test_an_error_restated_in_a_vendors_own_terms_keeps_the_answer_and_the_wait() -> None:
    busy = failed(httpx.Response(503, text="busy", headers={"Retry-After": "9"}))
    restated = busy.restated(errors.Unavailable, detail="not taken")
    assert (restated.answer, restated.retry_after, restated.status) == ("busy", 9, 503)
    assert str(restated) == "pulse: create contact: Unavailable, status 503, not taken"
