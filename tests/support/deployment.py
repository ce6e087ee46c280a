"""A deployment of one test's own: real queues, table and secrets on the local AWS services, twins over real HTTP.

Its handlers run in this process, or in processes of their own that can be killed.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.retry.handler import lambda_handler as retry_handler
from functions.submit.handler import lambda_handler as submit_handler
from local.aws_services import AwsClients
from local.gateway.http_event import Request, http_event
from local.lambdas.execution import InvocationError
from local.lambdas.functions import Function
from local.lambdas.lifeline import Lifeline
from local.lambdas.output import Output
from local.lambdas.pool import FunctionPool
from local.queues.sqs_event import sqs_event
from local.twins import TWINS
from local.twins.server import Twin
from shared.aws.dynamodb import from_item
from tests.support.actions import ACTIONS
from tests.support.waiting import eventually

ORIGIN = "https://www.example.com"
FORM = f"""
title = "Guarantee"
allowed_origins = ["{ORIGIN}"]
rate_limit = "off"
recipient_limit = "off"

[fields.email]
type = "email"
required = true
[fields.first_name]
type = "text"
required = true
[fields.last_name]
type = "text"
[fields.company]
type = "text"
[fields.phone]
type = "phone"
required = true
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
"""
_NUMBERS = itertools.count(1)
_TIMEOUTS = {"submit": 20.0, "retry": 60.0}
_ATTEMPTS_TO_KILL = 20
_HANG_SECONDS = 120.0
"""After which something counts as hung, on however busy a machine."""


@dataclass
class Invocation:
    """What Lambda tells a handler; the clock really runs."""

    ends: float
    function_name: str = "relay"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:relay"
    aws_request_id: str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.ends - time.monotonic()) * 1000))


def _context(seconds: float) -> LambdaContext:
    return cast("LambdaContext", Invocation(time.monotonic() + seconds))


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    retry_after: str | None
    seconds: float
    """How long the handler took."""


def aged(message: Any, seconds: float) -> Any:
    """Return the message as if it had been sent so long ago."""
    sent = str(int((time.time() - seconds) * 1000))
    return {**message, "Attributes": {**message["Attributes"], "SentTimestamp": sent}}


def metrics(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Read the names of the metrics that were emitted since the last look."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    return [line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"] for line in lines]


def person(**more: Any) -> dict[str, Any]:
    """Make up somebody new."""
    number = next(_NUMBERS)
    return {
        "email": f"ada{number}@example.com",
        "first_name": "Ada",
        "last_name": "Lee",
        "phone": f"+1516555{number % 10_000:04}",
        "news": True,
        **more,
    }


@dataclass
class Deployment:
    clients: AwsClients
    environment: dict[str, str]
    forms: Path
    lifeline: Lifeline
    log: Path
    twins: dict[str, Twin] = field(default_factory=dict)

    # What is set up.

    def form(self, form_id: str, *actions: tuple[str, str], options: str | None = None, **settings: Any) -> None:
        """Write a form with a destination for each (vendor, action); start and connect the twins."""
        text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items()) + FORM
        for vendor, action in actions:
            name = self.destination(vendor, action)
            text += f'\n[[destinations]]\nname = "{name}"\nvendor = "{vendor}"\naction = "{action}"\n'
            text += options or ACTIONS[vendor, action].options
            self.connect(vendor, name)
        (self.forms / f"{form_id}.toml").write_text(text)

    def destination(self, vendor: str, action: str) -> str:
        """The name of a destination: of this deployment's own, since Powertools counts failures per process."""
        return f"{vendor}-{action.replace('_', '-')}-{self.environment['LEDGER_TABLE'].rpartition('-')[2]}"

    def connect(self, vendor: str, connection: str) -> Twin:
        if vendor not in self.twins:
            self.twins[vendor] = TWINS[vendor]()
            self.twins[vendor].start()
        self.secret(connection, self.twins[vendor].connection())
        return self.twins[vendor]

    def secret(self, name: str, value: Mapping[str, Any]) -> None:
        secret_id, text = self.environment["SECRET_PREFIX"] + name, json.dumps(value)
        try:
            self.clients.secrets.create_secret(Name=secret_id, SecretString=text)
        except self.clients.secrets.exceptions.ResourceExistsException:
            self.clients.secrets.put_secret_value(SecretId=secret_id, SecretString=text)

    # What comes in.

    def event(self, form_id: str, values: Mapping[str, Any], key: str | None = None, at: float | None = None) -> Any:
        """Make the gateway's event; `at` is its request time, seconds since the epoch."""
        headers = {"accept": "application/json", "content-type": "application/json", "origin": ORIGIN}
        headers |= {"idempotency-key": key} if key else {}
        request = Request(
            method="POST",
            target=f"/forms/{form_id}",
            headers=tuple(headers.items()),
            body=json.dumps(values).encode(),
            source_ip="203.0.113.7",
            received_at=datetime.fromtimestamp(time.time() if at is None else at, UTC),
        )
        return http_event(request, "POST /forms/{form_id}", {"form_id": form_id})

    def submit(
        self,
        form_id: str,
        values: Mapping[str, Any],
        key: str | None = None,
        at: float | None = None,
        seconds: float = _TIMEOUTS["submit"],
    ) -> Answer:
        """Hand a sign-up to the submit handler, which has `seconds` left."""
        started = time.monotonic()
        return _answer(submit_handler(self.event(form_id, values, key, at), _context(seconds)), started)

    def receive(self, wait: int = 0) -> list[Any]:
        """Receive what is due in the retry queue."""
        answer = self.clients.sqs.receive_message(
            QueueUrl=self.environment["RETRY_QUEUE_URL"],
            MaxNumberOfMessages=10,
            WaitTimeSeconds=wait,
            MessageSystemAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    def receive_all(self, count: int) -> list[Any]:
        """Receive so many messages, as soon as they are due."""
        messages: list[Any] = []
        deadline = time.monotonic() + _HANG_SECONDS
        while len(messages) < count:
            assert time.monotonic() < deadline
            messages += self.receive(wait=1)
        return messages

    def purge(self) -> None:
        """Throw away what waits."""
        self.clients.sqs.purge_queue(QueueUrl=self.environment["RETRY_QUEUE_URL"])

    def consume(self, messages: list[Any], seconds: float = _TIMEOUTS["retry"]) -> set[str]:
        """Hand messages to the retry handler; answer the ids of those that are to stay. Nothing is deleted."""
        event = sqs_event(messages, "arn:aws:sqs:us-east-1:000000000000:retry")
        return _staying(retry_handler(event, _context(seconds)))

    def retry(self, messages: list[Any], pool: FunctionPool | None = None) -> set[str]:
        """As the event source does: hand messages over, and delete what is done; answer the ids of those that stay."""
        event = sqs_event(messages, "arn:aws:sqs:us-east-1:000000000000:retry")
        stay = _staying(pool.invoke(event, wait_seconds=60)) if pool else self.consume(messages)
        for message in messages:
            if message["MessageId"] not in stay:
                # Where handling it outlasted its visibility, the stand-in knows its handle no more; SQS shows it again.
                with suppress(self.clients.sqs.exceptions.ReceiptHandleIsInvalid):
                    self.clients.sqs.delete_message(
                        QueueUrl=self.environment["RETRY_QUEUE_URL"], ReceiptHandle=message["ReceiptHandle"]
                    )
        return stay

    def drain(self, seconds: float = _HANG_SECONDS) -> None:
        """Retry until the queue is empty."""
        deadline = time.monotonic() + seconds
        while self.waiting():
            assert time.monotonic() < deadline, "the retry queue does not drain"
            if messages := self.receive(wait=1):
                self.retry(messages)

    @contextmanager
    def processes(
        self, function: str, size: int = 1, timeout: float | None = None, **variables: str
    ) -> Iterator[FunctionPool]:
        """Start execution environments of a handler of their own, which can be killed; `variables` differ for them."""
        with self.log.open("ab") as log:
            pool = FunctionPool(
                Function(
                    name=function,
                    handler=f"functions.{function}.handler.lambda_handler",
                    timeout=timeout or _TIMEOUTS[function],
                    memory=512,
                    environment={},
                ),
                size=size,
                variables={**self.environment, **variables},
                lifeline=self.lifeline,
                output=Output(log),
            )
            try:
                yield pool
            finally:
                pool.stop()

    def show_again(self, message: Any) -> None:
        """Let a message that nobody answered for be due at once, as it would be after its visibility timeout."""
        self.clients.sqs.change_message_visibility(
            QueueUrl=self.environment["RETRY_QUEUE_URL"],
            ReceiptHandle=message["ReceiptHandle"],
            VisibilityTimeout=0,
        )

    # What is left behind.

    def waiting(self, queue: str = "RETRY_QUEUE_URL") -> int:
        """Count what a queue holds, in whatever state."""
        names: Any = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
        attributes: Any = self.clients.sqs.get_queue_attributes(QueueUrl=self.environment[queue], AttributeNames=names)[
            "Attributes"
        ]
        return sum(int(attributes[name]) for name in names)

    def buried(self) -> list[Any]:
        """Receive all dead letters; each is shown once."""
        letters: list[Any] = []
        while batch := self.clients.sqs.receive_message(
            QueueUrl=self.environment["DEAD_LETTER_QUEUE_URL"],
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
        ).get("Messages"):
            letters += batch
        return letters

    def put_back(self, letter: Any) -> None:
        """Send a dead letter to the retry queue, as a replay does."""
        self.clients.sqs.send_message(
            QueueUrl=self.environment["RETRY_QUEUE_URL"],
            MessageBody=letter["Body"],
        )

    def items(self, prefix: str) -> list[dict[str, Any]]:
        """Return the ledger's items whose id starts so."""
        pages = self.clients.dynamodb.get_paginator("scan").paginate(TableName=self.environment["LEDGER_TABLE"])
        items = [from_item(item) for page in pages for item in page["Items"]]
        return [item for item in items if item["id"].startswith(prefix)]


def kill_during(pool: FunctionPool, work: Callable[[], object], condition: Callable[[], object]) -> None:
    """Kill -9 the pool's processes once the condition holds; `work` waits for one of them.

    On a busy machine the work may run out of time before the condition holds; it is then done again.
    """
    over = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        killer = threads.submit(_kill_when, pool, lambda: condition() or over.is_set())
        try:
            reason = next(
                filter(None, (_end_of(work, pause=min(number, 2)) for number in range(_ATTEMPTS_TO_KILL))), None
            )
        finally:
            over.set()
        assert reason == "Runtime.ExitError", "the process was not at work when it was killed"
        killer.result()


def _end_of(work: Callable[[], object], pause: float) -> str | None:
    time.sleep(pause)  # a service that hung a moment ago is not asked
    try:
        work()
    except InvocationError as ended:
        return ended.reason
    return None


def _kill_when(pool: FunctionPool, condition: Callable[[], object]) -> None:
    eventually(condition, seconds=_HANG_SECONDS, every=0.005)
    time.sleep(0.05)  # what the vendor commits, it has committed
    for pid in pool.process_ids():
        os.kill(pid, signal.SIGKILL)


def _staying(result: Mapping[str, Any]) -> set[str]:
    return {failure["itemIdentifier"] for failure in result["batchItemFailures"]}


def answer_of(result: Mapping[str, Any], seconds: float = 0.0) -> Answer:
    """Read what a handler gave to the gateway."""
    headers = {name.lower(): value for name, value in result.get("headers", {}).items()}
    return Answer(result["statusCode"], json.loads(result.get("body") or "null"), headers.get("retry-after"), seconds)


def _answer(result: Mapping[str, Any], started: float) -> Answer:
    return answer_of(result, time.monotonic() - started)
