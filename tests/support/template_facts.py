"""Looking things up in the template: a resource, its properties, what a role may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from local.template import REGION, STACK_NAME, Resource, Template

CREATED = {
    "RetryQueue": "https://sqs.us-east-1.amazonaws.com/123456789012/own-retry",
    "RetryQueue.Arn": "arn:aws:sqs:us-east-1:123456789012:own-retry",
    "RetryQueue.QueueName": "own-retry",
    "DeadLetterQueue": "https://sqs.us-east-1.amazonaws.com/123456789012/own-dead",
    "DeadLetterQueue.Arn": "arn:aws:sqs:us-east-1:123456789012:own-dead",
    "DeadLetterQueue.QueueName": "own-dead",
    "LedgerTable": "own-table",
    "LedgerTable.Arn": "arn:aws:dynamodb:us-east-1:123456789012:table/own-table",
    "LedgerKeySecret": "arn:aws:secretsmanager:us-east-1:123456789012:secret:own-key-AbCdEf",
    "SubmitLogGroup.Arn": "arn:aws:logs:us-east-1:123456789012:log-group:submit",
    "RetryLogGroup.Arn": "arn:aws:logs:us-east-1:123456789012:log-group:retry",
    "SilenceLogGroup.Arn": "arn:aws:logs:us-east-1:123456789012:log-group:silence",
}
"""What `Ref` and `GetAtt` of a deployed stack's resources mean."""
DELIVERING_ROLES = ("SubmitRole", "RetryRole")
ROLES = (*DELIVERING_ROLES, "SilenceRole")

__all__ = ["CREATED", "DELIVERING_ROLES", "REGION", "ROLES", "STACK_NAME", "properties", "resource", "statements"]


def resource(template: Template, name: str) -> Resource:
    (found,) = (resource for resource in template.resources if resource.name == name)
    return found


def properties(template: Template, name: str) -> Mapping[str, Any]:
    return resource(template, name).properties


def statements(template: Template, role: str, **parameters: str) -> Iterator[Mapping[str, Any]]:
    """Statements of a role's policy, resolved; `Action` and `Resource` are lists."""
    (policy,) = properties(template, role)["Policies"]
    for statement in template.resolve(policy["PolicyDocument"]["Statement"], {**CREATED, **parameters}):
        yield {**statement, "Action": _listed(statement["Action"]), "Resource": _listed(statement["Resource"])}


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
