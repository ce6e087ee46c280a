"""The JSON client against boto3's own: what is sent, where to, and which errors come back."""

from __future__ import annotations

import json
import ssl
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.credentials import Credentials
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ReadTimeoutError,
)
from botocore.hooks import HierarchicalEmitter

from shared.aws.fail_fast import COOL_OFF_SECONDS, FailFast, ServiceUnresponsive
from shared.aws.json_client import DYNAMODB, SECRETS_MANAGER, SQS, JsonClient, Service
from shared.aws.session import AwsSession
from shared.aws.signing import Signer
from tests.support.clock import Clock

KEY = {"id": {"S": "person#1"}}
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/retry"
CALLS: list[tuple[Service, str, dict[str, Any]]] = [
    (DYNAMODB, "get_item", {"TableName": "ledger", "Key": KEY, "ConsistentRead": True}),
    (DYNAMODB, "put_item", {"TableName": "ledger", "Item": {**KEY, "at": {"N": "1"}, "of": {"SS": ["a", "b"]}}}),
    (DYNAMODB, "update_item", {"TableName": "ledger", "Key": KEY, "UpdateExpression": "REMOVE lease"}),
    (DYNAMODB, "delete_item", {"TableName": "ledger", "Key": KEY}),
    (DYNAMODB, "batch_get_item", {"RequestItems": {"ledger": {"Keys": [KEY], "ConsistentRead": True}}}),
    (SQS, "send_message_batch", {"QueueUrl": QUEUE, "Entries": [{"Id": "0", "MessageBody": "é", "DelaySeconds": 9}]}),
    (SQS, "change_message_visibility", {"QueueUrl": QUEUE, "ReceiptHandle": "handle", "VisibilityTimeout": 60}),
    (SQS, "get_queue_attributes", {"QueueUrl": QUEUE, "AttributeNames": ["All"]}),
    (SECRETS_MANAGER, "get_secret_value", {"SecretId": "signup-relay/pulse"}),
]


@pytest.fixture(autouse=True)
def lambda_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")


