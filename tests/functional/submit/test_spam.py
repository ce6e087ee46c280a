"""Suspected spam: bots are answered like people, people are told what to do, and nothing is destroyed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from typing import Any

import pytest

from functions.submit.handler import application
from functions.submit.screening.captcha import LEAST_SECONDS, SERVICES
from functions.submit.screening.suspects import MAX_BOT_BYTES
from functions.submit.screening.time_token import TimeTokens
from shared.composition import ENQUEUE_RESERVE_SECONDS
from shared.forms.definition import CaptchaKind
from shared.settings import Settings
from tests.functional.submit.form_texts import EMAIL, newsletter
from tests.functional.submit.verifier import Verifier
from tests.support.outages import gone
from tests.support.relay import ORIGIN, Answer, Relay
from tests.support.waiting import eventually

ADA = {"email": "ada@example.com"}
RESPONSE = {"cf-turnstile-response": "a-response"}


def guarded_by(relay: Relay, spam: str, top: str = "") -> None:
    relay.form("newsletter", newsletter(top, EMAIL, f"[spam]\n{spam}"))
    relay.twin("pulse", "pulse-us")


def delivered(relay: Relay) -> int:
    return len(relay.twins["pulse"].writes())


def suspected(answer: Answer) -> bool:
    return answer.status == 403 and bool(answer.json["type"].endswith(":spam-suspected"))


class TestHoneypot:
    @pytest.fixture(autouse=True)
    def form(self, relay: Relay) -> None:
        guarded_by(relay, 'honeypot = "website"')

    def test_an_empty_one_is_no_suspicion(self, relay: Relay) -> None:
        assert relay.post("newsletter", {**ADA, "website": " "}).status == 200
        assert delivered(relay) == 1

    @pytest.mark.parametrize("value", [0, False, "0", ["x"]])
    def test_a_bot_that_fills_in_nought_or_no_has_filled_it(self, relay: Relay, value: object) -> None:
        relay.post("newsletter", {**ADA, "website": value})
        assert delivered(relay) == 0
        assert len(relay.items("quarantine#")) == 1

    @pytest.mark.parametrize("value", [None, "", "  "])
    def test_null_and_empty_text_leave_it_empty(self, relay: Relay, value: object) -> None:
        relay.post("newsletter", {**ADA, "website": value})
        assert delivered(relay) == 1

    def test_a_bot_cannot_fill_the_quarantine_with_long_texts(self, relay: Relay) -> None:
        relay.post("newsletter", {"email": "x" * 30_000, "website": "y" * 30_000})
        (item,) = relay.items("quarantine#")
        assert len(item["submitted"]) <= MAX_BOT_BYTES
        assert json.loads(item["submitted"])["website"][0].startswith("yyy")

    def test_a_filled_one_is_answered_exactly_like_success(self, relay: Relay) -> None:
        human = relay.post("newsletter", ADA)
        bot = relay.post("newsletter", {**ADA, "website": "spam.example"})
        assert bot.status == human.status == 200
        assert bot.headers == human.headers
        assert bot.json.keys() == human.json.keys()
        assert bot.json["status"] == human.json["status"]
        assert delivered(relay) == 1

    def test_a_browser_is_sent_on_like_anybody(self, relay: Relay) -> None:
        human = relay.post("newsletter", ADA, urlencoded=True)
        bot = relay.post("newsletter", {**ADA, "website": "x"}, urlencoded=True)
        assert (bot.status, bot.text) == (human.status, human.text)

    def test_what_was_sent_is_kept_for_thirty_days(self, relay: Relay) -> None:
        bot = relay.post("newsletter", {**ADA, "website": "spam.example", "other": "x"})
        (item,) = relay.items("quarantine#")
        assert item["id"] == f"quarantine#{bot.json['submissionId']}"
        assert (item["form"], item["reason"]) == ("newsletter", "honeypot")
        assert json.loads(item["submitted"]) == {"email": ["ada@example.com"], "website": ["spam.example"]}, (
            "others, of no field, are dropped"
        )
        assert item["page"] == f"{ORIGIN}/news"
        assert len(item["people"]) == 1, "an erasure finds it"
        assert abs(item["expiration"] - time.time() - 30 * 86_400) < 3600

    def test_an_invalid_sign_up_is_kept_too(self, relay: Relay) -> None:
        assert relay.post("newsletter", {"email": "nonsense", "website": "x"}).status == 200
        (item,) = relay.items("quarantine#")
        assert "people" not in item

    def test_a_repeated_one_is_kept_once_under_one_id(self, relay: Relay) -> None:
        answers = [relay.post("newsletter", {**ADA, "website": "x"}) for _ in range(2)]
        assert answers[0].json == answers[1].json
        assert len(relay.items("quarantine#")) == 1

    def test_it_does_not_answer_for_the_person_whose_data_a_bot_used(self, relay: Relay) -> None:
        relay.post("newsletter", {**ADA, "website": "x"})
        assert relay.post("newsletter", ADA).status == 200
        assert delivered(relay) == 1

    def test_what_cannot_be_kept_is_not_accepted(self, relay: Relay) -> None:
        with gone("dynamodb"):
            assert relay.post("newsletter", {**ADA, "website": "x"}).status == 503


class TestTimeToken:
    @pytest.fixture(autouse=True)
    def form(self, relay: Relay) -> None:
        guarded_by(relay, "min_seconds = 1")

    @staticmethod
    def token(relay: Relay, form_id: str = "newsletter", origin: str = ORIGIN) -> Answer:
        return relay.request("GET", f"/forms/{form_id}/token", headers={"origin": origin})

    def test_a_token_is_issued_to_allowed_pages(self, relay: Relay) -> None:
        answer = self.token(relay)
        assert answer.status == 200
        assert answer.json.keys() == {"token", "minSeconds"}
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["cache-control"] == "no-store"

    def test_a_token_is_issued_to_nobody_else(self, relay: Relay) -> None:
        assert self.token(relay, origin="https://evil.example").status == 403
        assert self.token(relay, form_id="unknown").status == 404

    def test_a_page_of_the_relays_own_origin_sends_none(self, relay: Relay) -> None:
        answer = relay.request("GET", "/forms/newsletter/token")
        assert answer.status == 200
        assert "access-control-allow-origin" not in answer.headers

    def test_without_the_key_no_token_is_issued(self, relay: Relay) -> None:
        with gone("secrets-manager"):
            assert self.token(relay).status == 503

    def test_a_token_that_cannot_be_checked_stops_nobody(self, relay: Relay) -> None:
        with gone("secrets-manager"):
            assert relay.post("newsletter", {**ADA, "_token": f"1795256071000.{'0' * 32}"}).status == 202

    def test_a_token_old_enough_is_no_suspicion(self, relay: Relay) -> None:
        people = application(Settings.from_environment(os.environ)).signups.limits.people
        token = TimeTokens(people, lambda: time.time() - 2).issue("newsletter")
        assert relay.post("newsletter", {**ADA, "_token": token}).status == 200
        assert delivered(relay) == 1

    @pytest.mark.parametrize(
        "token", ["forged", "1.", ".", "1750000000." + "0" * 32, "9" * 40, "1750000000.ä", True, ["a"]]
    )
    def test_a_forged_one_is_answered_like_success_and_kept(self, relay: Relay, token: Any) -> None:
        answer = relay.post("newsletter", {**ADA, "_token": token})
        assert (answer.status, answer.json["status"]) == (200, "delivered")
        assert delivered(relay) == 0
        assert [item["reason"] for item in relay.items("quarantine#")] == ["token-forged"]

    def test_a_token_too_young_is_answered_like_success_and_kept(self, relay: Relay) -> None:
        guarded_by(relay, "min_seconds = 600")
        answer = relay.post("newsletter", {**ADA, "_token": self.token(relay).json["token"]})
        assert answer.status == 200
        assert delivered(relay) == 0
        assert [item["reason"] for item in relay.items("quarantine#")] == ["token-too-young"]

    def test_a_missing_token_is_kept_and_the_visitor_is_told(self, relay: Relay) -> None:
        assert suspected(relay.post("newsletter", ADA))
        assert [item["reason"] for item in relay.items("quarantine#")] == ["token-missing"]

    def test_a_browser_without_a_script_is_told_on_a_page(self, relay: Relay) -> None:
        answer = relay.post("newsletter", ADA, urlencoded=True)
        assert answer.status == 403
        assert answer.headers["content-type"].startswith("text/html")

    def test_a_token_of_another_form_is_forged(self, relay: Relay) -> None:
        relay.form("other", newsletter("", EMAIL, "[spam]\nmin_seconds = 1"))
        relay.post("newsletter", {**ADA, "_token": self.token(relay, "other").json["token"]})
        assert [item["reason"] for item in relay.items("quarantine#")] == ["token-forged"]


class TestCaptcha:
    @pytest.fixture
    def verifier(self, relay: Relay) -> Iterator[Verifier]:
        guarded_by(relay, 'captcha = "turnstile"')
        with Verifier() as verifier:
            relay.secret("captcha", {"secret": "captcha-secret", "url": verifier.url})
            yield verifier

    @pytest.mark.parametrize("kind", SERVICES)
    def test_each_service_has_its_own_field(self, relay: Relay, verifier: Verifier, kind: CaptchaKind) -> None:
        guarded_by(relay, f'captcha = "{kind}"')
        assert relay.post("newsletter", {**ADA, SERVICES[kind].field: "a-response"}).status == 200
        assert verifier.asked == [{"secret": ["captcha-secret"], "response": ["a-response"]}]

    @pytest.mark.parametrize(
        "answer",
        [
            {"success": False, "error-codes": ["timeout-or-duplicate"]},
            {"success": False, "error-codes": "x"},
            {"success": False},
            {"success": True, "score": 0.1},
            {"success": True, "score": None},
        ],
    )
    def test_a_failed_one_is_kept_and_the_visitor_is_told(
        self, relay: Relay, verifier: Verifier, answer: object
    ) -> None:
        verifier.answer = answer
        assert suspected(relay.post("newsletter", {**ADA, **RESPONSE}))
        assert delivered(relay) == 0
        assert [item["reason"] for item in relay.items("quarantine#")] == ["captcha"]

    @pytest.mark.parametrize("values", [{}, {"cf-turnstile-response": ""}, {"cf-turnstile-response": ["a"]}])
    def test_a_missing_response_needs_no_verifier(
        self, relay: Relay, verifier: Verifier, values: dict[str, Any]
    ) -> None:
        assert suspected(relay.post("newsletter", {**ADA, **values}))
        assert verifier.asked == []

    def test_a_high_score_passes(self, relay: Relay, verifier: Verifier) -> None:
        verifier.answer = {"success": True, "score": 0.9}
        assert relay.post("newsletter", {**ADA, **RESPONSE}).status == 200

    def test_a_repeated_sign_up_does_not_spend_the_response_twice(self, relay: Relay, verifier: Verifier) -> None:
        first = relay.post("newsletter", {**ADA, **RESPONSE})
        verifier.answer = {"success": False, "error-codes": ["timeout-or-duplicate"]}
        second = relay.post("newsletter", {**ADA, **RESPONSE})
        assert (second.status, second.json) == (200, first.json)
        assert len(verifier.asked) == 1

    def test_a_typing_mistake_does_not_spend_the_response(self, relay: Relay, verifier: Verifier) -> None:
        assert relay.post("newsletter", {"email": "ada@", **RESPONSE}).status == 422
        assert verifier.asked == []
        assert relay.post("newsletter", {**ADA, **RESPONSE}).status == 200

    @pytest.mark.parametrize(
        ("status", "answer"),
        [
            (500, {}),
            (302, {}),
            (200, {}),
            (200, []),
            (200, {"success": "yes"}),
            (200, {"success": False, "error-codes": ["invalid-input-secret"]}),
            (200, {"success": False, "error-codes": [7, "internal-error"]}),
        ],
    )
    def test_while_the_verifier_cannot_tell_sign_ups_are_kept_for_a_person_to_decide(
        self, relay: Relay, verifier: Verifier, status: int, answer: object
    ) -> None:
        verifier.status, verifier.answer = status, answer
        accepted = relay.post("newsletter", {**ADA, **RESPONSE})
        assert (accepted.status, accepted.json["status"]) == (202, "accepted")
        (item,) = relay.items("quarantine#")
        assert (item["reason"], item["id"]) == ("captcha-unavailable", f"quarantine#{accepted.json['submissionId']}")
        assert (delivered(relay), relay.queued()) == (0, [])

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 422, 429])
    def test_a_verifier_that_refuses_what_the_caller_sent_lets_nobody_through(
        self, relay: Relay, verifier: Verifier, status: int
    ) -> None:
        verifier.status = status
        assert suspected(relay.post("newsletter", {**ADA, **RESPONSE}))
        assert delivered(relay) == 0

    def test_a_response_longer_than_any_verifier_gives_fails_without_being_sent_on(
        self, relay: Relay, verifier: Verifier
    ) -> None:
        assert suspected(relay.post("newsletter", {**ADA, "cf-turnstile-response": "x" * 2049}))
        assert verifier.asked == []
        assert relay.post("newsletter", {**ADA, "cf-turnstile-response": "x" * 2048}).status == 200

    def test_without_time_to_ask_nothing_is_accepted(self, relay: Relay, verifier: Verifier) -> None:
        relay.clock.seconds = ENQUEUE_RESERVE_SECONDS + LEAST_SECONDS / 2
        assert relay.post("newsletter", {**ADA, **RESPONSE}).status == 503
        assert (delivered(relay), relay.queued(), verifier.asked) == (0, [], [])

    def test_a_crowd_of_identical_requests_is_not_let_through(
        self, relay: Relay, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Given one under way; when many more come; then two wait, the others are told so, and nobody gets past."""
        monkeypatch.setenv("DELIVERY_BUDGET_SECONDS", "20")
        monkeypatch.setattr("functions.submit.screening.captcha.MAX_SECONDS", 20)
        verifier.answer = {"success": False}
        verifier.released.clear()
        with ThreadPoolExecutor() as threads:
            first = threads.submit(relay.post, "newsletter", {**ADA, **RESPONSE})
            eventually(lambda: verifier.asked)
            crowd = [threads.submit(relay.post, "newsletter", {**ADA, **RESPONSE}) for _ in range(6)]
            turned_away = [done.result().status for done in islice(as_completed(crowd, timeout=20), 4)]
            verifier.released.set()
            statuses = [answer.result(20).status for answer in [first, *crowd]]
        assert turned_away == [503] * 4
        assert 200 not in statuses
        assert (delivered(relay), relay.queued()) == (0, [])

    def test_a_verifier_that_does_not_answer_keeps_nobody_waiting_for_long(
        self, relay: Relay, verifier: Verifier
    ) -> None:
        verifier.released.clear()
        assert relay.post("newsletter", {**ADA, **RESPONSE}).status == 202
        assert [item["reason"] for item in relay.items("quarantine#")] == ["captcha-unavailable"]

    def test_a_form_may_accept_with_a_flag_while_the_verifier_is_away(
        self,
        relay: Relay,
        verifier: Verifier,
        capsys: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        spam = '[spam]\ncaptcha = "turnstile"\ncaptcha_unavailable = "accept"'
        relay.form("newsletter", newsletter(more=spam))
        relay.twin("pulse", "pulse-us")
        verifier.status = 500
        assert relay.post("newsletter", {**ADA, "news": True, **RESPONSE}).status == 200
        said = [vars(record) for record in caplog.records if record.getMessage() == "accepted"]
        assert [line["flags"] for line in said] == [["captcha-unverified"]]
        (receipt,) = relay.items("consent#")
        assert json.loads(receipt["receipt"])["flags"] == ["captcha-unverified"]
        assert '"CaptchaUnverified":[1.0]' in capsys.readouterr().out

    @pytest.mark.parametrize("secret", [{}, {"secret": ""}, {"secret": "x", "url": "http://captcha.example/"}])
    def test_without_a_usable_secret_sign_ups_are_kept_too(
        self, relay: Relay, verifier: Verifier, secret: dict[str, str]
    ) -> None:
        relay.secret("captcha", secret)
        assert relay.post("newsletter", {**ADA, **RESPONSE}).status == 202
        assert len(relay.items("quarantine#")) == 1
        assert verifier.asked == []

    def test_a_form_may_refuse_while_the_verifier_is_away(self, relay: Relay, verifier: Verifier) -> None:
        guarded_by(relay, 'captcha = "turnstile"\ncaptcha_unavailable = "refuse"')
        verifier.status = 500
        answer = relay.post("newsletter", {**ADA, **RESPONSE})
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        verifier.status = 200
        assert relay.post("newsletter", {**ADA, **RESPONSE}).status == 200, "nothing was accepted, nothing remembered"

    def test_without_the_ledger_the_captcha_still_counts(self, relay: Relay, verifier: Verifier) -> None:
        with gone("dynamodb"):
            assert relay.post("newsletter", {**ADA, **RESPONSE}).status == 202
            verifier.answer = {"success": False}
            assert relay.post("newsletter", {"email": "bot@example.com", **RESPONSE}).status == 503, "cannot be kept"


class TestOrder:
    def test_the_rate_limit_comes_before_the_honeypot(self, relay: Relay) -> None:
        guarded_by(relay, 'honeypot = "website"', 'rate_limit = "1/minute"')
        bots = [relay.post("newsletter", {**ADA, "website": f"{n}"}) for n in range(2)]
        assert [bot.status for bot in bots] == [200, 429]
        assert int(bots[1].headers["retry-after"]) in range(1, 61)
        assert relay.post("newsletter", ADA, ip="198.51.100.1").status == 200, "another caller"

    def test_the_honeypot_comes_before_the_token_and_the_captcha(self, relay: Relay) -> None:
        guarded_by(relay, 'honeypot = "website"\nmin_seconds = 1\ncaptcha = "turnstile"')
        assert relay.post("newsletter", {**ADA, "website": "x"}).status == 200
        assert [item["reason"] for item in relay.items("quarantine#")] == ["honeypot"]

    def test_the_token_comes_before_the_captcha(self, relay: Relay) -> None:
        guarded_by(relay, 'min_seconds = 1\ncaptcha = "turnstile"')
        assert suspected(relay.post("newsletter", ADA))
        assert [item["reason"] for item in relay.items("quarantine#")] == ["token-missing"]
