"""Where a delivery ended: the functions' log, the dead-letter queue and the quarantine."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from local.queues.depth import depth
from local.stack import Stack
from shared.aws.dynamodb import from_item
from shared.ledger.quarantine import PREFIX as QUARANTINE

Delivery = tuple[str, str]
"""A submission's id and a destination's name."""


def logged_outcomes(log: Path) -> dict[Delivery, set[str]]:
    """Return every outcome that the log tells of each delivery."""
    found: dict[Delivery, set[str]] = defaultdict(set)
    for line in log.read_text(errors="replace").splitlines():
        if '"message":"delivery"' in line:
            try:
                entry = json.loads(line[line.index("{") :])
            except ValueError:  # cut off where its process was killed
                continue
            found[entry["submission_id"], entry["destination"]].add(entry["outcome"])
    return found


def parked_deliveries(stack: Stack) -> set[Delivery]:
    """Return the deliveries in the dead-letter queue; they stay hidden in it for some minutes."""
    url, parked = stack.references["DeadLetterQueue"], set()
    while letters := stack.clients.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600, MessageAttributeNames=["All"]
    ).get("Messages"):
        for letter in letters:
            attributes = letter["MessageAttributes"]
            parked.add((attributes["submission_id"]["StringValue"], attributes["destination"]["StringValue"]))
    return parked


def quarantined_submissions(stack: Stack) -> set[str]:
    """Return the ids of the sign-ups in quarantine."""
    pages = stack.clients.dynamodb.get_paginator("scan").paginate(TableName=stack.references["LedgerTable"])
    keys = [from_item(item)["id"] for page in pages for item in page["Items"]]
    return {key.removeprefix(QUARANTINE) for key in keys if key.startswith(QUARANTINE)}


def waiting(stack: Stack) -> int:
    """Count the messages of the retry queue, visible or not."""
    return depth(stack.clients.sqs, stack.references["RetryQueue"])
