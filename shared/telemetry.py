"""Logs and metrics: ids, counts and outcomes, and nothing that a visitor or a vendor wrote.

Every log line is one JSON object of Powertools' Logger. Libraries that would print more than we do are silenced here,
once: httpx logs full URLs at INFO, botocore prints request bodies and Powertools paths and keys at DEBUG.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "SignupRelay"

# The service, on every line and metric, is POWERTOOLS_SERVICE_NAME: the stack's name in `template.yaml`.
# By default it looks whether a message is JSON, which none of ours is: a sixth of a line's time.
logger = Logger(use_rfc3339=True, json_deserializer=str)

# Its warnings quote the body that it could not read.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
for _name in ("httpx", "httpcore", "botocore", "boto3", "urllib3", "aws_lambda_powertools"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def count(metric: str, value: int = 1, **dimensions: str) -> None:
    """Emit one CloudWatch metric (embedded metric format); a dimension is a name from configuration, never a person."""
    emit(metric, MetricUnit.Count, value, dimensions)


def gauge_seconds(metric: str, value: float, **dimensions: str) -> None:
    """Emit one CloudWatch metric that is a time in seconds."""
    emit(metric, MetricUnit.Seconds, value, dimensions)


def gauge_milliseconds(metric: str, value: float, **dimensions: str) -> None:
    """Emit one CloudWatch metric that is a time in milliseconds."""
    emit(metric, MetricUnit.Milliseconds, round(value), dimensions)


def dimensions_of(**dimensions: str) -> dict[str, str]:
    """Return all dimensions of a metric that was emitted with these: Powertools adds the service, if there is one."""
    service = EphemeralMetrics(namespace=NAMESPACE).service
    return {**dimensions, "service": service} if service else dimensions


def emit(metric: str, unit: MetricUnit, value: float, dimensions: Mapping[str, str]) -> None:
    """Emit one metric, in one piece."""
    # Each metric is a line of its own, in one piece: several threads write at once, and Powertools' own `print` writes
    # the line and its end apart, so that two lines could become one that CloudWatch reads as neither.
    line = EphemeralMetrics(namespace=NAMESPACE)
    line.add_metric(name=metric, unit=unit, value=value)
    for name, text in dimensions.items():
        line.add_dimension(name, text)
    sys.stdout.write(f"{json.dumps(line.serialize_metric_set(), separators=(',', ':'))}\n")
