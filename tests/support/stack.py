"""The embedded stack as a visitor, a vendor and an operator see it: real processes, real HTTP."""

from __future__ import annotations

import itertools
import json
import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from local.queues.depth import depth
from local.stack import Stack
from shared.vendors.registry import ACTIONS
from tests.support.credentials import credentials_of
from tests.support.waiting import eventually

VARIABLES = {
    "RETRY_BASE_SECONDS": "1",
    "CIRCUIT_RECOVERY_SECONDS": "1",
    "DELIVERY_BUDGET_SECONDS": "4",
    "RETRY_BUDGET_SECONDS": "3",
    "SEARCH_LAG_SECONDS": "2",
    "LOG_LEVEL": "DEBUG",
}
"""Delays that a test can wait for, and the most detailed log."""

SENTINELS = (
    "sentinel",
    "Sentinella",
    "5550199",
    "5550188",
    "ada@",
    "ada+news@",
    "Lovelace",
    "Adélaïde",
    "bot@",
    "5550143",
)
"""Parts of every e-mail address, name and phone number that these tests send; never in a log line."""

NUMBERS = itertools.count(1)
"""One for each person and each address of these tests."""


class Relay:
    """The running stack as a visitor, a vendor and an operator see it."""

    def __init__(self, stack: Stack, client: httpx.Client, log: Path) -> None:
        self.stack = stack
        self.client = client
        self.log = log

    def person(self, **more: Any) -> dict[str, Any]:
        """Invent a new person who wants the newsletter."""
        email = f"sentinel.{os.getpid()}.{next(NUMBERS)}@example.com"
        return {"email": email, "given_name": "Sentinella", "news": True, **more}

    def sign_up(
        self,
        person: dict[str, Any],
        *,
        form: str = "newsletter",
        headers: dict[str, str] | None = None,
        urlencoded: bool = False,
    ) -> httpx.Response:
        """Post a form as a page's script would."""
        fields = {name: str(value).lower() if value is True else value for name, value in person.items()}
        return self.client.post(
            f"/forms/{form}",
            json=None if urlencoded else person,
            data=fields if urlencoded else None,
            headers={"origin": self.stack.url, "accept": "application/json", **(headers or {})},
        )

    def held(self, vendor: str, email: str) -> list[dict[str, Any]]:
        """Return a vendor's contacts of a person."""
        contacts = self.stack.twins[vendor].contacts()
        return [contact for contact in contacts if f'"{email}"' in json.dumps(contact)]

    def events(self, email: str) -> list[str]:
        """List the workflow events that eSputnik launched for a person."""
        ids = {contact["id"] for contact in self.held("esputnik", email)}
        events = self.stack.twins["esputnik"].events
        return [event.name for event in list(events) if event.contact in ids or event.contact == email]

    def waiting(self, queue: str = "RetryQueue") -> int:
        """Count a queue's messages, visible or not."""
        return depth(self.stack.clients.sqs, self.stack.references[queue])

    def until_nothing_waits(self) -> None:
        """Return when the retry queue is empty."""
        eventually(lambda: self.waiting() == 0)

    def busy_worker(self, function: str) -> int:
        """Return the process id of the function's worker that is processing an event."""
        (pool,) = (pool for pool in self.stack.pools if pool.function.name == function)
        return pool.busy_process_ids()[0]

    def kill(self, pid: int) -> None:
        """Kill a process as the kernel does when memory runs out."""
        os.kill(pid, signal.SIGKILL)

    def leaks(self) -> list[str]:
        """Return personal data and credentials found in the log of the whole run."""
        connections = {spec.vendor: spec.connection for spec in ACTIONS.values()}
        twins = self.stack.twins.items()
        credentials = [text for name, twin in twins for text in credentials_of(connections[name], twin.connection())]
        text = self.log.read_text(errors="replace").lower()
        return [word for word in (*SENTINELS, *credentials) if word.lower() in text]


@contextmanager
def one_visit(relay: Relay) -> Generator[Relay]:
    """Let one test use the stack: all twins are up, and no delivery of an earlier test can meet this one's faults."""
    relay.until_nothing_waits()
    yield relay
    for twin in relay.stack.twins.values():
        twin.faults.clear()
        if twin.stopping.is_set():
            twin.start()
