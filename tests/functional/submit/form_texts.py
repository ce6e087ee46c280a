"""Form files for tests: one plain newsletter, to which a test adds what it is about."""

from __future__ import annotations

PULSE = """
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
"""

EMAIL = """
[fields.email]
type = "email"
required = true
"""

NEWS = """
[fields.news]
type = "consent"
grants = ["email", "sms"]
statement = "Send me news. I can stop at any time."
version = "2026-03"
"""

CHAT = """
[fields.phone]
type = "phone"
[[destinations]]
name = "chat"
vendor = "whautomate"
action = "upsert"
options = { location_id = "66f0c0ffee00000000000001" }
"""
"""A destination that knows people by their phone number."""


def newsletter(
    top: str = "", fields: str = EMAIL + NEWS, more: str = "", origins: str = '["https://www.example.com"]'
) -> str:
    """Return a form file: `top` stands among the first keys, `more` before the destination."""
    return f'title = "Newsletter"\nallowed_origins = {origins}\n{top}\n{fields}\n{more}\n{PULSE}'
