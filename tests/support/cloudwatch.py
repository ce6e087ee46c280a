"""CloudWatch with a memory: keeps the embedded metrics of log lines in moto, as of a moment of the test's choice."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import boto3
import pytest

from tests.support.alarms import Measured, metrics_in

HOUR_SECONDS = 3600


@dataclass
class CloudWatch:
    """Does what CloudWatch does with what the handlers print."""

    capsys: pytest.CaptureFixture[str]

    def take(self, *, hours_ago: float) -> list[tuple[str, str]]:
        """Keep what was emitted since the last look as if it were so old; return name and form of each metric."""
        emitted = list(metrics_in(self.capsys.readouterr().out))
        for metric in emitted:
            _keep(metric, time.time() - hours_ago * HOUR_SECONDS)
        return [(metric.name, metric.dimensions.get("form", "")) for metric in emitted]


def _keep(metric: Measured, moment: float) -> None:
    boto3.client("cloudwatch").put_metric_data(
        Namespace=metric.namespace,
        MetricData=[
            {
                "MetricName": metric.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions.items()],
                "Value": metric.value,
                "Timestamp": datetime.fromtimestamp(moment, UTC),
            }
        ],
    )
