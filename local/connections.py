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
        self._secrets = clients.secrets
        self._prefix = prefix
        self._twins = twins
        self._vendors: dict[str, str] = {}
        """Connection → the vendor that its secret was stored for; empty for a signing secret."""

    def store_missing(self, forms: Iterable[Form]) -> None:
        """Create the forms' secrets that are not there. A wrong one stays: it may be what is being tried."""
        for name, vendor in _uses(forms):
            if self._vendors.get(name) != vendor:
                self._store(name, vendor, replace=name in self._vendors)

    def store_right(self, forms: Iterable[Form]) -> None:
        """Let every secret of the forms open its twin as the twin is now."""
        for name, vendor in _uses(forms):
            self._store(name, vendor)

    def broken_vendors(self) -> frozenset[str]:
        """Return the vendors of which a stored secret does not open the twin, whoever stored it."""
        stored = ((vendor, self._read(name)) for name, vendor in list(self._vendors.items()) if vendor)
        return frozenset(vendor for vendor, secret in stored if not self._opens(vendor, secret))

    def names_of(self, vendor: str) -> list[str]:
        """Return the connections to a vendor."""
        return sorted(name for name, each in list(self._vendors.items()) if each == vendor)

    def _store(self, name: str, vendor: str, *, replace: bool = True) -> None:
        if vendor and vendor not in self._twins:
            return
        full_name, text = self._prefix + name, json.dumps(self._secret_of(vendor))
        try:
            self._secrets.create_secret(Name=full_name, SecretString=text)
        except self._secrets.exceptions.ResourceExistsException:
            if replace:
                self._secrets.put_secret_value(SecretId=full_name, SecretString=text)
        self._vendors[name] = vendor

    def _secret_of(self, vendor: str) -> Secret:
        if not vendor:
            return {"signing_secret": SIGNING_SECRET}
        # The account's own name: what is remembered of its people outlives a new key.
        return {**self._twins[vendor].connection(), "account": f"{vendor}-twin"}

    def _opens(self, vendor: str, secret: Secret) -> bool:
        return all(secret.get(key) == value for key, value in self._twins[vendor].connection().items())

    def _read(self, name: str) -> Secret:
        """Return a stored secret; an empty one where it was deleted or made unreadable meanwhile."""
        try:
            secret = json.loads(self._secrets.get_secret_value(SecretId=self._prefix + name)["SecretString"])
        except (self._secrets.exceptions.ResourceNotFoundException, ValueError):
            return {}
        return secret if isinstance(secret, dict) else {}


def _uses(forms: Iterable[Form]) -> Iterator[tuple[str, str]]:
    """Yield each connection with its vendor; the empty text stands for a sender's signing secret."""
    for form in forms:
        for destination in form.destinations:
            yield destination.name, destination.spec.vendor
        if form.signature:
            yield form.signature.secret, ""
