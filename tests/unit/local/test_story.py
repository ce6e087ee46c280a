"""The story that log lines tell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.pages.words import in_words, seconds_in_words
from local.story.entries import Note, SignUp
from local.story.story import KEPT_SIGN_UPS, Story

RECEIVED = 1_790_000_000.0


@pytest.fixture
def story() -> Story:
    return Story()


def tell(story: Story, message: str, second: float, **entries: Any) -> None:
    """Tell a line of `second` seconds after the sign-up was received."""
    stamp = f"2026-09-21T14:13:{20 + second:06.3f}+00:00"
    line = {"level": "INFO", "message": message, "timestamp": stamp, **entries}
    story.take(json.dumps(line, separators=(",", ":")).encode() + b"\n", RECEIVED)


def deliver(story: Story, second: float, outcome: str, reason: str | None = None, submission_id: str = "s1") -> None:
    tell(story, "delivery", second, submission_id=submission_id, destination="pulse-us", outcome=outcome, reason=reason)


def only_sign_up(story: Story) -> SignUp:
    (found,) = (entry for entry in story.latest(10) if isinstance(entry, SignUp))
    return found


def test_attempts_are_told_in_their_order_and_the_last_one_is_the_state(story: Story) -> None:
    deliver(story, 1, "queued", "unavailable")
    tell(story, "accepted", 2, submission_id="s1", form="newsletter", status="accepted")
    deliver(story, 9, "delivered")

    sign_up = only_sign_up(story)

    assert [(step.outcome, step.reason) for step in sign_up.deliveries["pulse-us"]] == [
        ("queued", "unavailable"),
        ("delivered", ""),
    ]
    assert sign_up.state_of("pulse-us") == "delivered"
    assert sign_up.received_at == RECEIVED


def test_the_screening_ended_before_the_first_vendor_call_began(story: Story) -> None:
    tell(
        story, "vendor call", 3, correlation_id="s1", vendor="pulse", operation="search", status=200, milliseconds=2500
    )

    assert only_sign_up(story).screened_at == pytest.approx(RECEIVED + 0.5)


def test_a_destination_without_a_line_of_its_own_is_queued_once_the_sign_up_is_accepted(story: Story) -> None:
    tell(story, "vendor call", 1, correlation_id="s1", vendor="pulse", operation="search", status=None, milliseconds=5)
    assert only_sign_up(story).state_of("pulse-us") == "under way"

    tell(story, "accepted", 2, submission_id="s1", form="newsletter", status="accepted")

    assert only_sign_up(story).state_of("pulse-us") == "queued"


def test_a_dead_letter_that_its_attempt_has_told_already_is_told_once(story: Story) -> None:
    deliver(story, 1, "parked", "refused")
    tell(story, "dead letter", 1, submission_id="s1", destination="pulse-us", reason="refused")

    assert len(only_sign_up(story).deliveries["pulse-us"]) == 1
    assert story.parked() == [("s1", "pulse-us")]


def test_a_replay_is_told_before_the_delivery_that_it_brought_about(story: Story) -> None:
    deliver(story, 1, "parked", "refused")
    deliver(story, 5, "delivered")

    story.replayed("s1", "pulse-us", at=RECEIVED + 3)

    assert [step.outcome for step in only_sign_up(story).deliveries["pulse-us"]] == ["parked", "replayed", "delivered"]
    assert story.parked() == []


@pytest.mark.parametrize(
    "line",
    [
        b'{"level":"INFO","message":"delivery","timest',  # its process was killed
        b'{"message":"delivery"}\n',
        b'{"message":"delivery","timestamp":"2026-09-21T14:13:20+00:00"}\n',
        b'"message":\n',
        b"\xff\xfe\n",
        b"Traceback (most recent call last):\n",
    ],
)
def test_a_line_that_cannot_be_read_is_no_part_of_the_story(story: Story, line: bytes) -> None:
    story.take(line, RECEIVED)

    assert story.latest(10) == []


@pytest.mark.parametrize(("before", "after", "good"), [("CLOSED", "OPEN", False), ("HALF_OPEN", "CLOSED", True)])
def test_a_circuit_that_opens_or_closes_is_a_note(story: Story, before: str, after: str, good: bool) -> None:
    tell(story, "circuit", 1, destination="yespo", before=before, after=after)

    (note,) = story.latest(10)
    assert isinstance(note, Note)
    assert (note.about, note.good) == ("yespo", good)


def test_the_probes_of_a_long_outage_do_not_crowd_the_sign_ups_out(story: Story) -> None:
    tell(story, "circuit", 1, destination="yespo", before="HALF_OPEN", after="OPEN")

    assert story.latest(10) == []


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/forms/newsletter", 422, b'{"submissionId": "s1"}'),
        ("/forms/newsletter", 200, b"<!doctype html>"),
        ("/forms/newsletter", 200, b"[]"),
        ("/openapi.json", 200, b'{"submissionId": "s1"}'),
    ],
)
def test_an_answer_that_names_no_accepted_sign_up_is_no_part_of_the_story(
    story: Story, path: str, status: int, body: bytes
) -> None:
    story.answered(path, status, body, RECEIVED)

    assert story.latest(10) == []


def test_the_oldest_sign_up_is_forgotten_first(story: Story) -> None:
    for number in range(KEPT_SIGN_UPS + 1):
        deliver(story, 1, "delivered", submission_id=f"s{number}")

    kept = {entry.id for entry in story.latest(2 * KEPT_SIGN_UPS) if isinstance(entry, SignUp)}

    assert len(kept) == KEPT_SIGN_UPS
    assert "s0" not in kept


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("unavailable", "the vendor cannot be reached"),
        ("exhausted-unavailable", "given up: the vendor cannot be reached"),
        ("some-new-reason", "some new reason"),
    ],
)
def test_reasons_are_told_in_words(reason: str, words: str) -> None:
    assert in_words(reason) == words


@pytest.mark.parametrize(("seconds", "words"), [(0.214, "0.21 s"), (12.44, "12.4 s"), (185.0, "3 min 5 s")])
def test_spans_are_told_in_words(seconds: float, words: str) -> None:
    assert seconds_in_words(seconds) == words


def test_a_page_of_a_foreign_origin_is_told_once_with_the_line_that_allows_it(story: Story) -> None:
    for second in (1, 2, 4):  # the page's script tries again
        tell(story, "refused", second, form="news", reason="origin-not-allowed", origin="http://localhost:8080")

    (note,) = story.latest(10)

    assert isinstance(note, Note)
    assert 'add "http://localhost:8080" to allowed_origins in forms/news.toml' in note.text


def test_a_page_that_was_opened_from_a_file_is_told_to_be_served(story: Story) -> None:
    tell(story, "refused", 1, form="news", reason="origin-not-allowed", origin=None)

    (note,) = story.latest(10)

    assert isinstance(note, Note)
    assert "python3 -m http.server" in note.text
