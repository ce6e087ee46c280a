"""The relay's fixed phrases, in words for people who see them for the first time."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "unavailable": "the vendor cannot be reached",
    "circuit-open": "left alone, its circuit is open",
    "outcome-unknown": "no answer: the write may have been made",
    "look-again": "waits until an unclear write can be looked up",
    "rate-limited": "the vendor asked for fewer calls",
    "paced": "the destination's own pace",
    "busy": "another delivery of this person is under way",
    "out-of-time": "no time left",
    "not-understood": "the answer was not understood",
    "forbidden": "refused for now",
    "credentials": "the key does not work",
    "secrets-unavailable": "the secret cannot be read",
    "ledger-unavailable": "the ledger cannot be reached",
    "defect": "a defect of the relay",
    "refused": "the vendor refused it",
    "misconfigured": "the form or the connection is wrong",
    "ambiguous": "several contacts match this person",
    "condition": "its condition does not hold",
    "no-identity": "nothing to know the person by",
    "honeypot": "a bot filled the honeypot",
    "captcha": "the captcha was not solved",
    "captcha-unavailable": "the captcha could not be checked",
}

SUPERSEDED = "a newer sign-up of this person was delivered first"
"""Why nothing was left to deliver; the log gives no reason for it."""


def in_words(reason: str) -> str:
    """Return a reason in words; one that has none, as it is."""
    tried = reason.removeprefix("exhausted-")
    words = REASONS.get(tried, tried.replace("-", " "))
    return words if tried == reason else f"given up: {words}"


def seconds_in_words(seconds: float) -> str:
    """Return a span such as `0.21 s`, `12.4 s` or `3 min 5 s`."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
