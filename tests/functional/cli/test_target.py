"""Which deployment a command works on: the words before it take the place of exported variables."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import pytest
import yaml

from cli.frame.target import VARIABLES, Target
from local.template import CloudFormationLoader
from tests.support.operator import Operator
from tests.support.paths import ROOT
from tests.support.relay import Relay

OUTPUT = "<member><OutputKey>{}</OutputKey><OutputValue>{}</OutputValue></member>"
STACK = """<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>relay</StackName>
<CreationTime>2026-11-21T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>
<Outputs>{}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""
NONE = "<ErrorResponse><Error><Code>ValidationError</Code><Message>no such stack</Message></Error></ErrorResponse>"


class CloudFormation(ThreadingHTTPServer):
    """Answers DescribeStacks of the stacks that a test puts there."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stacks: dict[str, dict[str, str]] = {}


class _Handler(BaseHTTPRequestHandler):
    server: CloudFormation

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        outputs = self.server.stacks.get(asked["StackName"][0])
        status = HTTPStatus.BAD_REQUEST if outputs is None else HTTPStatus.OK
        members = "".join(OUTPUT.format(name, escape(value)) for name, value in (outputs or {}).items())
        body = (NONE if outputs is None else STACK.format(members)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def cloudformation(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudFormation]:
    with CloudFormation() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", f"http://127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()


def outputs_of(relay: Relay) -> dict[str, str]:
    return {
        "RetryQueueUrl": relay.retry_queue,
        "DeadLetterQueueUrl": relay.dead_letters,
        "LedgerTableName": relay.table,
        "LedgerKeySecret": "signup-relay/ledger-key",
        "SecretPrefix": "signup-relay/",
        "ConsentRetentionDays": "365",
        "ApiUrl": "https://relay.example.com",
        "AlarmsGoTo": "nobody",
    }


def test_every_output_that_is_read_is_one_of_the_template() -> None:
    template = yaml.load((ROOT / "template.yaml").read_text(), CloudFormationLoader)  # noqa: S506 - a SafeLoader

    assert set(VARIABLES) <= set(template["Outputs"])


def test_a_stack_is_named_instead_of_variables(
    relay: Relay, operator: Operator, cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloudformation.stacks["signup-relay"] = outputs_of(relay)
    for name in ("RETRY_QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "LEDGER_TABLE", "SECRET_PREFIX"):
        monkeypatch.delenv(name)
    before = dict(os.environ)

    said = operator.run("--stack", "signup-relay", "status", "--json")

    assert said.code == 0
    assert said.json["queues"]["retry"]["visible"] == 0
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("stack", "reason"), [("elsewhere", "there is no stack elsewhere"), ("shop", "no Signup Relay")]
)
def test_a_stack_that_is_no_relay_is_told(
    stack: str, reason: str, operator: Operator, cloudformation: CloudFormation
) -> None:
    cloudformation.stacks["shop"] = {"BucketName": "shop"}

    said = operator.run("--stack", stack, "status")

    assert (said.code, said.out) == (2, "")
    assert reason in said.err


def test_a_command_that_needs_no_deployment_asks_for_none(
    relay: Relay, operator: Operator, cloudformation: CloudFormation
) -> None:
    (relay.forms / "broken.toml").write_text("")

    assert operator.run("--stack", "elsewhere", "check").code == 1


def test_two_deployments_at_once_are_a_mistake(operator: Operator) -> None:
    said = operator.run("--local", "--stack", "signup-relay", "status")

    assert (said.code, said.err) == (2, "relay: --local and --stack name different deployments: give one of them\n")


def test_profile_and_region_are_named_for_this_command_alone(operator: Operator) -> None:
    said = operator.run("--profile", "no-such-profile", "--region", "eu-west-1", "status")

    assert said.code == 2
    assert "ProfileNotFound" in said.err
    assert "AWS_PROFILE" not in os.environ


@pytest.mark.parametrize(
    ("called", "target", "command"),
    [
        (".venv/bin/relay", Target(local=True), ".venv/bin/relay --local"),
        ("/usr/local/bin/relay", Target(stack="my-relay", profile="work"), "relay --profile work --stack my-relay"),
        ("cli/__main__.py", Target(region="eu-central-1"), "relay --region eu-central-1"),
    ],
)
def test_a_hint_can_be_typed_as_it_is(
    monkeypatch: pytest.MonkeyPatch, called: str, target: Target, command: str
) -> None:
    monkeypatch.setattr("sys.argv", [called])

    assert target.as_typed() == command