def session() -> AwsSession:
    return AwsSession(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


class Wire:
    """Stands between the client and the network: keeps what is sent, and answers one thing after the other."""

    url = "https://dynamodb.eu-west-1.amazonaws.com/"

    def __init__(self, *answers: tuple[int, str, bytes] | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[AWSPreparedRequest] = []

    def send(self, request: AWSPreparedRequest) -> tuple[int, str, bytes]:
        self.sent.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def client(wire: Wire, fail_fast: FailFast | None = None) -> JsonClient:
    signer = Signer(Credentials("access", "secret"), "eu-west-1", "dynamodb")
    return JsonClient(DYNAMODB, signer, HierarchicalEmitter(), wire, fail_fast, sleep=lambda _: None)


@pytest.mark.parametrize(
    ("service", "method", "parameters"), CALLS, ids=[f"{service.name}-{method}" for service, method, _ in CALLS]
)
def test_a_call_is_sent_as_boto3_sends_it(service: Service, method: str, parameters: dict[str, Any]) -> None:
    ours, boto3s = (sent(make(service), method, parameters) for make in (session().client, boto3_client))

    assert ours == boto3s


def boto3_client(service: Service) -> Any:
    return boto3.Session().client(service.name)  # type: ignore[call-overload]


def sent(client: Any, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """What the service gets to see of a call, without its time and what depends on it."""
    seen: list[AWSPreparedRequest] = []
    listeners = client.events if isinstance(client, JsonClient) else client.meta.events

    def catch(request: AWSPreparedRequest, **_: Any) -> None:
        seen.append(request)
        raise EndpointConnectionError(endpoint_url=request.url)

    listeners.register_first("before-send", catch)
    try:
        with pytest.raises(EndpointConnectionError):
            getattr(client, method)(**parameters)
    finally:
        listeners.unregister("before-send", catch)
    request = seen[0]
    headers = {name.lower(): text(value) for name, value in request.headers.items()}
    scope, signed_headers, _ = headers["authorization"].split(", ")
    return {
        "url": request.url,
        "body": json.loads(text(request.body)),
        "scope": scope,
        "signed headers": set(signed_headers.partition("=")[2].split(";")) - {"x-amz-date"},
        "headers": {name: headers[name] for name in ("content-type", "x-amz-target", "x-amz-security-token")},
    }


def text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ap-southeast-2", "cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize("service", [DYNAMODB, SQS, SECRETS_MANAGER], ids=lambda service: service.name)
def test_a_service_is_reached_where_boto3_reaches_it(
    service: Service, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)

    assert session().client(service).url == f"{boto3_client(service).meta.endpoint_url}/"


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"])
def test_a_configured_address_counts(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:4566")

    assert session().client(DYNAMODB).url == "http://127.0.0.1:4566/"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HTTPS_PROXY", "http://127.0.0.1:8888"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
    ],
)
def test_what_it_does_not_know_is_left_to_boto3(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)

    assert not isinstance(session().client(DYNAMODB), JsonClient)


@pytest.mark.parametrize(
    ("variable", "error"), [("AWS_DEFAULT_REGION", NoRegionError), ("AWS_ACCESS_KEY_ID", NoCredentialsError)]
)
def test_an_environment_that_does_not_say_enough_is_refused(
    variable: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv(variable)

    with pytest.raises(error):
        session().client(DYNAMODB)


def test_an_answer_comes_back_as_it_is() -> None:
    wire = Wire((200, "", b'{"Item": {"id": {"S": "person#1"}}}'))

    assert client(wire).get_item(TableName="ledger", Key=KEY) == {"Item": KEY}


def test_a_refusal_names_its_code_and_brings_what_is_stored() -> None:
    refusal = (
        b'{"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "Item": {"id": {"S": "x"}}}'
    )
    wire = Wire((400, "", refusal))

    with pytest.raises(ClientError) as refused:
        client(wire).put_item(TableName="ledger", Item=KEY)

    assert refused.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert {**refused.value.response}["Item"] == {"id": {"S": "x"}}
    assert len(wire.sent) == 1


def test_sqs_refuses_by_the_code_its_clients_know() -> None:
    wire = Wire((400, "AWS.SimpleQueueService.NonExistentQueue;Sender", b'{"__type": "x#QueueDoesNotExist"}'))

    with pytest.raises(ClientError) as refused:
        client(wire).send_message_batch(QueueUrl=QUEUE)

    assert refused.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"


LOST = ReadTimeoutError(endpoint_url=Wire.url)
THROTTLED = (400, "", b'{"__type": "x#ProvisionedThroughputExceededException"}')
BUSY = (503, "", b"")
FINE = (200, "", b"{}")


@pytest.mark.parametrize("first", [LOST, THROTTLED, BUSY, ConnectTimeoutError(endpoint_url=Wire.url)], ids=repr)
def test_a_call_that_failed_for_a_moment_is_repeated_once(first: tuple[int, str, bytes] | Exception) -> None:
    wire = Wire(first, FINE)

    assert client(wire).put_item(TableName="ledger", Item=KEY) == {}
    assert len(wire.sent) == 2


@pytest.mark.parametrize(("last", "error"), [(LOST, ReadTimeoutError), (BUSY, ClientError)], ids=repr)
def test_it_is_not_repeated_again(last: tuple[int, str, bytes] | Exception, error: type[Exception]) -> None:
    wire = Wire(BUSY, last)

    with pytest.raises(error):
        client(wire).put_item(TableName="ledger", Item=KEY)

    assert len(wire.sent) == 2


def test_after_a_call_hung_the_service_is_not_asked_for_a_while(clock: Clock) -> None:
    wire = Wire(LOST, LOST, FINE)
    hasty = client(wire, FailFast(clock))
    with pytest.raises(ReadTimeoutError):
        hasty.get_item(TableName="ledger", Key=KEY)

    with pytest.raises(ServiceUnresponsive):
        hasty.get_item(TableName="ledger", Key=KEY)
    clock.advance(COOL_OFF_SECONDS)

    assert hasty.get_item(TableName="ledger", Key=KEY) == {}
