"""What a vendor's action meets besides the vendor: memory, tasks, and an HTTP client that tests can watch."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.contact import Channel, Contact, Value
from shared.deadline import Deadline
from shared.http import VendorHttp
from shared.transport import DeadlineTransport
from shared.vendors.protocol import Task

NOW = 1_750_000_000.0


@dataclass(frozen=True)
class FakeAttempt:
    at: float
    count: int


@dataclass
class FakeMemory:
    """Satisfies `shared.vendors.protocol.Memory`; `now` is the clock that attempts are noted by."""

    contact_id: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    permanent: bool = False
    now: float = NOW
    attempts: dict[tuple[str, str], FakeAttempt] = field(default_factory=dict)

    def attempted(self, operation: str, digest: str = "") -> FakeAttempt | None:
        return self.attempts.get((operation, digest))

    def mark(self, operation: str, digest: str = "") -> FakeAttempt:
        known = self.attempted(operation, digest)
        self.attempts[operation, digest] = FakeAttempt(self.now, known.count + 1 if known else 1)
        return self.attempts[operation, digest]

    def settle(self, operation: str, digest: str = "") -> None:
        self.attempts.pop((operation, digest), None)


def task(
    *,
    channels: Iterable[Channel] = (),
    custom: dict[str | int, Value] | None = None,
    now: float = NOW,
    search_lag: float = 0.0,
    submission_id: str = "submission-1",
    **contact: str,
) -> Task:
    """Return a task; what is not named is a contact attribute."""
    return Task(
        submission_id=submission_id,
        contact=Contact(**contact),
        channels=frozenset(channels),
        custom=custom or {},
        now=now,
        search_lag=search_lag,
    )


def soon() -> Deadline:
    """Return a deadline that no healthy call on loopback meets."""
    return Deadline.after(5)


def real_http() -> VendorHttp:
    """Return the client that production uses."""
    return VendorHttp(httpx.Client(transport=DeadlineTransport(ssl.create_default_context())))


def http_answering(answer: Callable[[httpx.Request], httpx.Response]) -> VendorHttp:
    """Return a client whose every request is answered by `answer`."""
    return VendorHttp(httpx.Client(transport=httpx.MockTransport(answer)))
