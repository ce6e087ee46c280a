"""Who may read the answers: pages of a form's origins, every answer of it, and nobody else."""

from __future__ import annotations

import pytest

from tests.support.relay import ORIGIN, Answer, Relay

OTHER = "https://help.example.com"
FOREIGN = "https://www.example.net"
LARGE = b'{"email": "' + b"a" * 70_000 + b'@example.com"}'

FORM = """
title = "Newsletter"
allowed_origins = [{origins}]
rate_limit = "{rate}"

[fields.email]
type = "email"
required = true

[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = {{ source = 7 }}
"""

PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,idempotency-key",
}


@pytest.fixture
def form(relay: Relay) -> str:
    """A form for two origins, delivered to nobody who answers: an outage is an answer, too."""
    return relay.form("news", FORM.format(origins=f'"{ORIGIN}", "{OTHER}"', rate="60/minute"))


def _readable_by(answer: Answer, origin: str) -> bool:
    return answer.headers.get("access-control-allow-origin") == origin and answer.headers["vary"] == "Origin"


def _unreadable(answer: Answer) -> bool:
    return not any(name.startswith("access-control-allow") for name in answer.headers)


@pytest.mark.parametrize("origin", [ORIGIN, OTHER])
def test_an_accepted_sign_up_can_be_read(relay: Relay, form: str, origin: str) -> None:
    relay.twin("pulse", "pulse-us")

    answer = relay.post(form, {"email": "ada@example.com"}, headers={"origin": origin})

    assert answer.status == 200
    assert _readable_by(answer, origin)


@pytest.mark.parametrize(
    ("status", "headers", "content"),
    [
        (400, {}, b"{"),
        (400, {"idempotency-key": "k" * 256}, b'{"email": "ada@example.com"}'),
        (413, {}, LARGE),
        (415, {"content-type": "application/xml"}, b"<email/>"),
        (422, {}, b"{}"),
    ],
)
def test_every_refusal_can_be_read(
    relay: Relay, form: str, status: int, headers: dict[str, str | None], content: bytes
) -> None:
    for accept in ("application/json", "text/html"):
        answer = relay.post(form, headers={**headers, "accept": accept}, content=content)

        assert answer.status == status
        assert _readable_by(answer, ORIGIN)


def test_a_conflict_can_be_read(relay: Relay, form: str) -> None:
    relay.twin("pulse", "pulse-us")
    key: dict[str, str | None] = {"idempotency-key": "one-fill"}
    relay.post(form, {"email": "ada@example.com"}, headers=key)

    answer = relay.post(form, {"email": "bob@example.com"}, headers=key)

    assert answer.status == 409
    assert _readable_by(answer, ORIGIN)


def test_being_throttled_can_be_read_with_the_wait(relay: Relay) -> None:
    form = relay.form("news", FORM.format(origins=f'"{ORIGIN}"', rate="1/day"))
    relay.post(form, {}, content=b"{}")

    answer = relay.post(form, {}, content=b"{}")

    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["access-control-expose-headers"] == "Retry-After"
    assert _readable_by(answer, ORIGIN)


def test_that_nothing_was_accepted_can_be_read(relay: Relay, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    relay.twin("pulse", "pulse-us").stop()
    monkeypatch.setenv("RETRY_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/gone")
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/gone-too")

    answer = relay.post(form, {"email": "ada@example.com"})

    assert answer.status == 503
    assert _readable_by(answer, ORIGIN)


@pytest.mark.parametrize(
    "origin", [FOREIGN, "http://www.example.com", "https://www.example.com:8443", "https://example.com", "null"]
)
def test_a_page_of_any_other_origin_is_refused_and_reads_nothing(relay: Relay, form: str, origin: str) -> None:
    answer = relay.post(form, {"email": "ada@example.com"}, headers={"origin": origin})

    assert answer.status == 403
    assert _unreadable(answer)
    assert answer.headers["vary"] == "Origin"
    assert (relay.items(), relay.queued(), relay.buried()) == ([], [], [])


def test_no_origin_at_all_is_refused(relay: Relay, form: str) -> None:
    answer = relay.post(form, {"email": "ada@example.com"}, headers={"origin": None})

    assert answer.status == 403
    assert _unreadable(answer)


@pytest.mark.parametrize("origin", [FOREIGN, "null", None])
def test_an_open_form_takes_any_page_and_none(relay: Relay, origin: str | None) -> None:
    form = relay.form("open", FORM.format(origins='"*"', rate="off"))
    relay.twin("pulse", "pulse-us")

    answer = relay.post(form, {"email": "ada@example.com"}, headers={"origin": origin})

    assert answer.status == 200
    assert _unreadable(answer) if origin is None else _readable_by(answer, origin)


def test_a_preflight_allows_what_the_snippet_sends(relay: Relay, form: str) -> None:
    answer = relay.request("OPTIONS", f"/forms/{form}", headers={"origin": ORIGIN, **PREFLIGHT})

    assert (answer.status, answer.text) == (204, "")
    assert _readable_by(answer, ORIGIN)
    assert answer.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert answer.headers["access-control-allow-headers"] == "content-type, idempotency-key"


@pytest.mark.parametrize(
    ("form_id", "origin", "status"), [("news", FOREIGN, 403), ("nowhere", ORIGIN, 404), ("broken", ORIGIN, 503)]
)
def test_a_preflight_of_what_is_not_allowed_allows_nothing(
    relay: Relay, form: str, form_id: str, origin: str, status: int
) -> None:
    relay.form("broken", "colour = 1")

    answer = relay.request("OPTIONS", f"/forms/{form_id}", headers={"origin": origin, **PREFLIGHT})

    assert answer.status == status
    assert _unreadable(answer)
    assert answer.headers["vary"] == "Origin"


def test_the_script_may_be_loaded_from_anywhere(relay: Relay) -> None:
    answer = relay.request("GET", "/signup-relay.js", headers={"origin": FOREIGN})

    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "data-signup-relay" in answer.text


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_page_may_read_that_it_used_a_wrong_method(relay: Relay, form: str, method: str) -> None:
    answer = relay.request(method, f"/forms/{form}", headers={"origin": ORIGIN})

    assert (answer.status, answer.headers["allow"]) == (405, "OPTIONS, POST")
    assert (answer.headers["access-control-allow-origin"], answer.headers["vary"]) == (ORIGIN, "Origin")
