"""One embedded stack for all end-to-end tests: real processes, real HTTP, free ports, everything logged to a file."""

from __future__ import annotations

import itertools
import json
import logging
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.lambdas.execution import ROOT
from local.stack import Stack, StackOptions

VARIABLES = {
    "RETRY_BASE_SECONDS": "1",
    "CIRCUIT_RECOVERY_SECONDS": "1",
    "DELIVERY_BUDGET_SECONDS": "4",
    "RETRY_BUDGET_SECONDS": "3",
    "LOG_LEVEL": "DEBUG",
}
"""Times short enough for a test to wait for what they delay; the most talkative log."""

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
"""Found in every e-mail address, name and phone number that these tests send; never in a log line."""

_SECRET_MEMBERS = ("api_token", "account_id", "api_key", "password")

_NUMBERS = itertools.count(1)


class Relay:
    """The running stack as a visitor, a vendor and an operator see it."""

    def __init__(self, stack: Stack, client: httpx.Client, log: Path) -> None:
        self.stack = stack
        self.client = client
        self.log = log

    def person(self, **more: Any) -> dict[str, Any]:
        """Make up somebody new who wants the newsletter."""
        email = f"sentinel.{os.getpid()}.{next(_NUMBERS)}@example.com"
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
        """Look up what a vendor holds of a person."""
        contacts = self.stack.twins[vendor].contacts()
        return [contact for contact in contacts if f'"{email}"' in json.dumps(contact)]

    def events(self, email: str) -> list[str]:
        """List the workflow events that eSputnik launched for a person."""
        ids = {contact["id"] for contact in self.held("esputnik", email)}
        events = self.stack.twins["esputnik"].events
        return [event.name for event in list(events) if event.contact in ids or event.contact == email]

    def waiting(self, queue: str = "RetryQueue") -> int:
        """Count what a queue holds, in whatever state."""
        names: Any = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        attributes: Any = self.stack.clients.sqs.get_queue_attributes(
            QueueUrl=self.stack.references[queue], AttributeNames=names
        )["Attributes"]
        return sum(int(attributes[name]) for name in names)

    def busy_worker(self, function: str) -> int:
        """Tell the process id of the function's worker that has an event in hand."""
        (pool,) = (pool for pool in self.stack.pools if pool.function.name == function)
        return pool.busy_process_ids()[0]

    def kill(self, pid: int) -> None:
        """End a process as the kernel does when memory runs out."""
        os.kill(pid, signal.SIGKILL)

    def leaks(self) -> list[str]:
        """List what stands in the log of the whole run and should not."""
        connections = [dict(twin.connection()) for twin in self.stack.twins.values()]
        credentials = [connection.get(name) for connection in connections for name in _SECRET_MEMBERS]
        headers = [value for connection in connections for value in connection.get("headers", {}).values()]
        text = self.log.read_text(errors="replace").lower()
        return [word for word in (*SENTINELS, *credentials, *headers) if word and word.lower() in text]


@pytest.fixture(scope="session")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's forms, and one that is broken."""
    folder = tmp_path_factory.mktemp("forms")
    shutil.copytree(ROOT / "forms", folder, dirs_exist_ok=True)
    (folder / "broken.toml").write_text('title = "Broken"\ncolour = "green"\n')
    return folder


@pytest.fixture(scope="session")
def stack_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every line lands that any process of the stack writes."""
    return tmp_path_factory.mktemp("stack") / "log"


@pytest.fixture(scope="session")
def stack(stack_log: Path, forms: Path) -> Iterator[Stack]:
    """A running stack; its twins keep what they hold from test to test, so each test signs up people of its own."""
    handler = logging.FileHandler(stack_log)
    logger = logging.getLogger("local")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    with (
        stack_log.open("ab") as log,
        Stack(StackOptions(forms=forms, variables=VARIABLES, log=log)) as stack,
        httpx.Client() as client,
    ):
        yield stack
        leaks = Relay(stack, client, stack_log).leaks()
    assert not leaks, "the log of this run holds personal data or credentials"
    logger.removeHandler(handler)
    handler.close()


@pytest.fixture
def relay(stack: Stack, stack_log: Path) -> Iterator[Relay]:
    """The stack with all twins up, called from an address of the test's own (forms have a rate limit per address)."""
    transport = httpx.HTTPTransport(local_address=f"127.0.1.{next(_NUMBERS) % 250 + 1}")
    with httpx.Client(base_url=stack.url, transport=transport, timeout=30) as client:
        yield Relay(stack, client, stack_log)
    for twin in stack.twins.values():
        twin.faults.clear()
        if twin.stopping.is_set():
            twin.start()
