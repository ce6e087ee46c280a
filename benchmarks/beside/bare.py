"""Bare calls: what our functions ask AWS and the vendors, over the same two libraries, and nothing else.

It decides nothing, looks at no answer, and writes no log. So no code of ours around boto3 and httpx can be faster than
this, as long as the same calls are made.
"""

from __future__ import annotations

import os
import ssl
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import httpx

from shared.aws.fail_fast import AWS_CALLS

VENDOR_CALLS = {"one": [2], "five": [2, 1, 1, 1, 3]}
"""Of each destination of a form."""

RECIPIENTS = {"one": 1, "five": 2}
"""Addresses and numbers whose limit is counted."""

VENDOR = f"{os.environ['AWS_ENDPOINT_URL']}/pulse/contacts"
HEADERS = {"Accept": "*/*", "Authorization": "Bearer token", "Connection": "keep-alive", "User-Agent": "bare"}
KEY = {"pk": {"S": "person"}, "sk": {"S": "account"}}

dynamodb = boto3.client("dynamodb", config=AWS_CALLS)
transport = httpx.HTTPTransport(verify=ssl.create_default_context())
pool = ThreadPoolExecutor(10)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Make the calls of a sign-up, or of a batch of retries."""
    if "Records" in event:
        keys = [{"pk": {"S": record["messageId"]}} for record in event["Records"]]
        dynamodb.batch_get_item(RequestItems={os.environ["LEDGER_TABLE"]: {"Keys": keys}})
        list(pool.map(_deliver, [2 for _ in keys]))
        return {"batchItemFailures": []}
    _sign_up(event["rawPath"].rpartition("/")[2])
    return {"statusCode": 200}


def _sign_up(form: str) -> None:
    _put()
    for _ in range(RECIPIENTS[form]):
        _update()
    receipt = pool.submit(_put)
    list(pool.map(_deliver, VENDOR_CALLS[form]))
    receipt.result()
    _update()


def _deliver(vendor_calls: int) -> None:
    _update()
    for number in range(vendor_calls):
        body = {"email": "ada@example.com", "firstName": "Ada"} if number else None
        transport.handle_request(httpx.Request("POST" if body else "GET", VENDOR, headers=HEADERS, json=body)).read()
    _update()


def _put() -> None:
    dynamodb.put_item(
        TableName=os.environ["LEDGER_TABLE"],
        Item={**KEY, "value": {"S": "x" * 60}},
        ConditionExpression="attribute_not_exists(pk)",
    )


def _update() -> None:
    dynamodb.update_item(
        TableName=os.environ["LEDGER_TABLE"],
        Key=KEY,
        UpdateExpression="SET lease = :lease",
        ConditionExpression="attribute_not_exists(lease)",
        ExpressionAttributeValues={":lease": {"S": "x" * 60}},
        ReturnValues="ALL_NEW",
    )
