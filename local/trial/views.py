"""What a twin holds of a person, in one vocabulary for all vendors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.twins.server import Twin


@dataclass(frozen=True)
class View:
    """One contact at one vendor; None is what this vendor is not told, or does not say."""

    address: str
    """The e-mail address, or the phone number where the vendor knows people by that."""
    first_name: str
    last_name: str | None
    subscribed: bool | None = None


def _pulse(contact: Any) -> View:
    (email,) = contact["emails"]
    return View(
        email["emailAddress"], contact.get("firstName", ""), contact.get("lastName", ""), email.get("isSubscribed")
    )


def _which50(contact: Any) -> View:
    values = contact["Values"]
    return View(values["Email"], values.get("FirstName", ""), None, values.get("EmailConsent") == "true")


def _higherlogic(contact: Any) -> View:
    details = contact["ContactDetails"]
    return View(details["PrimaryEmailAddress"], details["FirstName"], details["LastName"], not details["DoNotEmail"])


def _esputnik(contact: Any) -> View:
    (channel,) = contact["channels"]
    return View(channel["value"], contact["firstName"] or "", contact["lastName"] or "")


def _whautomate(contact: Any) -> View:
    first, _, last = contact["name"].partition(" ")
    return View(contact["phoneNumber"], first, last)


_VIEWS: dict[str, Callable[[Any], View]] = {
    "pulse": _pulse,
    "which50": _which50,
    "higherlogic": _higherlogic,
    "esputnik": _esputnik,
    "whautomate": _whautomate,
}


def views(twin: Twin) -> list[View]:
    """Return all contacts that a twin holds."""
    return [_VIEWS[twin.vendor](contact) for contact in twin.contacts()]
