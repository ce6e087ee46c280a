"""What a person leaves behind in every store of the relay and at the vendors, for the tests of `relay erase`."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from cli.deployment import connect
from cli.destinations import all_destinations
from local.twins.whautomate.twin import LOCATION_ID
from shared.delivery.account import account_of
from tests.support.relay import Relay
from tests.support.waiting import eventually

ADA, BOB = "ada.lovelace@example.com", "bob@example.com"
FIELDS = """
[fields.email]
type = "email"
required = true
[fields.first_name]
type = "text"
[fields.phone]
type = "phone"
region = "US"
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
"""
HONEYPOT = '[spam]\nhoneypot = "website"\n'
DESTINATIONS = f"""
[[destinations]]
name = "yespo"
vendor = "esputnik"
action = "subscribe"
[[destinations]]
name = "members"
vendor = "higherlogic"
action = "upsert"
[[destinations]]
name = "whatsapp"
vendor = "whautomate"
action = "upsert"
options = {{ location_id = "{LOCATION_ID}" }}
"""
VENDORS = {"esputnik": "yespo", "higherlogic": "members", "whautomate": "whatsapp"}
"""Vendor → destination, of those with a documented call to delete."""


def is_named(name: str, text: str) -> bool:
    """Whether a text holds a name as a word of its own; the digits of a hash may happen to spell a short one."""
    return re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE) is not None


def leave_traces(relay: Relay, email: str, **more: object) -> None:
    """Leave data of one person in every store: ledger, receipts, quarantine, retry queue and dead letters."""
    pulse = relay.twins["pulse"]
    person = {"email": email, "first_name": email.split("@", maxsplit=1)[0], "news": True, **more}
    assert relay.post("newsletter", person).json["status"] == "delivered"
    assert relay.post("newsletter", {**person, "website": "spam"}).status == 200
    for status in (422, 503):
        pulse.fail("status", status=status)
        assert relay.post("newsletter", {**person, "first_name": f"Name{status}"}).json["status"] == "accepted"


def wait_until_due(relay: Relay) -> None:
    """Wait until all queued messages can be received."""
    eventually(lambda: count(relay, "Delayed") == 0)


def count(relay: Relay, suffix: str) -> int:
    """Count messages of the retry queue: "" are visible ones, "Delayed" and "NotVisible" the others."""
    name: Any = f"ApproximateNumberOfMessages{suffix}"
    answer: Any = relay.sqs.get_queue_attributes(QueueUrl=relay.retry_queue, AttributeNames=[name])
    return int(answer["Attributes"][name])


def receive(relay: Relay) -> str:
    """Receive the waiting message, as a poller does; returns its receipt handle."""
    wait_until_due(relay)
    [message] = relay.sqs.receive_message(QueueUrl=relay.retry_queue, VisibilityTimeout=600)["Messages"]
    return message["ReceiptHandle"]


def everything(relay: Relay) -> str:
    """Return every item and every message, as one text to search."""
    return json.dumps([relay.items(), relay.queued(), relay.buried()], default=sorted)


def lease(relay: Relay, destination: str) -> None:
    """Let a delivery hold the lease on the one person at a destination."""
    [item] = remembered(relay)[destination]
    relay.dynamodb.update_item(
        TableName=relay.table,
        Key={"id": {"S": item["id"]}},
        UpdateExpression="SET lease_until = :later",
        ExpressionAttributeValues={":later": {"N": str(int((time.time() + 600) * 1000))}},
    )


def subjects(ids: dict[str, str]) -> list[str]:
    """Return what the certificate's table calls each contact, Pulse's last."""
    return [f"{name} ({vendor}), contact {ids[name]}" for vendor, name in {**VENDORS, "pulse": "pulse-us"}.items()]


def contact_ids(relay: Relay) -> dict[str, str]:
    """Return by destination what the ledger remembers of Ada."""
    return {name: item["contact_id"] for name, [item] in remembered(relay).items()}


def remembered(relay: Relay) -> dict[str, list[dict[str, Any]]]:
    """Return by destination what the ledger remembers of people at its account."""
    deployment = connect()
    found: dict[str, list[dict[str, Any]]] = {}
    for destination in all_destinations(deployment.forms):
        connection = destination.spec.connection.of_secret(destination.name, deployment.secrets.fetch(destination.name))
        items = relay.items(f"person#{account_of(deployment.hasher, destination, connection)}#")
        found |= {destination.name: items} if items else {}
    return found


def remember(relay: Relay, destination: str, contact_id: str | None) -> None:
    """Let the ledger remember Ada at a destination by this id."""
    [item] = [item for item in remembered(relay)[destination] if item["contact_id"] != contact_id]
    change: dict[str, Any] = (
        {"UpdateExpression": "REMOVE contact_id"}
        if contact_id is None
        else {
            "UpdateExpression": "SET contact_id = :other",
            "ExpressionAttributeValues": {":other": {"S": contact_id}},
        }
    )
    relay.dynamodb.update_item(TableName=relay.table, Key={"id": {"S": item["id"]}}, **change)
