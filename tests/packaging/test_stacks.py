"""Stacks come and go: what was acknowledged stays, a second one fits beside the first, a later one takes over."""

from __future__ import annotations

import pytest

from local.lambdas.functions import read_functions
from local.template import Template
from tests.support.iam import allows
from tests.support.paths import ROOT
from tests.support.template_facts import CREATED, DELIVERING_ROLES, STACK_NAME, properties, resource, statements

SECRETS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
READ = "secretsmanager:GetSecretValue"
HOLD_DATA = ["RetryQueue", "DeadLetterQueue", "LedgerTable", "LedgerKeySecret"]
ADOPTED = {
    "ExistingRetryQueue": "old-retry",
    "ExistingDeadLetterQueue": "old-dead",
    "ExistingLedgerTable": "old-table",
    "ExistingLedgerKey": SECRETS + "old-key-AbCdEf",
}


@pytest.mark.parametrize("name", HOLD_DATA)
def test_what_was_acknowledged_outlives_its_stack(template: Template, name: str) -> None:
    attributes = resource(template, name).attributes
    assert attributes["DeletionPolicy"] in {"Retain", "RetainExceptOnCreate"}
    assert attributes["UpdateReplacePolicy"] == "Retain"


def test_nobody_deletes_the_ledger_by_mistake(template: Template) -> None:
    assert properties(template, "LedgerTable")["DeletionProtectionEnabled"] is True


def test_a_create_that_failed_does_not_fail_again_over_a_protected_table(template: Template) -> None:
    """CloudFormation could not delete a protected table, and the rollback would stay half done."""
    assert resource(template, "LedgerTable").attributes["DeletionPolicy"] == "Retain"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("RetryQueue", "QueueName"),
        ("DeadLetterQueue", "QueueName"),
        ("LedgerTable", "TableName"),
        ("LedgerKeySecret", "Name"),
        ("SubmitFunction", "FunctionName"),
        ("RetryFunction", "FunctionName"),
        ("SilenceFunction", "FunctionName"),
        ("SubmitRole", "RoleName"),
        ("RetryRole", "RoleName"),
        ("SilenceRole", "RoleName"),
    ],
)
def test_nothing_has_a_fixed_name_that_another_stack_could_have_taken(template: Template, name: str, key: str) -> None:
    assert key not in properties(template, name)


@pytest.mark.parametrize("group", ["SubmitLogGroup", "RetryLogGroup", "SilenceLogGroup", "AccessLogGroup"])
def test_a_log_group_is_named_after_its_stack(template: Template, group: str) -> None:
    assert STACK_NAME in template.resolve(properties(template, group)["LogGroupName"], {})


def test_editing_the_template_never_generates_another_key_for_the_ledger(template: Template) -> None:
    """CloudFormation writes a new value whenever this block changes; every person would be forgotten."""
    assert properties(template, "LedgerKeySecret")["GenerateSecretString"] == {
        "SecretStringTemplate": "{}",
        "GenerateStringKey": "key",
        "PasswordLength": 64,
        "ExcludePunctuation": True,
    }


def test_each_queue_has_a_policy_of_its_own_because_sqs_refuses_one_for_several(template: Template) -> None:
    policies = list(template.of_type("AWS::SQS::QueuePolicy"))
    resolved = [template.resolve(policy.properties, CREATED) for policy in policies]
    for policy in resolved:
        (url,) = policy["Queues"]
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert isinstance(statement["Resource"], str)
        assert url.rpartition("/")[2] == statement["Resource"].rpartition(":")[2]
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len({policy["Queues"][0] for policy in resolved}) == 2


def test_secrets_are_named_by_the_stack_unless_a_prefix_is_given(template: Template) -> None:
    def prefix(**parameters: str) -> str:
        variables = template.globals["Function"]["Environment"]["Variables"]
        return str(template.resolve(variables["SECRET_PREFIX"], parameters))

    assert prefix() == f"{STACK_NAME}/"
    assert prefix(**{"AWS::StackName": "second"}) == "second/"
    assert prefix(SecretPrefix="marketing/production/") == "marketing/production/"


@pytest.mark.parametrize("role", DELIVERING_ROLES)
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("prod/", "staging/"), ("relay/", "relay/staging/"), ("relay/staging/", "relay/"), ("a/", "ab/")],
)
def test_stages_cannot_read_each_others_secrets(template: Template, role: str, ours: str, theirs: str) -> None:
    may = list(statements(template, role, SecretPrefix=ours))
    assert allows(may, READ, f"{SECRETS}{ours}pulse-us-AbCdEf")
    assert not allows(may, READ, f"{SECRETS}{theirs}pulse-us-AbCdEf")


@pytest.mark.parametrize("role", DELIVERING_ROLES)
def test_of_the_ledgers_keys_a_stack_can_read_its_own_only(template: Template, role: str) -> None:
    may = list(statements(template, role))
    assert allows(may, READ, CREATED["LedgerKeySecret"])
    assert not allows(may, READ, f"{SECRETS}LedgerKeySecret-of-another-AbCdEf")


def test_a_stack_goes_on_with_what_an_earlier_one_left_behind(template: Template) -> None:
    submit, retry, _ = read_functions(template, {**CREATED, **ADOPTED})

    assert submit.environment["RETRY_QUEUE_URL"] == "https://sqs.us-east-1.amazonaws.com/123456789012/old-retry"
    assert submit.environment["DEAD_LETTER_QUEUE_URL"] == "https://sqs.us-east-1.amazonaws.com/123456789012/old-dead"
    assert submit.environment["LEDGER_TABLE"] == "old-table"
    assert submit.environment["LEDGER_KEY_SECRET"] == ADOPTED["ExistingLedgerKey"]
    assert [source.queue_arn for source in retry.queues] == ["arn:aws:sqs:us-east-1:123456789012:old-retry"]


def test_what_looks_for_silence_can_read_counts_and_nothing_of_the_people(template: Template) -> None:
    actions = {action for statement in statements(template, "SilenceRole") for action in statement["Action"]}

    assert {action for action in actions if not action.startswith(("logs:", "xray:"))} == {"cloudwatch:GetMetricData"}


def test_the_roles_follow_to_what_was_adopted(template: Template) -> None:
    may = list(statements(template, "SubmitRole", **ADOPTED))

    assert allows(may, "sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:old-retry")
    assert not allows(may, "sqs:SendMessage", CREATED["RetryQueue.Arn"])
    assert allows(may, "dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:123456789012:table/old-table")
    assert allows(may, READ, ADOPTED["ExistingLedgerKey"])


@pytest.mark.parametrize(("name", "parameter"), [*zip(HOLD_DATA, ADOPTED, strict=True)])
def test_a_stack_creates_no_second_one_of_what_it_adopts(template: Template, name: str, parameter: str) -> None:
    adopting = Template.read(ROOT / "template.yaml", **{parameter: "old"})

    assert {found.name for found in template.resources} - {found.name for found in adopting.resources} == {name}


def test_outputs_name_everything_that_the_operators_command_needs(template: Template) -> None:
    assert set(template.outputs) >= {
        "ApiUrl",
        "SecretPrefix",
        "RetryQueueUrl",
        "DeadLetterQueueUrl",
        "LedgerTableName",
        "LedgerKeySecret",
        "SubmitFunctionName",
        "RetryFunctionName",
        "ConsentRetentionDays",
    }
