"""The floor: a handler with nothing but Powertools' logger, metrics and router."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

logger = Logger()
metrics = Metrics(namespace="bench")
app = APIGatewayHttpResolver()


@app.post("/forms/<form_id>")
def sign_up(form_id: str) -> dict[str, str]:
    """Answer at once."""
    return {"status": "delivered"}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one HTTP API event."""
    return app.resolve(event, context)
