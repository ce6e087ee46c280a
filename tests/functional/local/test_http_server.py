"""The HTTP server and its execution environments: real processes, with handlers made for these tests."""

import base64
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from local.gateway.http_event import Request
from local.gateway.http_server import Api, HttpServer
from local.lambdas.functions import Function, Route
from local.lambdas.lifeline import Lifeline
from local.lambdas.output import Output
from local.lambdas.pool import FunctionPool
from tests.support.waiting import eventually

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FunctionPool]:
    function = Function(
        name="EchoFunction",
        handler="tests.support.handlers.echo",
        timeout=2,
        memory=256,
        environment={"FROM_TEMPLATE": "yes"},
        routes=(
            Route("POST", "/forms/{form_id}"),
            Route("GET", "/forms/{form_id}"),
            Route("ANY", "/any/{rest+}"),
        ),
    )
    lifeline = Lifeline()
    with (tmp_path_factory.mktemp("front") / "log").open("ab") as log:
        pool = FunctionPool(function, size=2, variables={"FROM_STACK": "yes"}, lifeline=lifeline, output=Output(log))
        yield pool
        pool.stop()
    lifeline.cut()


@pytest.fixture(scope="module")
def client(pool: FunctionPool) -> Iterator[httpx.Client]:
    server = HttpServer(0)
    server.serve_api(Api([pool], pages=lambda _: None))
    with httpx.Client(base_url=server.url, timeout=15) as client:
        yield client
    server.stop()


def test_a_request_reaches_the_handler_as_a_v2_event(client: httpx.Client) -> None:
    headers = [("X-Two", "1"), ("x-two", "2"), ("Cookie", "a=1; b=2"), ("X-Forwarded-For", "192.0.2.7")]
    sent_ms = int(time.time() * 1000)
    answer = client.get("/forms/a%20b?q=1&q=2%203&empty=", headers=headers).json()

    event = answer["event"]
    assert event["version"] == "2.0"
    assert event["routeKey"] == "GET /forms/{form_id}"
    assert event["rawPath"] == "/forms/a b"
    assert event["rawQueryString"] == "q=1&q=2%203&empty="
    assert event["queryStringParameters"] == {"q": "1,2 3", "empty": ""}
    assert event["pathParameters"] == {"form_id": "a b"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["headers"]["x-two"] == "1,2"
    assert event["headers"]["x-forwarded-for"] == "192.0.2.7, 127.0.0.1"
    assert "cookie" not in event["headers"]
    assert "body" not in event
    assert event["isBase64Encoded"] is False
    http = event["requestContext"]["http"]
    assert http["method"] == "GET"
    assert http["path"] == "/forms/a b"
    assert http["protocol"] == "HTTP/1.1"
    assert http["sourceIp"] == "127.0.0.1"
    assert http["userAgent"].startswith("python-httpx")
    assert sent_ms <= event["requestContext"]["timeEpoch"] <= time.time() * 1000
    assert event["requestContext"]["stage"] == "$default"


@pytest.mark.parametrize("content_type", ["application/json", "text/plain; charset=utf-8", "Application/XML"])
def test_text_bodies_stay_text(client: httpx.Client, content_type: str) -> None:
    event = client.post("/forms/f", content='{"é": 1}'.encode(), headers={"content-type": content_type}).json()["event"]

    assert event["body"] == '{"é": 1}'
    assert event["isBase64Encoded"] is False


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"a=1"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("application/json", b"\xff\xfe"),
        ("", b"no type"),
    ],
)
def test_other_bodies_come_as_base64(client: httpx.Client, content_type: str, body: bytes) -> None:
    event = client.post("/forms/f", content=body, headers={"content-type": content_type}).json()["event"]

    assert base64.b64decode(event["body"]) == body
    assert event["isBase64Encoded"] is True


def test_the_handler_sees_lambdas_environment_and_context_and_nothing_of_the_developers(
    client: httpx.Client,
) -> None:
    context = client.get("/forms/f").json()["context"]

    assert context["function_name"] == "EchoFunction"
    assert context["memory"] == "256"
    assert context["arn"].endswith(":function:EchoFunction")
    assert 0 < context["remaining"] <= 2000
    environment = context["environment"]
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "EchoFunction"
    assert environment["FROM_TEMPLATE"] == environment["FROM_STACK"] == "yes"
    assert "HOME" not in environment


