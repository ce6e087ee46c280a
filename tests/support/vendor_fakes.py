"""What a vendor's action meets besides the vendor: memory, tasks, and an HTTP client that tests can watch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx

from local.twins.server import Twin
from shared.contact import Channel, Contact, Value
from shared.deadline import Deadline
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.protocol import Action, DeliveryRequest
from shared.vendors.registry import ACTIONS

NOW = 1_750_000_000.0


def person_record(vendor: str, contact_id: str | None = None, now: float = NOW) -> PersonRecord:
    """Return what is remembered of somebody at a vendor: nothing but the contact's id, where it is given."""
    (model,) = {spec.memory for spec in ACTIONS.values() if spec.vendor == vendor}
    stamp = f"{int(now * 1000):015d}#submission-1"
    return PersonRecord(stamp=stamp, now=now, ends_at=now, contact_id=contact_id, memory=model())


def task(
    *,
    channels: Iterable[Channel] = (),
    custom: dict[str | int, Value] | None = None,
    now: float = NOW,
    search_lag: float = 0.0,
    submission_id: str = "submission-1",
    fill: Iterable[str] = (),
    person: Mapping[str, str] | None = None,
    **contact: str,
) -> DeliveryRequest:
    """Return a request; what is not named is a contact attribute, as are the entries of `person`."""
    return DeliveryRequest(
        submission_id=submission_id,
        contact=Contact(**{**(person or {}), **contact}),
        channels=frozenset(channels),
        custom=custom or {},
        now=now,
        search_lag=search_lag,
        fill=frozenset(fill),
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
    return VendorHttp(httpx.MockTransport(answer))
