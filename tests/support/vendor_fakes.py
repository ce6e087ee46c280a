"""What a vendor's action meets besides the vendor: memory, tasks, and an HTTP client that tests can watch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from local.twins.server import Twin
from shared.contact import Channel, Contact, Value
from shared.deadline import Deadline
from shared.http.vendor_http import VendorHttp
from shared.vendors.protocol import Action, Task
from shared.vendors.registry import ACTIONS

NOW = 1_750_000_000.0


@dataclass(frozen=True)
class FakeAttempt:
    at: float
    count: int
    lasted: float = 0.0

    @property
    def over(self) -> float:
        return self.at + self.lasted


@dataclass
class FakeMemory:
    """Satisfies `shared.vendors.protocol.Memory`; `now` is the clock that attempts are noted by."""

    contact_id: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    permanent: bool = False
    confirmed: bool = False
    now: float = NOW
    attempts: dict[tuple[str, str], FakeAttempt] = field(default_factory=dict)

    def attempted(self, operation: str, digest: str = "") -> FakeAttempt | None:
        return self.attempts.get((operation, digest))

    def lost(self, operation: str) -> dict[str, FakeAttempt]:
        return {digest: each for (kind, digest), each in self.attempts.items() if kind == operation}

    def mark(self, operation: str, digest: str = "") -> FakeAttempt:
        known = self.attempted(operation, digest)
        self.attempts[operation, digest] = FakeAttempt(self.now, known.count + 1 if known else 1)
        return self.attempts[operation, digest]

    def settle(self, operation: str, digest: str = "") -> None:
        self.attempts.pop((operation, digest), None)

    def put_back(self, operation: str, digest: str, before: FakeAttempt | None) -> None:
        self.settle(operation, digest)
        if before is not None:
            self.attempts[operation, digest] = before


def task(
    *,
    channels: Iterable[Channel] = (),
    custom: dict[str | int, Value] | None = None,
    now: float = NOW,
    search_lag: float = 0.0,
    submission_id: str = "submission-1",
    person: Mapping[str, str] | None = None,
    **contact: str,
) -> Task:
    """Return a task; what is not named is a contact attribute, as are the entries of `person`."""
    return Task(
        submission_id=submission_id,
        contact=Contact(**{**(person or {}), **contact}),
        channels=frozenset(channels),
        custom=custom or {},
        now=now,
        search_lag=search_lag,
    )


FULL: dict[str, str] = {
    "email": "ann+news@example.com",
    "phone": "+12025550143",
    "salutation": "Dr",
    "first_name": "Ann",
    "middle_name": "Bea",
    "last_name": "Lee",
    "credentials": "MD",
    "gender": "F",
    "npi": "1234567890",
    "specialty": "Oncology",
    "contact_type": "HCP",
    "company": "Example Clinic",
    "job_title": "Head",
    "address_line1": "1 Main Street",
    "address_line2": "Suite 5",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62701",
    "country": "US",
    "birthday": "1980-02-29",
    "language": "en",
    "time_zone": "America/Chicago",
}
"""Every contact attribute."""

ALL_CHANNELS: tuple[Channel, ...] = ("email", "sms", "call", "whatsapp")


def action(vendor: str, name: str, secret: dict[str, Any], http: VendorHttp, **options: Any) -> Action:
    """Return the registered action, as a delivery builds it."""
    spec = ACTIONS[vendor, name]
    return spec.build(spec.options(**options), spec.connection.of_secret(vendor, secret), http, soon())


def bodies(twin: Twin, method: str) -> list[Any]:
    """Return what a twin was sent by one method, in its order."""
    return [json.loads(entry.body) for entry in twin.requests if entry.method == method]


def soon() -> Deadline:
    """Return a deadline that no healthy call on loopback meets."""
    return Deadline.after(5)


def http_answering(answer: Callable[[httpx.Request], httpx.Response]) -> VendorHttp:
    """Return a client whose every request is answered by `answer`."""
    return VendorHttp(httpx.Client(transport=httpx.MockTransport(answer)))
