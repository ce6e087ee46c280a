"""The smallest events that reach a handler's own decisions and no service of AWS."""

from __future__ import annotations

from typing import Any


def post(path: str) -> dict[str, Any]:
    """An HTTP API event, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "POST /forms/{formId}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "origin": "https://www.example.com"},
        "pathParameters": {"formId": path.rsplit("/", 1)[-1]},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.example.com",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "pytest",
            },
            "requestId": "request-1",
            "routeKey": "POST /forms/{formId}",
            "stage": "$default",
            "time": "21/Nov/2026:09:00:00 +0000",
            "timeEpoch": 1_795_251_600_000,
        },
        "body": "{}",
        "isBase64Encoded": False,
    }


def sqs_record(message_id: str, body: str) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": "receipt-1",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1795251600000",
            "SenderId": "testing",
            "ApproximateFirstReceiveTimestamp": "1795251600000",
        },
        "messageAttributes": {},
        "md5OfBody": "0",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:retry",
        "awsRegion": "us-east-1",
    }
