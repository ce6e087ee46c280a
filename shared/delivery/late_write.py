"""The late-write guard: what an older sign-up may still write after a newer one was delivered. Pure.

Order is by `Stamp`. Within one form a newer sign-up replaces the older one whole; between forms the newer value of each
field wins, and the older form's own fields are still worth writing.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping

from shared.submission import Stamp

Written = Mapping[str, str]
"""Name → the stamp, as text, of the sign-up that wrote it."""


class Standing(enum.Enum):
    """How a sign-up compares with the newest one its form has delivered for this person."""

    NEWER = "newer"
    SAME = "same"
    OLDER = "older"


def standing(form: str, stamp: Stamp, newest_by_form: Written) -> Standing:
    """Compare `stamp` with the newest delivered sign-up of the same form."""
    newest = newest_by_form.get(form, "")
    if newest == str(stamp):
        return Standing.SAME
    return Standing.OLDER if newest > str(stamp) else Standing.NEWER


def stale(fields: Iterable[str], stamp: Stamp, written: Written) -> frozenset[str]:
    """Return the fields whose stored value comes from a newer sign-up."""
    return frozenset(name for name in fields if written.get(name, "") > str(stamp))


def stamped(fields: Iterable[str], stamp: Stamp, written: Written) -> dict[str, str]:
    """Return `written` with `fields` stamped; a stamp never goes back."""
    return {**written, **{name: max(str(stamp), written.get(name, "")) for name in fields}}
