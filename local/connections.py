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

Secret = Mapping[str, Any]


class Connections:
    """Stores the secrets that the forms need; a vendor without a twin gets none."""

    def __init__(self, clients: AwsClients, prefix: str, twins: Mapping[str, Twin]) -> None:
        """Store nothing yet."""
        self._clients = clients
        self._prefix = prefix
        self._twins = twins
        self._stored: dict[str, Secret] = {}

    def store(self, forms: Iterable[Form]) -> None:
        """Create the forms' secrets, or replace those that are no longer right."""
        for name, value in self._secrets(forms):
            if self._stored.get(name) != value:
                self._put(self._prefix + name, json.dumps(value))
                self._stored[name] = value

    def has_wrong_key(self, vendor: str) -> bool:
        """Whether a stored secret no longer opens the vendor's twin."""
        right = self._secret_of(vendor)
        return any(each != right for each in self._stored.values() if each.get("account") == right["account"])

    def _secrets(self, forms: Iterable[Form]) -> Iterator[tuple[str, Secret]]:
        for form in forms:
            for destination in form.destinations:
                if destination.spec.vendor in self._twins:
                    yield destination.name, self._secret_of(destination.spec.vendor)
            if form.signature:
                yield form.signature.secret, {"signing_secret": SIGNING_SECRET}

    def _secret_of(self, vendor: str) -> Secret:
        # The account's own name: what is remembered of its people outlives a new key.
        return {**self._twins[vendor].connection(), "account": f"{vendor}-twin"}

    def _put(self, name: str, text: str) -> None:
        secrets = self._clients.secrets
        try:
            secrets.create_secret(Name=name, SecretString=text)
        except secrets.exceptions.ResourceExistsException:
            secrets.put_secret_value(SecretId=name, SecretString=text)
