"""A client of one AWS service that speaks JSON: a call costs half of boto3's, and no model of the service is loaded.

docs/adr/0017 says why, and what is left to botocore: credentials, configuration, errors, and the event
`before-send`, to which moto and tracing tools listen. Methods and errors are those of boto3's client:
`put_item(TableName=…)`, `ClientError`, `BotoCoreError`. Parameters are sent as they are; nothing here checks them.

Sources: "DynamoDB low-level API", "Making query API requests using AWS JSON protocol in Amazon SQS", "Retry behavior"
(standard mode).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from botocore import exceptions
from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.exceptions import BotoCoreError, ClientError
from botocore.hooks import BaseEventHooks, first_non_none_response

from shared.aws.fail_fast import FailFast
from shared.aws.signing import Signer
from shared.jitter import system_jitter

ATTEMPTS = 2
LONGEST_PAUSE_SECONDS = 1.0
"""Before the second attempt, as botocore's standard mode has it."""

_TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})
_TRANSIENT_CODES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ThrottlingException",
    }
)

_LOST = (exceptions.ConnectionError, exceptions.HTTPClientError)
"""Errors of a call without an answer."""


@dataclass(frozen=True, slots=True)
class Service:
    """What tells one service from another."""

    name: str
    """In its host name, in its signatures and for boto3."""
    target: str
    """What precedes the operation in the header `X-Amz-Target`."""
    json_version: str = "1.0"
    event_name: str = ""
    """In botocore's events, where it is another one than `name`."""
    query_compatible: bool = False
    """Whether it is told to name errors as in its older protocol, as boto3 does."""


DYNAMODB = Service("dynamodb", "DynamoDB_20120810")
SQS = Service("sqs", "AmazonSQS", query_compatible=True)
SECRETS_MANAGER = Service("secretsmanager", "secretsmanager", "1.1", "secrets-manager")


class Sender(Protocol):
    """Sends a signed request to the service's address; raises botocore's errors where no answer comes."""

    url: str

    def send(self, request: AWSPreparedRequest) -> tuple[int, str, bytes]:
        """Return status, the header `x-amzn-query-error` and the content."""
        ...


class JsonClient:
    """Calls a service by the names of boto3's methods. Safe to use from several threads."""

    def __init__(
        self,
        service: Service,
        signer: Signer,
        events: BaseEventHooks,
        sender: Sender,
        fail_fast: FailFast | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._service = service
        self._signer = signer
        self.events = events
        self._sender = sender
        self._fail_fast = fail_fast
        self._sleep = sleep

    @property
    def url(self) -> str:
        """The service's address."""
        return self._sender.url

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        """Return the call of an operation: `put_item` is `PutItem`."""
        if method.startswith("_"):
            raise AttributeError(method)
        return partial(self._call, "".join(map(str.capitalize, method.split("_"))))

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        if self._fail_fast is not None:
            self._fail_fast.check()
        content = json.dumps(parameters).encode()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._answer(operation, content)
            except (*_LOST, ClientError) as error:
                if attempt < ATTEMPTS and _is_transient(error):
                    self._sleep(system_jitter() * LONGEST_PAUSE_SECONDS)
                    continue
                if self._fail_fast is not None:
                    self._fail_fast.note(error)
                raise
        raise AssertionError("the last attempt returns or raises")

    def _answer(self, operation: str, content: bytes) -> dict[str, Any]:
        request = self._signed(operation, content)
        event = f"before-send.{self._service.event_name or self._service.name}.{operation}"
        canned = first_non_none_response(self.events.emit(event, request=request))
        if canned is None:
            status, query_error, body = self._sender.send(request)
        else:
            status, query_error, body = canned.status_code, canned.headers.get(QUERY_ERROR, ""), canned.content
        answer: dict[str, Any] = json.loads(body) if body else {}
        if status >= 300:
            raise _client_error(answer, query_error, status, operation)
        return answer

    def _signed(self, operation: str, content: bytes) -> AWSPreparedRequest:
        headers = {
            "Content-Type": f"application/x-amz-json-{self._service.json_version}",
            "X-Amz-Target": f"{self._service.target}.{operation}",
            **({"X-Amzn-Query-Mode": "true"} if self._service.query_compatible else {}),
        }
        signed = self._signer.signed(self._sender.url, headers, content)
        headers_of_botocore: Any = HeadersDict(signed)
        return AWSPreparedRequest("POST", self._sender.url, headers_of_botocore, content, stream_output=False)


QUERY_ERROR = "x-amzn-query-error"
"""Where SQS puts the code that its clients know an error by ("AWS JSON protocol", query compatibility)."""


def _client_error(answer: dict[str, Any], query_error: str, status: int, operation: str) -> ClientError:
    code = query_error.partition(";")[0] or str(answer.get("__type", status)).rpartition("#")[2]
    error = {"Code": code, "Message": answer.get("message", answer.get("Message", ""))}
    response: Any = {**answer, "Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)


def _is_transient(error: BotoCoreError | ClientError) -> bool:
    if not isinstance(error, ClientError):
        return True
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status in _TRANSIENT_STATUSES or error.response["Error"]["Code"] in _TRANSIENT_CODES
