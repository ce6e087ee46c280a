"""The forms of a trial: every vendor, and every way in which two forms meet at one destination."""

from __future__ import annotations

from pathlib import Path

from local.twins.whautomate.twin import LOCATION_ID

ORIGIN = "https://www.example.com"

_HEAD = f"""
title = "Trial"
allowed_origins = ["{ORIGIN}"]
rate_limit = "off"
recipient_limit = "off"

[spam]
honeypot = "website"

[fields.email]
type = "email"
required = true
[fields.first_name]
type = "text"
required = true
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
"""
_LAST_NAME = """
[fields.last_name]
type = "text"
required = true
"""
_PHONE = """
[fields.phone]
type = "phone"
required = true
"""


def _destination(name: str, vendor: str, action: str, options: str) -> str:
    return f'[[destinations]]\nname = "{name}"\nvendor = "{vendor}"\naction = "{action}"\noptions = {{ {options} }}\n'


_PULSE = _destination("pulse-us", "pulse", "upsert", "source = 7")
_WHICH50 = _destination(
    "list",
    "which50",
    "upsert",
    'contact_list_id = 3, fields = { email = "Email", first_name = "FirstName", "consent.email" = "EmailConsent" }',
)
_SUBSCRIBE = _destination("yespo", "esputnik", "subscribe", 'form_type = "news", groups = ["News"]')
_CONFIRMED = _destination("yespo", "esputnik", "upsert", "")
_MEMBERS = _destination("members", "higherlogic", "upsert", 'lists = [{ id = "L1", name = "Members" }]')
_CHAT = _destination("chat", "whautomate", "upsert", f'location_id = "{LOCATION_ID}", tags = ["Newsletter"]')

FORMS = {
    "news": _HEAD + _PULSE + _SUBSCRIBE + _WHICH50,
    "members": _HEAD + _LAST_NAME + _PULSE + _CONFIRMED + _MEMBERS,
    "chat": _HEAD + _LAST_NAME + _PHONE + _PULSE + _CHAT,
}
DESTINATIONS = {
    "news": ("pulse-us", "yespo", "list"),
    "members": ("pulse-us", "yespo", "members"),
    "chat": ("pulse-us", "chat"),
}
VENDOR_OF = {
    "pulse-us": "pulse",
    "yespo": "esputnik",
    "list": "which50",
    "members": "higherlogic",
    "chat": "whautomate",
}
FIELDS = {
    "news": ("first_name",),
    "members": ("first_name", "last_name"),
    "chat": ("first_name", "last_name"),
}
"""What each form says of a person beside their addresses."""


def write_forms(folder: Path) -> Path:
    """Write the form files into `folder`."""
    folder.mkdir()
    for form_id, text in FORMS.items():
        (folder / f"{form_id}.toml").write_text(text)
    return folder
