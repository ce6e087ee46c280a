"""The relay in one process: both handlers over AWS services simulated by moto, vendors as twins over real HTTP."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from aws_lambda_powertools.utilities.typing import LambdaContext
from moto.sqs import models as sqs_models

from functions.retry.handler import consumer
from functions.retry.handler import lambda_handler as retry_handler
from functions.silence.handler import lambda_handler as silence_handler
from functions.submit.handler import application
from functions.submit.handler import lambda_handler as submit_handler
from local.gateway.http_event import Request, http_event
from local.twins import TWINS
from local.twins.server import Twin
from shared.aws.dynamodb import from_item
from shared.http.vendor_http import VendorHttp
from shared.settings import Settings
from tests.support.paths import ROOT
from tests.support.roles import acting_as
from tests.support.simulated_aws import queues_clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

EVENTS = ROOT / "events"
ORIGIN = "https://www.example.com"


@dataclass
class Clock:
    """What Lambda tells a handler of its remaining time; `seconds` may be set by a test."""

    seconds: float = 30
    function_name: str = "relay"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:relay"
    aws_request_id: str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass(frozen=True)
class Answer:
    """What API Gateway would send; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    text: str = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def event(name: str) -> dict[str, Any]:
    """Read one of the project's example events."""
    return cast("dict[str, Any]", json.loads((EVENTS / f"{name}.json").read_text()))


@dataclass
class Relay:
    """One deployment: its own table, queues, secrets and forms folder."""

    dynamodb: DynamoDBClient
    sqs: SQSClient
    secrets: SecretsManagerClient
    table: str
    retry_queue: str
    dead_letters: str
    forms: Path
    clock: Clock = field(default_factory=Clock)
    twins: dict[str, Twin] = field(default_factory=dict)
    _clients: set[VendorHttp] = field(default_factory=set)

    def form(self, form_id: str, text: str) -> str:
        """Write a form file; returns its id."""
        (self.forms / f"{form_id}.toml").write_text(text)
        return form_id

    def secret(self, name: str, value: Any) -> None:
        """Create or replace the secret of a connection."""
        text, secret_id = json.dumps(value), f"signup-relay/{name}"
        try:
            self.secrets.create_secret(Name=secret_id, SecretString=text)
        except self.secrets.exceptions.ResourceExistsException:
            self.secrets.put_secret_value(SecretId=secret_id, SecretString=text)

    def twin(self, vendor: str, connection: str) -> Twin:
        """Start a vendor's twin if need be, and let a connection's secret lead to it."""
        if vendor not in self.twins:
            self.twins[vendor] = TWINS[vendor]()
            self.twins[vendor].start()
        self.secret(connection, self.twins[vendor].connection())
        return self.twins[vendor]

    def stop(self) -> None:
        """Close what the handlers keep open for their next invocation."""
        for client in self._clients:
            client.close()
        for twin in self.twins.values():
            twin.stop()

    # What comes in.

    def submit(self, event: Mapping[str, Any]) -> Answer:
        """Hand an HTTP API event to the submit handler."""
        settings = Settings.from_environment(os.environ)
        self._clients.add(application(settings).signups.deliver_to_all.delivery.http)
        with acting_as("SubmitRole"):
            result = submit_handler(dict(event), cast("LambdaContext", self.clock))
        headers = {**result.get("headers", {}), **{k: v[0] for k, v in result.get("multiValueHeaders", {}).items()}}
        body = result.get("body") or ""
        text = base64.b64decode(body).decode() if result.get("isBase64Encoded") else body
        return Answer(result["statusCode"], {name.lower(): value for name, value in headers.items()}, text)

    def request(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        ip: str = "203.0.113.7",
    ) -> Answer:
        """Send a request as the gateway would hand it on."""
        request = Request(
            method=method,
            target=path,
            headers=tuple((headers or {}).items()),
            body=content,
            source_ip=ip,
            received_at=datetime.now(UTC),
        )
        return self.submit(http_event(request, f"{method} {path}", {}))

    def post(
        self,
        form_id: str,
        values: Any = None,
        *,
        headers: Mapping[str, str | None] | None = None,
        urlencoded: bool = False,
        content: bytes | None = None,
        ip: str = "203.0.113.7",
    ) -> Answer:
        """Sign up as a page's script does, or with `urlencoded` as a plain form; a header of None is left out."""
        body = urlencode(values).encode() if urlencoded else json.dumps(values).encode()
        media = "application/x-www-form-urlencoded" if urlencoded else "application/json"
        every: dict[str, str | None] = {
            "accept": "text/html,*/*;q=0.8" if urlencoded else "application/json",
            "content-type": media,
            "host": "relay.example.com",
            "origin": ORIGIN,
            "referer": f"{ORIGIN}/news?utm_source=mail",
            **(headers or {}),
        }
        sent = {name: value for name, value in every.items() if value is not None}
        return self.request("POST", f"/forms/{form_id}", body if content is None else content, sent, ip)

    def retry(self, event: Mapping[str, Any]) -> list[str]:
        """Hand an SQS event to the retry handler; returns the ids of the messages that stay."""
        settings = Settings.from_environment(os.environ)
        self._clients.add(consumer(settings).delivery.http)
        with acting_as("RetryRole"):
            result = retry_handler(dict(event), cast("LambdaContext", self.clock))
        return [str(failure["itemIdentifier"]) for failure in result["batchItemFailures"]]

    def retry_waiting(self) -> list[str]:
        """Receive what waits in the retry queue, hand it to the retry handler, delete what is done; see `retry`."""
        received = self._received()
        stay = self.retry({"Records": [_record(message) for message in received]}) if received else []
        for message in received:
            if message["MessageId"] not in stay:
                self.sqs.delete_message(QueueUrl=self.retry_queue, ReceiptHandle=message["ReceiptHandle"])
        return stay

    def look_for_silence(self) -> None:
        """Hand the schedule's event to the silence handler."""
        with acting_as("SilenceRole"):
            silence_handler(event("silence"), cast("LambdaContext", self.clock))

    # What is left behind.

    def queued(self) -> list[Any]:
        """Return the bodies of all messages in the retry queue, due or not; they stay there."""
        return self._bodies(self.retry_queue)

    def hide_queued(self) -> None:
        """Receive what the retry queue holds, as soon as it is due, so that nobody else sees it for half a minute."""
        hidden = 0
        while hidden < len(self.queued()):
            hidden += len(self._received())

    def buried(self) -> list[Any]:
        """Return the bodies of all dead letters; they stay there."""
        return self._bodies(self.dead_letters)

    def items(self, prefix: str = "") -> list[dict[str, Any]]:
        """Return the ledger's items whose id starts so."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.table)
        items = [from_item(item) for page in pages for item in page["Items"]]
        return [item for item in items if item["id"].startswith(prefix)]

    def _bodies(self, url: str) -> list[Any]:
        # To receive a message would count as an attempt. A day later nothing is delayed or in flight any more.
        queue = sqs_models.sqs_backends["123456789012"]["us-east-1"].queues[url.rpartition("/")[2]]
        with queues_clock.seen_in(seconds=86_400):
            return [json.loads(message.body) for message in queue.messages]

    def _received(self) -> list[Any]:
        """Receive what is due, if need be two seconds later: then a first retry's delay is over."""
        received = self._receive()
        if not received:
            queues_clock.advance(seconds=2)
        return received or self._receive()

    def _receive(self) -> list[Any]:
        answer = self.sqs.receive_message(
            QueueUrl=self.retry_queue, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        )
        return list(answer.get("Messages", []))


def _record(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:retry",
        "awsRegion": "us-east-1",
    }
