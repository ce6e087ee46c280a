"""The event that Lambda makes of received SQS messages, and how it reads a partial batch response.

Sources: "Using Lambda with Amazon SQS" (the event), "Implementing partial batch responses".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from local.template import REGION

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef


def sqs_event(messages: Sequence[MessageTypeDef], queue_arn: str) -> dict[str, Any]:
    """Return the event for one batch."""
    return {"Records": [_record(message, queue_arn) for message in messages]}


def _record(message: MessageTypeDef, queue_arn: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message["Attributes"]),
        "messageAttributes": {
            name: _message_attribute(value) for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }


def _message_attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    attribute = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if "StringValue" in value:
        attribute["stringValue"] = value["StringValue"]
    return attribute


def failed_messages(result: Any, messages: Sequence[MessageTypeDef]) -> set[str]:
    """Return the ids of messages to leave in the queue: none, some, or all if the result is malformed."""
    received = {message["MessageId"] for message in messages}
    if result is None or result == {}:
        return set()
    try:
        failures = result["batchItemFailures"] or []
        failed = {failure["itemIdentifier"] for failure in failures}
    except (TypeError, KeyError, AttributeError):
        return received
    return received if failed - received else failed
