"""Facts of `template.yaml` that a linter does not check and that promises rest on."""

from __future__ import annotations

import re

import boto3
import pytest

from local.template import Template
from tests.packaging.conftest import FUNCTIONS, RUNTIME_VERSION
from tests.support.paths import ROOT
from tests.support.template_facts import CREATED, ROLES, properties, statements

DAY = 86_400


def test_the_runtime_is_one_that_lambda_has_and_the_one_the_build_compiles_for(template: Template) -> None:
    runtime = template.globals["Function"]["Runtime"]
    client = boto3.client("lambda", region_name="us-east-1")
    known = client.meta.service_model.shape_for("Runtime").enum
    built_for = re.search(r"^RUNTIME_VERSION := (\S+)$", (ROOT / "build.mk").read_text(), re.MULTILINE)

    assert runtime in known
    assert built_for is not None
    assert runtime == f"python{built_for.group(1)}" == f"python{RUNTIME_VERSION}"
    assert properties(template, "DependenciesLayer")["CompatibleRuntimes"] == [runtime]


def test_functions_and_layer_are_for_the_processor_that_the_wheels_are_for(template: Template) -> None:
    assert template.globals["Function"]["Architectures"] == ["arm64"]
    assert properties(template, "DependenciesLayer")["CompatibleArchitectures"] == ["arm64"]


@pytest.mark.parametrize(
    ("function", "handler"),
    [
        ("SubmitFunction", "functions.submit.handler.lambda_handler"),
        ("RetryFunction", "functions.retry.handler.lambda_handler"),
        ("SilenceFunction", "functions.silence.handler.lambda_handler"),
    ],
)
def test_handlers_are_the_contracts_entry_points(template: Template, function: str, handler: str) -> None:
    assert properties(template, function)["Handler"] == handler


def test_a_message_stays_invisible_for_six_times_the_retry_functions_timeout(template: Template) -> None:
    timeout = properties(template, "RetryFunction")["Timeout"]
    assert properties(template, "RetryQueue")["VisibilityTimeout"] >= 6 * timeout


def test_dead_letters_are_kept_longer_than_waiting_deliveries(template: Template) -> None:
    waiting = properties(template, "RetryQueue")["MessageRetentionPeriod"]
    dead = properties(template, "DeadLetterQueue")["MessageRetentionPeriod"]
    assert 4 * DAY <= waiting < dead == 14 * DAY


def test_the_functions_are_told_the_retry_queues_retention(template: Template) -> None:
    told = template.globals["Function"]["Environment"]["Variables"]["QUEUE_RETENTION_SECONDS"]
    assert int(told) == properties(template, "RetryQueue")["MessageRetentionPeriod"]


def test_the_redrive_policy_is_only_the_backstop(template: Template) -> None:
    policy = properties(template, "RetryQueue")["RedrivePolicy"]
    assert template.resolve(policy["deadLetterTargetArn"], CREATED) == CREATED["DeadLetterQueue.Arn"]
    assert policy["maxReceiveCount"] == 1000


def test_the_queues_event_source_takes_partial_batches_at_a_bounded_concurrency(template: Template) -> None:
    source = properties(template, "RetryFunction")["Events"]["RetryQueue"]["Properties"]
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["BatchSize"] == 10
    assert source["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "RetryMaximumConcurrency"}}


@pytest.mark.parametrize("queue", ["RetryQueue", "DeadLetterQueue"])
def test_queues_are_encrypted(template: Template, queue: str) -> None:
    assert properties(template, queue)["SqsManagedSseEnabled"] is True


def test_the_ledger_is_encrypted_recoverable_and_forgets_on_time(template: Template) -> None:
    table = properties(template, "LedgerTable")
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expiration", "Enabled": True}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_are_traced_and_log_into_a_group_that_forgets(template: Template, function: str) -> None:
    group = properties(template, function)["LoggingConfig"]["LogGroup"]["Ref"]
    assert template.globals["Function"]["Tracing"] == "Active"
    assert properties(template, group)["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("role", ROLES)
def test_no_permission_is_wider_than_an_action_on_a_resource_of_this_stack(template: Template, role: str) -> None:
    for statement in statements(template, role):
        assert "*" not in str(statement["Action"])
        knows_no_resources = statement["Sid"] in {"Trace", "ReadMetrics"}
        assert statement["Resource"] != ["*"] or knows_no_resources, "only X-Ray and GetMetricData"


def test_the_access_log_holds_nothing_about_the_caller(template: Template) -> None:
    log_format = properties(template, "Api")["AccessLogSettings"]["Format"]
    variables = set(re.findall(r"\$context\.([\w.]+)", log_format))
    assert variables == {
        "error.responseType",
        "integrationLatency",
        "integrationStatus",
        "requestId",
        "requestTime",
        "responseLength",
        "routeKey",
        "status",
    }


def test_each_form_answers_for_its_own_origins_unless_the_gateway_is_told_to(template: Template) -> None:
    configuration = properties(template, "Api")["CorsConfiguration"]
    assert template.resolve({"Cors": configuration}, {}) == {}
