"""`Retry-After`, in either of its two spellings (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from email.utils import parsedate_to_datetime


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds to wait, or None when the header is absent or makes no sense.

    Args:
        value: seconds, or an HTTP date.
        now: seconds since the epoch, to measure a date against.
    """
    if not value:
        return None
    if value.isascii() and value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None
