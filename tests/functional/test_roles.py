"""What a handler may do on AWS is what its role in the template allows; see `tests/support/roles.py`."""

from __future__ import annotations

import pytest

from local.template import Template
from shared.ledger import gates
from shared.queue import queues
from tests.functional.submit.form_texts import newsletter
from tests.support.iam import matches
from tests.support.outages import gone
from tests.support.paths import ROOT
from tests.support.relay import Relay
from tests.support.roles import acting_as, used
from tests.support.template_facts import statements


def test_a_call_that_the_role_does_not_allow_fails_the_test_that_makes_it(relay: Relay) -> None:
    denied = pytest.raises(AssertionError, match=r"RetryRole does not allow dynamodb:DeleteItem on arn:.*table/")
    with denied, acting_as("RetryRole"):
        relay.dynamodb.delete_item(TableName=relay.table, Key={"id": {"S": "nobody"}})


def test_a_secret_of_another_stack_fails_the_test_that_reads_it(relay: Relay) -> None:
    relay.secrets.create_secret(Name="signup-relay/staging/pulse-us", SecretString="{}")
    denied = pytest.raises(AssertionError, match="SubmitRole does not allow secretsmanager:GetSecretValue")
    with denied, acting_as("SubmitRole"):
        relay.secrets.get_secret_value(SecretId="signup-relay/staging/pulse-us")


def test_the_calls_of_a_sign_up_are_seen(relay: Relay) -> None:
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us")
    used.clear()

    assert relay.post("newsletter", {"email": "ada@example.com"}).status == 200

    actions = {action for role, action, _ in used if role == "SubmitRole"}
    assert {"dynamodb:PutItem", "dynamodb:UpdateItem", "secretsmanager:GetSecretValue"} <= actions


SECOND = """
[[destinations]]
name = "yespo"
vendor = "esputnik"
action = "subscribe"
"""
BY_LAMBDA = {
    "SubmitRole": {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"},
    "SilenceRole": {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"},
    "RetryRole": {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    | {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
}
"""Permissions that Lambda itself uses: for logs, traces and the event source ("Lambda execution role")."""


def allowed(role: str) -> set[tuple[str, str]]:
    """Every action that a role allows our code, with each resource."""
    return {
        (action, resource)
        for statement in statements(Template.read(ROOT / "template.yaml"), role)
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
        if action not in BY_LAMBDA[role]
        for resource in statement["Resource"]
    }


def test_a_role_allows_nothing_that_no_code_does(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given every way that a sign-up can go, when all have been gone, then every permission was needed."""
    monkeypatch.setenv("CIRCUIT_FAILURE_THRESHOLD", "1000")
    monkeypatch.setattr(queues, "CROWD_CACHE_SECONDS", 0)
    monkeypatch.setattr(gates, "CACHE_SECONDS", 0)
    relay.form("newsletter", newsletter('expect_every = "1d"') + SECOND)
    relay.twin("esputnik", "yespo")
    pulse = relay.twin("pulse", "pulse-us")
    used.clear()

    relay.post("newsletter", {"email": "delivered@example.com", "news": True})
    with gone("dynamodb"):
        relay.post("newsletter", {"email": "receipt-to-come@example.com", "news": True})
    relay.retry_waiting()
    pulse.fail("status", status=400)
    relay.post("newsletter", {"email": "refused@example.com"})
    pulse.options.down = True
    with gone("sqs"):
        relay.post("newsletter", {"email": "turned-away@example.com"})
    relay.post("newsletter", {"email": "waits@example.com"})
    relay.retry_waiting()
    relay.post("newsletter", {"email": "waits-in-a-crowd@example.com"})
    monkeypatch.setattr(queues, "CROWDED_IN_FLIGHT", -1)  # what waits is sent on, as in a large backlog
    relay.retry_waiting()
    relay.post("newsletter", {"email": "refused-later@example.com"})
    pulse.options.down = False
    pulse.fail("status", status=400)
    pulse.fail("status", status=401, count=None)
    relay.retry_waiting()
    relay.post("newsletter", {"email": "held@example.com"})
    relay.retry_waiting()
    relay.look_for_silence()

    for role in BY_LAMBDA:
        touched = {(action, resource) for who, action, resource in used if who == role}
        spare = {
            (action, pattern)
            for action, pattern in allowed(role)
            if not any(one == action and matches(pattern, resource) for one, resource in touched)
        }
        assert spare == set(), role
