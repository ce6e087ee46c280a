"""No silence: every alarm watches something that exists, tells somebody, and has its entry in the runbook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from local.template import Resource, Template
from shared.delivery.report import METRICS
from shared.telemetry import NAMESPACE
from tests.packaging.emitted_metrics import emitted_metrics
from tests.support.alarms import REFERENCES
from tests.support.paths import ROOT
from tests.support.template_facts import STACK_NAME, properties

TEMPLATE = Template.read(ROOT / "template.yaml")
ALARMS = list(TEMPLATE.of_type("AWS::CloudWatch::Alarm"))
RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
THREE_HOURS, DAY, WEEK = 10_800, 86_400, 604_800


def queries(alarm: Resource) -> list[str]:
    """Metric queries of an alarm that count our own metrics."""
    resolved = TEMPLATE.resolve(alarm.properties.get("Metrics", []), REFERENCES)
    return [metric["Expression"] for metric in resolved if metric.get("Expression", "").startswith("SELECT")]


def watched(alarm: Mapping[str, Any]) -> Iterator[tuple[str, str, set[str]]]:
    """Namespace, name and dimensions of every metric that an alarm watches; a query may name only some of them."""
    if "MetricName" in alarm:
        yield alarm["Namespace"], alarm["MetricName"], {each["Name"] for each in alarm.get("Dimensions", [])}
    for metric in alarm.get("Metrics", []):
        if "MetricStat" in metric:
            inner = metric["MetricStat"]["Metric"]
            yield inner["Namespace"], inner["MetricName"], {each["Name"] for each in inner["Dimensions"]}
        elif query := re.fullmatch(r"SELECT \w+\((\w+)\) FROM (\w+) WHERE (.*)", metric["Expression"]):
            yield query[2], query[1], set(re.findall(r"(\w+) =", query[3]))


AWS_METRICS = {
    ("AWS/ApiGateway", "4xx"): {"ApiId"},
    ("AWS/ApiGateway", "5xx"): {"ApiId"},
    ("AWS/ApiGateway", "Latency"): {"ApiId"},
    ("AWS/Lambda", "Errors"): {"FunctionName"},
    ("AWS/Lambda", "Invocations"): {"FunctionName"},
    ("AWS/Lambda", "Throttles"): {"FunctionName"},
    ("AWS/SQS", "ApproximateNumberOfMessagesNotVisible"): {"QueueName"},
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): {"QueueName"},
}
"""Those of AWS's that are read ("Metrics" of HTTP APIs, "Types of metrics for Lambda functions", "Available CloudWatch
metrics for Amazon SQS")."""


def is_emitted(namespace: str, name: str, dimensions: set[str], *, exactly: bool) -> bool:
    if namespace == NAMESPACE:
        known = emitted_metrics().get(name, set())
        return any(dimensions == each if exactly else dimensions <= each for each in known)
    return AWS_METRICS.get((namespace, name)) == dimensions or (
        (namespace, name) in made_from_logs() and not dimensions
    )


