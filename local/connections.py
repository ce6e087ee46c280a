"""Connection secrets that lead to the twins, so that nothing but the secrets tells a twin from a vendor."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from local.aws_services import AwsClients
from local.twins.server import Twin
from shared.forms import Form

SIGNING_SECRET = "whsec_bG9jYWwtc2lnbmluZy1zZWNyZXQtb2YtdGhlLXN0YWNr"
"""With which servers sign towards a form that demands it, on the embedded stack."""


def connection_secrets(forms: Iterable[Form], twins: Mapping[str, Twin]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name each secret that the forms need, with its value. A vendor without a twin gets none."""
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
