"""Connection secrets that point at the twins: only they distinguish the embedded stack from a deployed one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from local.aws_services import AwsClients
from local.twins.server import Twin
from shared.forms import Form

SIGNING_SECRET = "whsec_bG9jYWwtc2lnbmluZy1zZWNyZXQtb2YtdGhlLXN0YWNr"
"""Signing secret of every signed form on the embedded stack."""


def connection_secrets(forms: Iterable[Form], twins: Mapping[str, Twin]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return name and value of each secret that the forms need. A vendor without a twin gets none."""
    for form in forms:
        for destination in form.destinations:
            if twin := twins.get(destination.spec.vendor):
                yield destination.name, twin.connection()
        if form.signature:
            yield form.signature.secret, {"signing_secret": SIGNING_SECRET}


def store_secrets(secrets: Iterable[tuple[str, Mapping[str, Any]]], prefix: str, clients: AwsClients) -> None:
    """Create or replace the secrets."""
    for name, value in secrets:
        try:
            clients.secrets.create_secret(Name=prefix + name, SecretString=json.dumps(value))
        except clients.secrets.exceptions.ResourceExistsException:
            clients.secrets.put_secret_value(SecretId=prefix + name, SecretString=json.dumps(value))