def made_from_logs() -> set[tuple[str, str]]:
    filters = (TEMPLATE.resolve(found.properties, REFERENCES) for found in TEMPLATE.of_type("AWS::Logs::MetricFilter"))
    return {(made["MetricNamespace"], made["MetricName"]) for one in filters for made in one["MetricTransformations"]}


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)
def test_an_alarm_watches_metrics_that_somebody_emits(alarm: Resource) -> None:
    metrics = list(watched(TEMPLATE.resolve(alarm.properties, REFERENCES)))
    assert metrics
    for namespace, name, dimensions in metrics:
        assert is_emitted(namespace, name, dimensions, exactly=False), (namespace, name, dimensions)


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)
@pytest.mark.parametrize("moment", ["AlarmActions", "OKActions"])
def test_an_alarm_tells_by_mail_or_topic_when_it_rings_and_when_it_is_over(alarm: Resource, moment: str) -> None:
    def told(**parameters: str) -> object:
        return TEMPLATE.resolve(alarm.properties[moment], {"AlarmTopic": "arn:mail", **parameters})

    assert told() == []
    assert told(AlarmEmail="operations@example.com") == ["arn:mail"]
    assert told(AlarmTopicArn="arn:own") == ["arn:own"]
    assert told(AlarmEmail="operations@example.com", AlarmTopicArn="arn:own") == ["arn:own", "arn:mail"]


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)
def test_an_alarm_has_its_entry_in_the_runbook_and_says_what_is_wrong(alarm: Resource) -> None:
    assert f"`{alarm.name}`" in RUNBOOK
    assert len(alarm.properties["AlarmDescription"]) > 20
    assert alarm.properties["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)
def test_the_mail_of_an_alarm_leads_to_its_entry_and_names_the_command_to_run_first(alarm: Resource) -> None:
    # Given the entry's command, where it is one of ours: one of AWS's is too long for a mail
    entry = re.search(rf"^### `{alarm.name}`$.*?^```sh\n(.*?)\n```", RUNBOOK, re.MULTILINE | re.DOTALL)
    assert entry is not None
    first = f"Run {entry[1]}; see" if entry[1].startswith("relay ") else "See"

    assert alarm.properties["AlarmDescription"].endswith(f" {first} docs/operations.md#{alarm.name.lower()}.")


def test_the_runbook_knows_no_alarm_that_does_not_exist() -> None:
    assert set(re.findall(r"`(\w+Alarm)`", RUNBOOK)) <= {alarm.name for alarm in ALARMS}


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)
def test_cloudwatch_can_evaluate_an_alarm(alarm: Resource) -> None:
    """A metric query looks back three hours, other alarms a day, or a week by the hour ("Limits" of alarms)."""
    body = alarm.properties
    inner = [metric.get("MetricStat", metric) for metric in body.get("Metrics", [])]
    period = max([body.get("Period", 0), *(int(metric.get("Period", 0)) for metric in inner)])
    span = period * body["EvaluationPeriods"]

    assert span > 0
    assert span <= (THREE_HOURS if queries(alarm) else WEEK if period >= 3600 else DAY)
    assert body.get("DatapointsToAlarm", 1) <= body["EvaluationPeriods"]


@pytest.mark.parametrize("alarm", [alarm for alarm in ALARMS if queries(alarm)], ids=lambda alarm: alarm.name)
def test_an_alarm_on_our_own_metric_counts_that_of_its_own_stack_alone(alarm: Resource) -> None:
    (query,) = queries(alarm)
    service = TEMPLATE.globals["Function"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]

    assert TEMPLATE.resolve(service, {}) == STACK_NAME
    of_this_stack = f" FROM {NAMESPACE} WHERE service = '{STACK_NAME}'"
    assert re.fullmatch(rf"SELECT \w+\(\w+\){of_this_stack}( AND reason = '[a-z-]+')?", query)


def test_a_reason_that_an_alarm_waits_for_is_one_that_the_code_gives() -> None:
    reasons = {
        reason for alarm in ALARMS for query in queries(alarm) for reason in re.findall(r"reason = '(.*?)'", query)
    }
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "shared" / "delivery").glob("*.py"))
    assert [reason for reason in reasons if f'"{reason}"' not in sources] == []


def test_dead_letters_ring_at_once_again_while_they_grow_and_before_they_expire() -> None:
    """They expire after 14 days; one that the queue itself moved has been waiting for 10 days at most."""
    waiting, growing, forgotten = (
        properties(TEMPLATE, name) for name in ("DeadLettersAlarm", "DeadLettersGrowAlarm", "DeadLettersForgottenAlarm")
    )
    dead, retry = (properties(TEMPLATE, name)["MessageRetentionPeriod"] for name in ("DeadLetterQueue", "RetryQueue"))

    assert waiting["Period"] * waiting["EvaluationPeriods"] <= 60
    assert "SUM(DeadLetters)" in growing["Metrics"][0]["Expression"]["Fn::Sub"]
    assert forgotten["Period"] * forgotten["EvaluationPeriods"] < dead - retry


def test_a_silent_form_keeps_its_alarm_red_from_one_look_to_the_next() -> None:
    alarm = properties(TEMPLATE, "SilentAlarm")
    schedule = properties(TEMPLATE, "SilenceFunction")["Events"]["EveryHour"]["Properties"]["Schedule"]

    assert schedule == "rate(1 hour)"
    assert alarm["Metrics"][0]["Period"] * alarm["EvaluationPeriods"] > 3600 + 900
    assert alarm["DatapointsToAlarm"] == 1


def test_a_look_for_silence_that_fails_rings() -> None:
    alarm = properties(TEMPLATE, "SilenceErrorsAlarm")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "SilenceFunction"}}]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("Errors", 0)


def test_a_throttled_function_rings_though_its_newest_minute_is_not_known_yet() -> None:
    alarm = properties(TEMPLATE, "ThrottledFunctionsAlarm")
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (1, 5)


