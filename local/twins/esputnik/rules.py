"""What eSputnik refuses in a contact, and when it takes two requests for the same one."""

import re
from collections import Counter, deque
from typing import Any

from local.twins.messages import Record, RefusedError

CHANNELS = ("email", "sms", "viber", "mobilepush", "webpush")
_MAX_PER_TYPE = 2  # "at most two of the same type", contact object
_FORM_TYPE_FORBIDS = frozenset("<>;,^?!/\\|'\"`\u2018\u2019\u201c\u201d")  # subscribe reference, `formType`
_NAME_FORBIDS = frozenset('~!@#$%^&*()_=+[{]}\\|;:,<>/?"')  # the vendor's WooCommerce connector
_NAME_SIZE = range(2, 41)
_NAME_DIGITS = 3


def check_contact(contact: Record, *, names: bool, sms_plus: bool) -> None:
    """Raise RefusedError (400) where a contact breaks a rule."""
    channels = contact.get("channels")
    if not isinstance(channels, list) or not channels:
        raise RefusedError(400, "At least one channel is required")
    for channel in channels:
        _check_channel(channel, sms_plus=sms_plus)
    for kind, number in Counter(channel["type"] for channel in channels).items():
        if number > _MAX_PER_TYPE:
            raise RefusedError(400, f"Contact has too many channels of type {kind}")
    for member in ("firstName", "lastName"):
        if names and member in contact and not _is_name(contact[member]):
            raise RefusedError(400, f"{member} is invalid")
    custom_values(contact)


def _check_channel(channel: Record, *, sms_plus: bool) -> None:
    kind, value = channel.get("type"), channel.get("value")
    if kind not in CHANNELS or not isinstance(value, str) or not value.strip():
        raise RefusedError(400, "Channel must have a known type and a value")
    if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise RefusedError(400, "Invalid email")
    if kind == "sms" and not re.fullmatch(r"\+?\d{7,15}" if sms_plus else r"\d{7,15}", value):
        raise RefusedError(400, "Invalid phone number")


def _is_name(name: object) -> bool:
    text = name if isinstance(name, str) else ""
    digits = sum(character.isdigit() for character in text)
    return (
        len(text) in _NAME_SIZE
        and digits <= _NAME_DIGITS
        and digits < len(text)
        and not _NAME_FORBIDS & set(text)
        and text.strip("-'") == text
    )


def custom_values(contact: Record) -> dict[int, Any]:
    """Return the custom fields by id, a number or its digits: the documentation's samples show both."""
    try:
        return {int(each["id"]): each.get("value") for each in contact.get("fields") or []}
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError(400, "fields.id must be a number") from error


def check_postcode(contact: Record) -> None:
    """Raise RefusedError (400) for a postcode that is not a number from 1 to 999999."""
    postcode = (contact.get("address") or {}).get("postcode")
    if postcode is not None and not re.fullmatch(r"0*[1-9]\d{0,5}", str(postcode)):
        raise RefusedError(400, "postcode is invalid")


def check_form_type(form_type: object) -> str:
    """Return the suffix of the event type; raise RefusedError (400) for a character that it must not have."""
    if not isinstance(form_type, str) or _FORM_TYPE_FORBIDS & set(form_type):
        raise RefusedError(400, "formType contains forbidden characters")
    return form_type


def check_names(names: object, member: str) -> list[str]:
    """Return a list of names; raise RefusedError (400) where it is not one."""
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise RefusedError(400, f"{member} must be an array of names")
    return names


class Repeats:
    """Requests of the last seconds: the same one again within the window is refused as a duplicate."""

    def __init__(self) -> None:
        self._kept_at: dict[object, float] = {}

    def check(self, key: object, now: float, window: float) -> None:
        """Raise RefusedError (409) for a repeat."""
        kept_at = self._kept_at.get(key)
        if kept_at is not None and now - kept_at < window:
            raise RefusedError(409, "Duplicated request")

    def keep(self, key: object, now: float) -> None:
        """Remember a request that was worked on; a refused one is not remembered."""
        self._kept_at[key] = now


class RateLimit:
    """Counts the calls of the last second."""

    def __init__(self) -> None:
        self._called_at: deque[float] = deque()

    def check(self, now: float, limit: int) -> None:
        """Raise RefusedError (429) above the limit, calls a second."""
        while self._called_at and now - self._called_at[0] >= 1:
            self._called_at.popleft()
        if len(self._called_at) >= limit:
            raise RefusedError(429, "Too many requests")
        self._called_at.append(now)
