"""CloudWatch's part in the tests: metrics out of log lines, and whether an alarm of the template rings over them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.template import Template
from tests.support.paths import ROOT
from tests.support.template_facts import CREATED

CREATED_BESIDE = {
    **{name: name for name in ("Api", "SubmitFunction", "RetryFunction", "SilenceFunction", "AlarmTopic")},
    **{name: name for name in ("SubmitLogGroup", "AccessLogGroup")},
}
"""What else alarms and dashboard refer to; in the tests it is called as in the template."""
REFERENCES = {**CREATED, **CREATED_BESIDE}


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of a metric."""

    namespace: str
    name: str
    value: float
    dimensions: Mapping[str, str] = field(default_factory=dict)

    def is_of(self, namespace: str, name: str, dimensions: Mapping[str, str]) -> bool:
        """Whether it is a value of just this metric."""
        return (self.namespace, self.name, self.dimensions) == (namespace, name, dimensions)


def metrics_in(printed: str) -> Iterator[Measured]:
    """Read the embedded metrics of log lines as CloudWatch does ("Embedded metric format specification")."""
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith('{"_aws"') or '"_aws":' in line]
    for line in lines:
        for directive in line["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = {name: line[name] for name in names}
                for metric in directive["Metrics"]:
                    yield Measured(directive["Namespace"], metric["Name"], sum(line[metric["Name"]]), dimensions)


def alarms() -> dict[str, Mapping[str, Any]]:
    """Return logical id → properties of every alarm, with the template's default parameters."""
    template = Template.read(ROOT / "template.yaml")
    found = template.of_type("AWS::CloudWatch::Alarm")
    return {alarm.name: template.resolve(alarm.properties, REFERENCES) for alarm in found}


def rings(alarm: Mapping[str, Any], measured: Sequence[Measured], seconds: float) -> bool:
    """Whether an alarm rings when these values are measured in each of its periods for so long."""
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    inner = [metric.get("MetricStat", metric) for metric in alarm.get("Metrics", [])]
    period = max([alarm.get("Period", 0), *(int(metric.get("Period", 0)) for metric in inner)])
    breaching = -(-seconds // period) >= alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
    return breaching and _value(alarm, measured) > float(alarm["Threshold"])


def _value(alarm: Mapping[str, Any], measured: Sequence[Measured]) -> float:
    if "MetricName" in alarm:
        return _statistic(alarm["Statistic"], _of(alarm, measured))
    stats = {metric["Id"]: metric["MetricStat"] for metric in alarm["Metrics"] if "MetricStat" in metric}
    values = {name: _statistic(stat["Stat"], _of(stat["Metric"], measured)) for name, stat in stats.items()}
    (expression,) = (metric["Expression"] for metric in alarm["Metrics"] if "Expression" in metric)
    return _of_math(expression, values) if values else _of_query(expression, measured)


def _of_math(expression: str, values: Mapping[str, float]) -> float:
    """Evaluate the two shapes of metric math in the template: a sum, and one metric while another is zero."""
    if found := re.fullmatch(r"IF\((\w+) > 0 AND FILL\((\w+), 0\) == 0, \1, 0\)", expression):
        return values[found[1]] if values[found[2]] == 0 else 0
    assert re.fullmatch(r"FILL\(\w+, 0\)( \+ FILL\(\w+, 0\))*", expression), expression
    return sum(values[name] for name in re.findall(r"FILL\((\w+),", expression))


def _of_query(expression: str, measured: Sequence[Measured]) -> float:
    query = re.fullmatch(r"SELECT (SUM|MAX)\((\w+)\) FROM (\w+) WHERE (.+)", expression)
    assert query is not None, expression
    wanted = dict(_equals(part) for part in query[4].split(" AND "))
    values = [
        each.value
        for each in measured
        if (each.namespace, each.name) == (query[3], query[2]) and wanted.items() <= each.dimensions.items()
    ]
    return _statistic(query[1], values)


def _equals(condition: str) -> tuple[str, str]:
    found = re.fullmatch(r"(\w+) = '([^']*)'", condition)
    assert found is not None, condition
    return found[1], found[2]


def _of(metric: Mapping[str, Any], measured: Sequence[Measured]) -> list[float]:
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
    return [each.value for each in measured if each.is_of(metric["Namespace"], metric["MetricName"], dimensions)]


def _statistic(name: str, values: Iterable[float]) -> float:
    return max(values, default=0) if name.upper().startswith("MAX") else sum(values)