def test_messages_in_flight_ring_at_half_of_what_sqs_bears() -> None:
    alarm = properties(TEMPLATE, "MessagesInFlightAlarm")
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesNotVisible"
    assert alarm["Threshold"] == 60_000


def test_a_circuit_that_fails_its_probes_rings_once_and_not_with_every_probe() -> None:
    alarm = properties(TEMPLATE, "CircuitOpenAlarm")
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (1, 6)


def test_what_the_gateway_throttles_is_told_from_what_a_form_limits() -> None:
    """A 429 of a form comes from the function, so its integration has a status."""
    (pattern,) = (
        found.properties["FilterPattern"]
        for found in TEMPLATE.of_type("AWS::Logs::MetricFilter")
        if found.name == "ThrottledRequests"
    )
    log_format = properties(TEMPLATE, "Api")["AccessLogSettings"]["Format"]

    assert pattern == '{ ($.status = "429") && ($.integrationStatus = "-") }'
    assert {"status", "integrationStatus"} <= set(json.loads(log_format))


DASHBOARD = json.loads(TEMPLATE.resolve(properties(TEMPLATE, "Dashboard")["DashboardBody"], REFERENCES))


def shown() -> Iterator[tuple[str, str, set[str]]]:
    """Namespace, name and dimensions of every metric on the dashboard."""
    for widget in DASHBOARD["widgets"]:
        for namespace, *rest in widget["properties"].get("metrics", []):
            if isinstance(namespace, dict):
                search = re.fullmatch(
                    rf"SEARCH\('{{(\w+),([\w,]+)}} MetricName=\"(\w+)\" service=\"{STACK_NAME}\"', '\w+', 300\)",
                    namespace["expression"],
                )
                assert search is not None, namespace
                yield search[1], search[3], set(search[2].split(","))
            else:
                name, *dimensions = (part for part in rest if isinstance(part, str))
                yield namespace, name, set(dimensions[::2])


def test_the_dashboard_shows_metrics_under_the_dimensions_with_which_somebody_emits_them() -> None:
    """A `SEARCH` finds what has just these dimensions, and shows an empty graph for anything else."""
    assert [metric for metric in shown() if not is_emitted(*metric, exactly=True)] == []


@pytest.mark.parametrize(
    "names",
    [
        pytest.param({"Accepted", "NotAccepted", "Quarantined", "RecipientLimited", "Refused"}, id="sign-ups"),
        pytest.param(
            {"Delivered", "Skipped", "Superseded", "Queued", "Held", "Parked", "DeadLetters"}, id="deliveries"
        ),
        pytest.param({"SignUpMilliseconds", "VendorMilliseconds", "Latency"}, id="latencies"),
        pytest.param(
            {"Waiting", "OldestWaitingSeconds", "ApproximateNumberOfMessagesNotVisible"}, id="what waits, and how long"
        ),
        pytest.param({"ApproximateNumberOfMessagesVisible", "DeadLetters"}, id="dead letters"),
        pytest.param({"CircuitOpened", "CircuitClosed", "CredentialsHeld", "CredentialsAccepted"}, id="circuits"),
        pytest.param({"5xx", "Errors", "Throttles", "GatewayThrottled", "FormBroken", "Silent"}, id="errors"),
    ],
)
def test_the_dashboard_shows_everything_that_an_operator_asks_for(names: set[str]) -> None:
    assert names <= {name for _, name, _ in shown()}


def test_the_dashboard_shows_every_outcome_of_a_delivery() -> None:
    assert set(METRICS.values()) <= {name for _, name, _ in shown()}


def test_the_dashboard_counts_cold_starts_by_the_reports_of_lambda() -> None:
    (logs,) = (widget["properties"] for widget in DASHBOARD["widgets"] if widget["type"] == "log")
    assert "SOURCE 'SubmitLogGroup'" in logs["query"]
    assert "initDurationMs" in logs["query"]


def test_no_widget_of_the_dashboard_covers_another() -> None:
    cells = [
        (x, y)
        for widget in DASHBOARD["widgets"]
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


def test_whoever_deploys_sees_that_nobody_is_notified() -> None:
    def told(**parameters: str) -> str:
        return str(TEMPLATE.resolve(TEMPLATE.outputs["AlarmsGoTo"]["Value"], parameters))

    assert told().startswith("nobody")
    assert told(AlarmEmail="operations@example.com") == "operations@example.com"
