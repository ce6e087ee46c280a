"""The built code at work, in processes of the runtime's version that have only what Lambda has."""

from __future__ import annotations

import base64
import gzip
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.packaging import lambda_process
from tests.packaging.conftest import built

pytestmark = pytest.mark.packaging

Answer = Callable[[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built function whose sources can no longer be read: what runs is its byte code."""
    copy = tmp_path_factory.mktemp("built") / "code"
    shutil.copytree(built("SubmitFunction"), copy)
    for source in copy.rglob("*.py"):
        source.write_text("raise AssertionError('the source was compiled, not the byte code loaded')")
    return copy


@pytest.fixture
def answer(runtime_python: str, code: Path, runtime_path: list[Path], tmp_path: Path) -> Answer:
    """Answers an event with the built code of a trigger."""
    return partial(lambda_process.answer, runtime_python, [code, *runtime_path], result=tmp_path / "seen.json")


def test_the_built_submit_function_answers_an_event(answer: Answer) -> None:
    seen = answer("submit", "submit-unknown-form")

    assert seen["answer"]["statusCode"] == 404
    assert json.loads(seen["answer"]["body"])["status"] == 404


def test_the_built_submit_function_serves_the_snippet(answer: Answer) -> None:
    seen = answer("submit", "script")["answer"]

    assert seen["headers"]["Content-Encoding"] == "gzip"
    assert b"data-signup-relay" in gzip.decompress(base64.b64decode(seen["body"]))


def test_the_built_retry_function_answers_an_event_and_lets_go_of_nothing_while_aws_is_out_of_reach(
    answer: Answer,
) -> None:
    seen = answer("retry", "retry-batch")

    assert len(seen["answer"]["batchItemFailures"]) == 3


def test_the_built_silence_function_looks_at_every_form_and_asks_nothing_where_none_expects_sign_ups(
    answer: Answer,
) -> None:
    assert answer("silence", "silence")["answer"] is None


def test_every_built_module_imports_with_only_the_layer_and_the_runtime(answer: Answer) -> None:
    seen = answer("submit", "submit-unknown-form")

    assert {
        "functions.submit.handler",
        "functions.retry.handler",
        "functions.silence.handler",
        "shared.delivery.deliver",
    } <= set(seen["modules"])
