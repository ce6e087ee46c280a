"""Messages of the retry queue, as the code under test writes them: its own words, with another person in each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from benchmarks.setting import SUBMIT, Setting, sign_up


def queued_messages(setting: Setting, code: Path) -> Callable[[int], str]:
    """Return a maker of messages: number → body. The pattern is one sign-up that met a vendor that is down."""
    setting.control("messages")
    setting.control("vendor", status=503)
    try:
        with setting.sandbox(SUBMIT, code) as sandbox:
            answer = sandbox.invoke(sign_up(0)).payload
    finally:
        setting.control("vendor", status=200)
    pattern: str
    (pattern,) = setting.control("messages")
    submission_id: str = json.loads(answer["body"])["submissionId"]

    def body(number: int) -> str:
        return pattern.replace("person0@", f"person{number}@").replace(submission_id, f"{number:032x}")

    return body
