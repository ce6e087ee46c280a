"""Logs and metrics: ids, counts and outcomes, and nothing that a visitor or a vendor wrote.

Every log line is one JSON object of Powertools' Logger. Libraries that would print more than we do are silenced here,
once: httpx logs full URLs at INFO, botocore prints request bodies at DEBUG.
"""

from __future__ import annotations

import logging

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE = "SignupRelay"

# The service, on every line and metric, is POWERTOOLS_SERVICE_NAME: the stack's name in `template.yaml`.
logger = Logger(use_rfc3339=True)

# Its warnings quote the body that it could not read.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
for _name in ("httpx", "httpcore", "botocore", "boto3", "urllib3"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def count(metric: str, value: int = 1, **dimensions: str) -> None:
    """Emit one CloudWatch metric (embedded metric format); a dimension is a name from configuration, never a person.

    Each call writes a line of its own, so that threads need no shared, flushed-at-the-end state.
    """
    with single_metric(name=metric, unit=MetricUnit.Count, value=value, namespace=NAMESPACE) as line:
        for name, text in dimensions.items():
            line.add_dimension(name, text)
