"""IAM's part in the tests: while a handler runs, its role in the template must allow each AWS call that it makes.

Neither moto nor ministack looks at permissions, so a call that nobody may make would be found on AWS only.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from botocore import handlers
from botocore.model import OperationModel

from local.template import ACCOUNT, REGION, Template
from shared.settings import Settings
from tests.support.iam import allows
from tests.support.paths import ROOT
from tests.support.template_facts import CREATED, statements

_ACTIONS = {
    "SendMessageBatch": "SendMessage",
    "DeleteMessageBatch": "DeleteMessage",
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
}
"""Calls that need another permission than their name ("Actions, resources, and condition keys for Amazon SQS")."""

_PREFIXES = {"monitoring": "cloudwatch"}
"""Services whose permissions have another prefix than their signatures."""

used: set[tuple[str, str, str]] = set()
"""Role, action and resource of every call since the tests began."""
calls: list[str] = []
"""Action of every call since the tests began, in order."""
_acting: list[str] = []
_denied: list[str] = []


@contextmanager
def acting_as(role: str) -> Generator[None]:
    """Hold every AWS call inside the block against a role; fails at the end over those that it does not allow."""
    _acting.append(role)
    try:
        yield
    finally:
        _acting.pop()
        denied = sorted(set(_denied))
        _denied.clear()
    assert not denied, f"{role} does not allow {', '.join(denied)}"


def _check(params: Mapping[str, Any], model: OperationModel, **_: Any) -> None:
    if not _acting or "//127.0.0.1:" in params.get("QueueUrl", ""):  # an embedded stack polls in this process, too
        return
    role = _acting[-1]
    service = _PREFIXES.get(model.service_model.signing_name, model.service_model.signing_name)
    action = f"{service}:{_ACTIONS.get(model.name, model.name)}"
    resource = _resource(params)
    calls.append(action)
    used.add((role, action, resource))
    if not allows(_statements(role, os.environ["SECRET_PREFIX"]), action, resource):
        _denied.append(f"{action} on {resource}")


handlers.BUILTIN_HANDLERS.append(("before-parameter-build", _check, handlers.REGISTER_FIRST))


def _resource(params: Mapping[str, Any]) -> str:
    """Return the ARN that a call's target would have in a deployed stack."""
    settings = Settings.from_environment(os.environ)
    if "MetricDataQueries" in params:
        return "*"
    tables = [params.get("TableName"), *params.get("RequestItems", {})]
    if params.get("QueueUrl") == settings.retry_queue_url:
        return CREATED["RetryQueue.Arn"]
    if params.get("QueueUrl") == settings.dead_letter_queue_url:
        return CREATED["DeadLetterQueue.Arn"]
    if settings.ledger_table in tables:
        return CREATED["LedgerTable.Arn"]
    if params.get("SecretId") == settings.ledger_key:
        return CREATED["LedgerKeySecret"]
    return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{params.get('SecretId')}-AbCdEf"


@cache
def _statements(role: str, prefix: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(statements(Template.read(ROOT / "template.yaml"), role, SecretPrefix=prefix))
