"""Secrets in Secrets Manager: written whole, never printed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from cli.deployment import AWS_CONFIG, Deployment
from shared.errors import ConfigurationError, CredentialsMissing


def known_secret(deployment: Deployment, name: str) -> dict[str, Any] | None:
    """Return the secret of a connection, or None where there is none.

    Raises:
        SecretsUnavailable: Secrets Manager failed.
    """
    try:
        return deployment.secrets.fetch(name, fresh=True)
    except CredentialsMissing:
        return None


def create(deployment: Deployment, name: str, secret: Mapping[str, Any]) -> str:
    """Create a secret; returns its full name.

    Raises:
        ConfigurationError: there is one already, or it is about to be deleted.
    """
    full_name = _full_name(deployment, name)
    try:
        _client().create_secret(Name=full_name, SecretString=json.dumps(secret))
    except ClientError as error:
        match error.response["Error"].get("Code"):
            case "ResourceExistsException":
                raise ConfigurationError(f"secret {full_name} exists: `relay connection rotate {name}`") from None
            case "InvalidRequestException":
                raise ConfigurationError(f"secret {full_name} is about to be deleted: restore it first") from None
        raise
    return full_name


def replace(deployment: Deployment, name: str, secret: Mapping[str, Any]) -> str:
    """Replace the value of a secret; returns its full name."""
    full_name = _full_name(deployment, name)
    _client().put_secret_value(SecretId=full_name, SecretString=json.dumps(secret))
    return full_name


def _full_name(deployment: Deployment, name: str) -> str:
    return f"{deployment.settings.secret_prefix}{name}"


def _client() -> Any:
    return boto3.client("secretsmanager", config=AWS_CONFIG)
