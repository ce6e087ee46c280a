"""The HTTP interface as users know it: each row of its table of statuses, and what all answers have in common."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.submit.handler import lambda_handler
from shared.errors import ConfigurationError
from tests.functional.submit.form_texts import EMAIL, NEWS, PULSE, newsletter
from tests.support.outages import gone
from tests.support.relay import ORIGIN, Answer, Relay, event

ADA = {"email": "ada@example.com"}
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def form(relay: Relay) -> None:
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us")


def kind(answer: Answer) -> str:
    return str(answer.json["type"]).removeprefix("urn:signup-relay:problem:")


def delivered(relay: Relay) -> Answer:
    return relay.post("newsletter", ADA)


def queued(relay: Relay) -> Answer:
    relay.twins["pulse"].stop()
    return relay.post("newsletter", ADA)


def conflicting(relay: Relay) -> Answer:
    relay.post("newsletter", ADA, headers={"idempotency-key": "k"})
    return relay.post("newsletter", {"email": "bob@example.com"}, headers={"idempotency-key": "k"})


def limited(relay: Relay) -> Answer:
    relay.form("newsletter", newsletter('rate_limit = "1/hour"'))
    relay.post("newsletter", ADA)
    return relay.post("newsletter", ADA)


def broken(relay: Relay) -> Answer:
    relay.form("newsletter", newsletter('colour = "green"'))
    return relay.post("newsletter", ADA)


def unqueued(relay: Relay) -> Answer:
    relay.twins["pulse"].stop()
    with gone("sqs"):
        return relay.post("newsletter", ADA)


def sent(**how: Any) -> Callable[[Relay], Answer]:
    def send(relay: Relay) -> Answer:
        return relay.post(**{"form_id": "newsletter", "values": ADA, **how})

    return send


TABLE: list[tuple[int, str | None, Callable[[Relay], Answer]]] = [
    (200, None, delivered),
    (202, None, queued),
    (400, "unreadable-body", sent(content=b"{")),
    (400, "too-deep", sent(content=b'{"a":' + b"[" * 10 + b"]" * 10 + b"}")),
    (400, "bad-idempotency-key", sent(headers={"idempotency-key": "\u00e4"})),
    (403, "origin-not-allowed", sent(headers={"origin": "https://evil.example"})),
    (403, "origin-not-allowed", sent(headers={"origin": None})),
    (403, "origin-not-allowed", sent(headers={"origin": "null"})),
    (404, "form-not-found", sent(form_id="unknown")),
    (404, "form-not-found", sent(form_id="..")),
    (404, "not-found", lambda relay: relay.request("POST", "/newsletter")),
    (404, "not-found", lambda relay: relay.request("GET", "/assets/\u0085\u4e16")),
    (405, "method-not-allowed", lambda relay: relay.request("GET", "/forms/newsletter")),
    (405, "method-not-allowed", lambda relay: relay.request("DELETE", "/forms/newsletter")),
    (405, "method-not-allowed", lambda relay: relay.request("POST", "/forms/newsletter/token")),
    (405, "method-not-allowed", lambda relay: relay.request("PUT", "/openapi.json")),
    (409, "idempotency-conflict", conflicting),
    (413, "too-large", sent(content=b'{"a": "' + b"a" * 65_536 + b'"}')),
    (413, "too-large", sent(values={f"f{n}": n for n in range(101)})),
    (415, "unsupported-type", sent(headers={"content-type": "text/plain"})),
    (415, "unsupported-type", sent(headers={"content-type": None})),
    (422, "invalid-fields", sent(values={})),
    (422, "invalid-fields", sent(values={"email": "nonsense"})),
    (429, "too-many-requests", limited),
    (503, "form-broken", broken),
    (503, "not-accepted", unqueued),
]
ROWS = [pytest.param(*row, id=f"{row[0]}-{row[1]}-{number}") for number, row in enumerate(TABLE)]


@pytest.mark.parametrize(("status", "problem", "send"), ROWS)
def test_the_table_of_statuses(relay: Relay, status: int, problem: str | None, send: Callable[[Relay], Answer]) -> None:
    answer = send(relay)
    assert answer.status == status
    if problem is None:
        assert answer.json.keys() == {"submissionId", "status"}
        assert answer.json["status"] == {200: "delivered", 202: "accepted"}[status]
        return
    assert kind(answer) == problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["title"]
    assert answer.json["detail"]
    assert ("retry-after" in answer.headers) is (status in {429, 503})
    assert ("errors" in answer.json) is (status == 422)
    assert ("allow" in answer.headers) is (status == 405)


@pytest.mark.parametrize(("status", "problem", "send"), ROWS)
def test_every_answer_to_an_allowed_page_can_be_read_by_it(
    relay: Relay, status: int, problem: str | None, send: Callable[[Relay], Answer]
) -> None:
    answer = send(relay)
    if problem not in {"origin-not-allowed", "not-found", "method-not-allowed", "form-not-found", "form-broken"}:
        assert answer.headers["access-control-allow-origin"] == ORIGIN
    if problem not in {"not-found", "method-not-allowed"}:
        assert answer.headers["vary"] == "Origin"
    assert answer.headers["cache-control"] == "no-store"


def test_a_problem_names_fields_and_codes_and_never_what_was_submitted(relay: Relay) -> None:
    answer = relay.post("newsletter", {"email": "nonsense-of-a-visitor", "news": "perhaps-so"})
    assert [(error["field"], error["code"]) for error in answer.json["errors"]] == [
        ("email", "invalid_email"),
        ("news", "invalid_boolean"),
    ]
    assert "nonsense" not in answer.text
    assert "perhaps" not in answer.text


def test_a_file_is_refused_by_its_fields_name(relay: Relay) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="cv"; filename="cv.pdf"\r\n\r\n%PDF\r\n--b--\r\n'
    answer = relay.post("newsletter", content=part, headers={"content-type": "multipart/form-data; boundary=b"})
    assert answer.status == 422
    assert answer.json["errors"][0] == {
        "field": "cv",
        "code": "file_not_accepted",
        "message": "Files are not accepted here.",
    }


def test_a_form_may_use_words_of_its_own(relay: Relay) -> None:
    relay.form(
        "newsletter", newsletter('messages = { required = "N\u00f6tig.", invalid-fields = "Bitte pr\u00fcfen." }')
    )
    answer = relay.post("newsletter", {})
    assert answer.json["detail"] == "Bitte pr\u00fcfen."
    assert answer.json["errors"][0] == {"field": "email", "code": "required", "message": "N\u00f6tig."}


class TestBrowsers:
    def test_success_leads_to_the_forms_own_page(self, relay: Relay) -> None:
        relay.form("newsletter", newsletter(more='[redirect]\nsuccess = "https://www.example.com/thanks"'))
        answer = relay.post("newsletter", {**ADA, "redirect": "https://evil.example"}, urlencoded=True)
        assert (answer.status, answer.headers["location"]) == (303, "https://www.example.com/thanks")

    def test_success_shows_a_page_of_ours_where_the_form_has_none(self, relay: Relay) -> None:
        answer = relay.post("newsletter", ADA, urlencoded=True)
        assert answer.status == 200
        assert "<h1>Thank you</h1>" in answer.text

    @pytest.mark.parametrize(
        ("status", "values", "headers"),
        [
            (422, {"email": "x"}, {}),
            (403, ADA, {"origin": "https://evil.example"}),
            (415, ADA, {"content-type": "text/plain"}),
        ],
    )
    def test_a_refusal_is_a_page_with_the_same_status(
        self, relay: Relay, status: int, values: Any, headers: dict[str, str]
    ) -> None:
        answer = relay.post("newsletter", values, urlencoded=True, headers=headers)
        assert answer.status == status
        assert answer.headers["content-type"] == "text/html; charset=utf-8"

    def test_an_unknown_address_is_a_page_too(self, relay: Relay) -> None:
        assert relay.request("GET", "/nothing", headers=BROWSER).text.startswith("<!doctype html>")


class TestPreflight:
    def ask(self, relay: Relay, origin: str, form_id: str = "newsletter") -> Answer:
        return relay.request("OPTIONS", f"/forms/{form_id}", headers={"origin": origin})

    def test_an_allowed_page_may_post(self, relay: Relay) -> None:
        answer = self.ask(relay, ORIGIN)
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["vary"] == "Origin"
        assert "POST" in answer.headers["access-control-allow-methods"]
        assert "idempotency-key" in answer.headers["access-control-allow-headers"]

    def test_any_other_may_not(self, relay: Relay) -> None:
        answer = self.ask(relay, "https://evil.example")
        assert answer.status == 403
        assert "access-control-allow-origin" not in answer.headers

    def test_an_open_form_allows_each_by_its_name(self, relay: Relay) -> None:
        relay.form("newsletter", newsletter(origins='["*"]'))
        assert self.ask(relay, "https://any.example").headers["access-control-allow-origin"] == "https://any.example"

    @pytest.mark.parametrize(("form_id", "status"), [("unknown", 404), ("broken", 503)])
    def test_a_form_that_does_not_work_says_so(self, relay: Relay, form_id: str, status: int) -> None:
        relay.form("broken", "title = 7")
        assert self.ask(relay, ORIGIN, form_id).status == status


class TestForms:
    def test_one_broken_form_never_takes_the_others_down(self, relay: Relay) -> None:
        relay.form("broken", newsletter().replace('"pulse"', '"pulses"'))
        assert relay.post("broken", ADA).status == 503
        assert delivered(relay).status == 200

    def test_a_mended_form_works_at_once(self, relay: Relay) -> None:
        assert broken(relay).status == 503
        relay.form("newsletter", newsletter())
        assert delivered(relay).status == 200

    def test_a_form_open_to_any_caller_needs_no_origin(self, relay: Relay) -> None:
        relay.form("newsletter", newsletter(origins='["*"]'))
        assert relay.post("newsletter", ADA, headers={"origin": None}).status == 200

    def test_fields_that_the_form_does_not_define_are_dropped(self, relay: Relay) -> None:
        relay.twins["pulse"].stop()
        assert relay.post("newsletter", {**ADA, "first_name": "Ada", "role": "admin"}).status == 202
        assert relay.queued()[0]["submission"]["contact"] == ADA

    def test_a_bad_optional_field_costs_no_sign_up_where_the_form_says_so(self, relay: Relay) -> None:
        field = '[fields.mobile]\ntype = "phone"\nmaps_to = "phone"\non_invalid = "drop"\n'
        relay.form("newsletter", newsletter(fields=EMAIL + field))
        relay.twins["pulse"].stop()
        assert relay.post("newsletter", {**ADA, "mobile": "no"}).status == 202
        assert relay.queued()[0]["submission"]["contact"] == ADA

    def test_without_on_invalid_it_is_an_error(self, relay: Relay) -> None:
        relay.form("newsletter", newsletter(fields=EMAIL + '[fields.mobile]\ntype = "phone"\nmaps_to = "phone"\n'))
        assert relay.post("newsletter", {**ADA, "mobile": "no"}).json["errors"][0]["code"] == "invalid_phone"

    def test_a_required_tick_must_be_there(self, relay: Relay) -> None:
        relay.form("newsletter", newsletter(fields=EMAIL + NEWS.replace("version", "required = true\nversion")))
        for values in ({**ADA}, {**ADA, "news": False}):
            assert relay.post("newsletter", values).json["errors"] == [
                {"field": "news", "code": "required", "message": "Please tick this box."}
            ]

    def test_every_destination_is_served_before_the_answer(self, relay: Relay) -> None:
        relay.form("newsletter", newsletter(more=PULSE.replace("pulse-us", "pulse-eu")))
        relay.secret("pulse-eu", {"base_url": "http://127.0.0.1:9", "account_id": "a", "api_token": "t"})
        answer = relay.post("newsletter", ADA)
        assert (answer.status, answer.json["status"]) == (202, "accepted")
        assert [message["destination"] for message in relay.queued()] == ["pulse-eu"]


class TestIdempotency:
    def test_the_same_key_gets_the_first_answer(self, relay: Relay) -> None:
        answers = [relay.post("newsletter", ADA, headers={"idempotency-key": "k"}) for _ in range(2)]
        assert answers[0].json == answers[1].json
        assert len(relay.twins["pulse"].writes()) == 1

    def test_the_same_values_get_the_first_answer(self, relay: Relay) -> None:
        first, second = delivered(relay), relay.post("newsletter", {**ADA, "unknown": 1}, ip="198.51.100.1")
        assert first.json == second.json
        assert len(relay.twins["pulse"].writes()) == 1

    @pytest.mark.parametrize("boxes", [{"events": True}, {"news": True, "events": True}])
    def test_another_consent_of_the_same_channel_is_another_sign_up(self, relay: Relay, boxes: dict[str, bool]) -> None:
        box = '[fields.{}]\ntype = "consent"\ngrants = ["email"]\nstatement = "{}"\nversion = "1"\n'
        relay.form("boxes", newsletter(fields=EMAIL + box.format("news", "News.") + box.format("events", "Events.")))
        first, second = (
            relay.post("boxes", {"email": "bob@example.com", **ticked}) for ticked in ({"news": True}, boxes)
        )
        assert first.json["submissionId"] != second.json["submissionId"]
        assert len(relay.items("consent#")) == 2
        keyed = [
            relay.post("boxes", {"email": "eve@example.com", **ticked}, headers={"idempotency-key": "k"}).status
            for ticked in ({"news": True}, boxes)
        ]
        assert keyed == [200, 409]

    def test_an_answer_of_accepted_is_repeated_as_it_was(self, relay: Relay) -> None:
        first = queued(relay)
        relay.twins["pulse"].start()
        second = relay.post("newsletter", ADA)
        assert (second.status, second.json) == (202, first.json)
        assert len(relay.queued()) == 1

    def test_a_second_waits_for_a_first_that_is_under_way(self, relay: Relay) -> None:
        pulse = relay.twins["pulse"]
        pulse.options.latency = 0.4
        with ThreadPoolExecutor() as threads:
            first = threads.submit(relay.post, "newsletter", ADA)
            while not pulse.requests:
                threading.Event().wait(0.01)
            second = threads.submit(relay.post, "newsletter", ADA)
            assert first.result().json == second.result().json
        assert len(pulse.writes()) == 1

    def test_what_was_not_accepted_is_not_remembered(self, relay: Relay) -> None:
        assert unqueued(relay).status == 503
        relay.twins["pulse"].start()
        assert delivered(relay).status == 200


class TestOutages:
    """Acknowledged means safe, whichever service fails."""

    def test_without_the_ledger_everything_is_queued_and_nothing_delivered_unguarded(self, relay: Relay) -> None:
        with gone("dynamodb"):
            answer = delivered(relay)
        assert (answer.status, answer.json["status"]) == (202, "accepted")
        assert len(relay.queued()) == 1
        assert relay.twins["pulse"].requests == []

    def test_without_secrets_too(self, relay: Relay) -> None:
        with gone("secrets-manager"):
            assert delivered(relay).status == 202

    def test_without_ledger_and_queue_nothing_is_accepted(self, relay: Relay) -> None:
        with gone("dynamodb", "sqs"):
            answer = delivered(relay)
        assert answer.status == 503
        assert answer.headers["retry-after"] == "5"

    def test_no_queue_is_needed_while_every_vendor_answers(self, relay: Relay) -> None:
        with gone("sqs"):
            assert delivered(relay).status == 200

    def test_no_time_left_is_no_reason_to_lose_anything(self, relay: Relay) -> None:
        relay.clock.seconds = 5
        assert delivered(relay).status == 202
        assert len(relay.queued()) == 1


@pytest.mark.parametrize("name", ["LEDGER_TABLE", "RETRY_QUEUE_URL", "DEAD_LETTER_QUEUE_URL"])
def test_a_missing_variable_names_itself(relay: Relay, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(ConfigurationError, match=f"environment variable {name}"):
        lambda_handler(event("submit-json"), relay.clock)  # type: ignore[arg-type]


def test_a_malformed_variable_names_itself_without_its_value(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIVERY_BUDGET_SECONDS", "eight-of-them")
    with pytest.raises(ConfigurationError, match="DELIVERY_BUDGET_SECONDS") as wrong:
        lambda_handler(event("submit-json"), relay.clock)  # type: ignore[arg-type]
    assert "eight" not in str(wrong.value)


def test_the_description_is_served(relay: Relay) -> None:
    answer = relay.request("GET", "/openapi.json")
    assert answer.status == 200
    assert json.loads(answer.text)["openapi"] == "3.1.0"
