"""The obvious peer: a sign-up to one vendor as most people would write it, with FastAPI, Mangum, boto3 and requests.

It checks the fields, remembers the sign-up in DynamoDB, looks the person up and creates the contact. It has none of the
guards of docs/guarantees.md: no lease, no receipt, no limit, no retry, no circuit.
"""

from __future__ import annotations

import json
import logging
import os
import uuid

import boto3
import requests
from fastapi import FastAPI, HTTPException
from mangum import Mangum
from pydantic import BaseModel, EmailStr

logger = logging.getLogger(__name__)
dynamodb = boto3.client("dynamodb")
sqs = boto3.client("sqs")
secrets = boto3.client("secretsmanager")
vendor = requests.Session()
app = FastAPI()


class SignUp(BaseModel):
    """What the form sends."""

    email: EmailStr
    given_name: str | None = None
    news: bool = False


@app.post("/forms/{form_id}")
def sign_up(form_id: str, given: SignUp) -> dict[str, str]:
    """Create the contact, unless the vendor has it."""
    submission_id = uuid.uuid4().hex
    secret = json.loads(secrets.get_secret_value(SecretId="signup-relay/pulse")["SecretString"])
    dynamodb.put_item(
        TableName=os.environ["LEDGER_TABLE"],
        Item={"id": {"S": submission_id}},
        ConditionExpression="attribute_not_exists(id)",
    )
    try:
        contacts = f"{secret['base_url']}/contacts"
        found = vendor.get(f"{contacts}/search", params={"simpleSearch": given.email}, timeout=3)
        found.raise_for_status()
        if not found.json():
            vendor.post(contacts, json=given.model_dump(), timeout=3).raise_for_status()
    except requests.RequestException:
        sqs.send_message(QueueUrl=os.environ["RETRY_QUEUE_URL"], MessageBody=given.model_dump_json())
        raise HTTPException(503) from None
    logger.info("delivered %s to %s", submission_id, form_id)
    return {"submissionId": submission_id, "status": "delivered"}


handler = Mangum(app, lifespan="off")
