"""The protocol of `relay check --live`: what a vendor's check is given, and what it tells.

A check only reads at the vendor. The functions load neither this module nor any vendor's `live_check.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal, Protocol

from shared.contact import Channel
from shared.deadline import Deadline
from shared.errors import (
    Ambiguous,
    Forbidden,
    Misconfigured,
    NotFound,
    NotUnderstood,
    Refused,
    Unauthorized,
    VendorError,
)
from shared.http.vendor_http import VendorHttp

Result = Literal["fits", "wrong", "note", "untried"]
"""`wrong`: deliveries would fail or lose something. `note`: for a person to judge. `untried`: no call tells it."""


@dataclass(frozen=True, slots=True)
class CheckedDestination:
    """A destination of a form file, as a live check sees it.

    Attributes:
        connection: the secret.
        options: `[destinations.options]`.
        custom_fields: the vendor's fields that `[destinations.custom_fields]` names.
        values: contact attribute or `custom.<field>` → the values that the form allows, where it lists them.
        http, deadline: for the calls.
        granted: channels for which everybody who is delivered has given consent.
    """

    connection: Any
    options: Any
    custom_fields: Collection[str | int]
    values: Mapping[str, tuple[str, ...]]
    http: VendorHttp
    deadline: Deadline
    granted: frozenset[Channel] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found about one option, or about one answer of the vendor; never a value of a contact."""

    about: str
    result: Result
    text: str


@dataclass(slots=True)
class Findings:
    """Collects what a check finds."""

    all: list[Finding] = field(default_factory=list)

    def fits(self, about: str, text: str) -> None:
        """Add something that the vendor confirms."""
        self.all.append(Finding(about, "fits", text))

    def wrong(self, about: str, text: str) -> None:
        """Add something with which deliveries would fail or lose a part."""
        self.all.append(Finding(about, "wrong", text))

    def note(self, about: str, text: str) -> None:
        """Add something that a person should judge."""
        self.all.append(Finding(about, "note", text))

    def untried(self, about: str, text: str) -> None:
        """Add something that no call which only reads can tell."""
        self.all.append(Finding(about, "untried", text))

    @contextmanager
    def needed(self, about: str, *, not_found: str | None = None) -> Iterator[None]:
        """Make calls that deliveries make too; where one fails, add what it means and leave the rest out.

        Args:
            about: what the calls tell.
            not_found: what a 404 means.
        """
        try:
            yield
        except NotFound as error:
            self.wrong(about, not_found or f"deliveries would fail here: {_why(error)}")
        except VendorError as error:
            self.wrong(about, f"deliveries would fail here: {_why(error)}")

    @contextmanager
    def helpful(self, about: str) -> Iterator[None]:
        """Make calls that no delivery makes; where one fails, add that this was not tried and leave the rest out."""
        try:
            yield
        except VendorError as error:
            self.untried(about, _why(error))


class LiveCheck(Protocol):
    """One vendor's check."""

    def __call__(self, destination: CheckedDestination, found: Findings) -> None:
        """Read at the vendor and add what is found; raises nothing for what the vendor answers."""
        ...


def live_check_of(vendor: str) -> LiveCheck | None:
    """Return a vendor's check: `check` in its `live_check.py`, where it has one."""
    name = f"shared.vendors.{vendor}.live_check"
    try:
        check: LiveCheck = import_module(name).check
    except ModuleNotFoundError as error:
        if error.name and name.startswith(error.name):
            return None
        raise
    return check


def shown(text: Any) -> str:
    """Return a name from the vendor's configuration as a terminal may show it, quoted."""
    return f'"{"".join(filter(str.isprintable, str(text)))[:60]}"'


def listed(names: Collection[Any], most: int = 10) -> str:
    """Return names in quotes, and how many more there are."""
    more = [f"and {len(names) - most} more"] if len(names) > most else []
    return ", ".join([*map(shown, list(names)[:most]), *more]) or "none"


def _why(error: VendorError) -> str:
    status = f" (status {error.status})" if error.status is not None else ""
    match error:
        case Unauthorized() | Forbidden():
            return f"the credentials may not make the call{status}"
        case NotFound():
            return f"the call does not exist here{status}"
        case NotUnderstood():
            return f"its answer is not understood{status}"
        case Refused():
            return f"the vendor refused the call{status}"
        case Ambiguous() | Misconfigured():
            return f"{error.detail}{status}"
    return f"the call failed this time: {error.detail or 'no usable answer'}{status}"
