"""Whether a list field's default grants consent: `DefaultValue` fills what is absent [DOC], so silence may say yes.

Which words mean yes and no is assumed; `no_values` of a form file adds others.
"""

from __future__ import annotations

from collections.abc import Collection

from shared.contact import Value
from shared.vendors.matching import fold
from shared.vendors.payload import as_text

_YES = frozenset(
    {
        "1",
        "true",
        "t",
        "yes",
        "y",
        "on",
        "subscribe",
        "subscribed",
        "active",
        "accepted",
        "agreed",
        "granted",
        "consent",
    }
    | {"consented", "opt-in", "opt in", "optin", "opted-in", "opted in"}
)
_NO = frozenset(
    {"0", "false", "f", "no", "n", "off", "none", "null", "n/a", "na", "-", "unknown", "never", "not given", "not set"}
    | {"unsubscribe", "unsubscribed", "inactive", "declined", "refused", "denied", "no consent"}
    | {"opt-out", "opt out", "optout", "opted-out", "opted out"}
)


def says_yes(default: str) -> bool:
    """Whether a default is a word for yes: so may be a consent of which nothing else is known."""
    return fold(default) in _YES


def grants_by_default(default: str, consent_value: Value, no_values: Collection[str]) -> bool:
    """Whether a consent field that is left to its default would say yes.

    Args:
        default: the field's `DefaultValue`; an empty one fills nothing.
        consent_value: what a granted consent writes. A "no" (an opt-out field) turns the meaning of the words round.
        no_values: what the form file takes for "no".
    """
    said, yes = fold(default), fold(as_text(consent_value))
    if not said or said in {fold(value) for value in no_values}:
        return False
    if said == yes:
        return True
    if yes in _NO:
        return said not in _YES
    return not (said in _NO or (yes not in _YES and said not in _YES))
