"""How many messages a queue holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",  # being delivered, or waiting for the next attempt
    "ApproximateNumberOfMessagesDelayed",
)


def depth(sqs: SQSClient, url: str) -> int:
    """Count a queue's messages, visible or not."""
    names: Any = list(_COUNTS)
    attributes: Any = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in _COUNTS)
