"""Form files that tests of several rooms share."""

from __future__ import annotations

PULSE_AND_EMAIL = """
title = "News"
allowed_origins = ["https://www.example.com"]
[fields.email]
type = "email"
[[destinations]]
name = "pulse"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
"""
"""The smallest: an e-mail address for Pulse."""
