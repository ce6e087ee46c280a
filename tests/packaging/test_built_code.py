"""The built code at work, loaded from its byte code by a Python of the runtime's version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.packaging import lambda_process
from tests.packaging.event import post, sqs_record

pytestmark = pytest.mark.packaging

Answer = Callable[[str, Mapping[str, Any]], dict[str, Any]]


@pytest.fixture
def answer(runtime_python: str, runtime_path: list[Path], tmp_path: Path) -> Answer:
    """Answers an event with the built code of a function."""
    return partial(lambda_process.answer, runtime_python, runtime_path, result=tmp_path / "seen.json")


def test_the_built_submit_function_answers_an_event(answer: Answer) -> None:
    seen = answer("SubmitFunction", post("/forms/no-such-form"))

    assert seen["answer"]["statusCode"] == 404
    assert json.loads(seen["answer"]["body"])["status"] == 404
    assert seen["compiled_as"] == "/var/task/functions/submit/handler.py", "byte code was loaded, not source"


def test_the_built_retry_function_answers_an_event_and_keeps_what_it_could_not_park(answer: Answer) -> None:
    # Given a poison message while SQS cannot be reached
    seen = answer("RetryFunction", {"Records": [sqs_record("m-1", body="not json")]})

    assert seen["answer"] == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
    assert seen["compiled_as"] == "/var/task/functions/retry/handler.py", "byte code was loaded, not source"


def test_every_built_module_imports_with_only_the_layer_and_the_runtime(answer: Answer) -> None:
    seen = answer("SubmitFunction", post("/forms/no-such-form"))

    assert {"functions.submit.handler", "functions.retry.handler", "shared.delivery"} <= set(seen["modules"])
