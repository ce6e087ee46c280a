"""What a handler may do on AWS is what its role in the template allows; see `tests/support/roles.py`."""

from __future__ import annotations

import pytest

from tests.functional.submit.form_texts import newsletter
from tests.support.relay import Relay
from tests.support.roles import acting_as, used


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
