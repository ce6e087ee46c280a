from __future__ import annotations

from tests.functional.relay import Relay

NEWSLETTER = """
title = "Newsletter"
allowed_origins = ["https://www.example.com"]

[fields.email]
type = "email"
required = true

[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"

[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
"""


def test_a_sign_up_is_delivered(relay: Relay) -> None:
    relay.form("newsletter", NEWSLETTER)
    pulse = relay.twin("pulse", "pulse-us")
    answer = relay.post("newsletter", {"email": "ada@example.com"})
    assert answer.status == 200, answer.text
    assert len(pulse.contacts()) == 1
    pulse.stop()
    answer = relay.post("newsletter", {"email": "bob@example.com"})
    assert answer.status == 202
    assert len(relay.queued()) == 1
    pulse.start()
    assert relay.retry_waiting() == []
    assert len(pulse.contacts()) == 2