def test_an_environment_is_kept_warm(client: httpx.Client) -> None:
    first, second = client.get("/forms/f").json(), client.get("/forms/f").json()

    assert first["pid"] == second["pid"]
    assert second["invocations"] == first["invocations"] + 1


def test_concurrent_requests_get_an_environment_each_and_wait_when_all_are_busy(
    client: httpx.Client, pool: FunctionPool
) -> None:
    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda _: client.get("/forms/slow").json(), range(5)))

    assert len({answer["pid"] for answer in answers}) == 2
    assert len(pool.process_ids()) == 2


@pytest.mark.parametrize("trouble", ["fail", "exit", "hang", "huge", "strange", "split"])
def test_a_function_that_does_not_answer_is_the_gateways_500_and_the_next_request_is_served(
    client: httpx.Client, trouble: str
) -> None:
    answer = client.get(f"/forms/{trouble}")

    assert answer.status_code == 500
    assert answer.json() == {"message": "Internal Server Error"}
    assert client.get("/forms/f").status_code == 200


def test_a_worker_killed_in_mid_request_costs_that_request_only(client: httpx.Client, pool: FunctionPool) -> None:
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(client.get, "/forms/hang")
        eventually(pool.busy_process_ids)
        (busy,) = pool.busy_process_ids()
        os.kill(busy, signal.SIGKILL)
        assert waiting.result().status_code == 500

    assert client.get("/forms/f").json()["pid"] != busy


def test_a_worker_killed_while_idle_costs_nothing(client: httpx.Client, pool: FunctionPool) -> None:
    client.get("/forms/f")
    for pid in pool.process_ids():
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not pool.process_ids())

    assert client.get("/forms/f").status_code == 200


def test_cookies_binary_bodies_and_bare_results_are_answered_as_format_two_says(client: httpx.Client) -> None:
    cookies = client.get("/forms/cookies")
    assert cookies.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]
    client.cookies.clear()
    assert client.get("/forms/binary").content == b"\x00\x01\x02"
    assert client.get("/forms/plain").json() == {"message": "no status"}
    assert client.get("/forms/nobody").status_code == 204


def test_a_request_without_a_route_is_not_found(client: httpx.Client) -> None:
    assert client.delete("/forms/f").status_code == 404
    assert client.get("/elsewhere").json() == {"message": "Not Found"}
    assert client.patch("/any/where/else").json()["event"]["pathParameters"] == {"rest": "where/else"}


def test_a_page_that_fails_is_a_500_with_its_cause_in_the_log(
    pool: FunctionPool, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(request: Request) -> None:
        raise LookupError("no such thing")

    answer = Api([pool], pages=failing).answer(Request("GET", "/", (), b"", "127.0.0.1", datetime.now(UTC)))

    assert answer.status == 500
    assert "in failing" in caplog.text
    assert "LookupError: no such thing" in caplog.text


def test_limits_are_the_gateways(client: httpx.Client) -> None:
    with closing(HTTPConnection(client.base_url.netloc.decode())) as connection:
        connection.putrequest("POST", "/forms/f")
        connection.putheader("Content-Length", str(10 * 1024 * 1024 + 1))
        connection.endheaders()
        refusal = connection.getresponse()
        assert (refusal.status, refusal.headers["connection"]) == (413, "close")

    assert client.get("/forms/f", headers={"x-long": "x" * 11_000}).status_code == 431
    assert client.post("/forms/f", content=b"x" * 5_000_000).status_code == 413  # base64 makes it more than 6 MB


def test_a_handler_that_does_not_load_answers_500_each_time(tmp_path: Path) -> None:
    broken = Function("Broken", "tests.support.nowhere.handler", 2, 128, {}, (Route("GET", "/"),))
    lifeline = Lifeline()
    with (tmp_path / "log").open("ab") as log:
        pool = FunctionPool(broken, size=1, variables={}, lifeline=lifeline, output=Output(log))
        server = HttpServer(0)
        server.serve_api(Api([pool], pages=lambda _: None))
        assert [httpx.get(server.url).status_code for _ in range(2)] == [500, 500]
        server.stop()
        pool.stop()
    lifeline.cut()
    assert "ModuleNotFoundError" in (tmp_path / "log").read_text()
