"""The built code at work, loaded from its byte code by a Python of the runtime's version."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.conftest import built

pytestmark = pytest.mark.packaging

Answer = Callable[[str, dict[str, Any]], dict[str, Any]]

NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens, a connection is refused at once


@pytest.fixture
def answer(runtime_python: str, runtime_path: list[Path], tmp_path: Path) -> Answer:
    """Answers an event with the built code of a function, as `invoke.py` saw it."""

    def invoke(function: str, event: dict[str, Any]) -> dict[str, Any]:
        code = built(function)
        trigger = function.removesuffix("Function").lower()
        result = tmp_path / "seen.json"
        command = [
            runtime_python,
            "-s",
            "-P",
            str(Path(__file__).with_name("invoke.py")),
            f"functions.{trigger}.handler.lambda_handler",
            str(result),
        ]
        environment = lambda_like_environment([code, *runtime_path])
        done = subprocess.run(
            command,
            check=False,
            input=json.dumps(event),
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        seen: dict[str, Any] = json.loads(result.read_text())
        return seen

    return invoke


def test_the_built_submit_function_answers_an_event(answer: Answer) -> None:
    seen = answer("SubmitFunction", post("/forms/no-such-form"))

    assert seen["answer"]["statusCode"] == 404
    assert json.loads(seen["answer"]["body"])["status"] == 404
    assert seen["compiled_as"] == "/var/task/functions/submit/handler.py", "the byte code was loaded, not the source"


def test_the_built_retry_function_answers_an_event_and_keeps_what_it_could_not_park(answer: Answer) -> None:
    # Given a poison message while SQS cannot be reached
    seen = answer("RetryFunction", {"Records": [sqs_record("m-1", body="not json")]})

    assert seen["answer"] == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
    assert seen["compiled_as"] == "/var/task/functions/retry/handler.py", "the byte code was loaded, not the source"


def test_every_built_module_imports_with_only_the_layer_and_the_runtime(answer: Answer) -> None:
    seen = answer("SubmitFunction", post("/forms/no-such-form"))

    assert {"functions.submit.handler", "functions.retry.handler", "shared.delivery"} <= set(seen["modules"])


def lambda_like_environment(path: list[Path]) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "LAMBDA_TASK_ROOT": str(path[0]),
        "AWS_LAMBDA_FUNCTION_NAME": "built",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_ENDPOINT_URL": NOWHERE,
        "RETRY_QUEUE_URL": f"{NOWHERE}/123456789012/retry",
        "DEAD_LETTER_QUEUE_URL": f"{NOWHERE}/123456789012/dead",
        "LEDGER_TABLE": "ledger",
    }


def post(path: str) -> dict[str, Any]:
    """An HTTP API event, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "POST /forms/{formId}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "origin": "https://www.example.com"},
        "pathParameters": {"formId": path.rsplit("/", 1)[-1]},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.example.com",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "pytest",
            },
            "requestId": "request-1",
            "routeKey": "POST /forms/{formId}",
            "stage": "$default",
            "time": "21/Nov/2026:09:00:00 +0000",
            "timeEpoch": 1_795_251_600_000,
        },
        "body": "{}",
        "isBase64Encoded": False,
    }


def sqs_record(message_id: str, body: str) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": "receipt-1",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1795251600000",
            "SenderId": "testing",
            "ApproximateFirstReceiveTimestamp": "1795251600000",
        },
        "messageAttributes": {},
        "md5OfBody": "0",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:retry",
        "awsRegion": "us-east-1",
    }
