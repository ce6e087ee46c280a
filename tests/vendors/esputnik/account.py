"""An eSputnik account, simulated, and deliveries to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from local.twins.esputnik.twin import EsputnikTwin
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.esputnik.actions import ACTIONS
from shared.vendors.esputnik.bulk import ESputnikBulkClient
from shared.vendors.esputnik.client import ESputnikConnection
from shared.vendors.protocol import Action, ActionSpec, WriteResult
from tests.support.vendor_fakes import soon, task

SPECS: dict[str, ActionSpec] = {spec.action: spec for spec in ACTIONS}
ANN = "ann@example.com"


@dataclass
class Account:
    twin: EsputnikTwin
    http: VendorHttp
    name: str
    """The action under test."""

    def deliver(self, memory: PersonRecord, options: dict[str, Any] | None = None, **parts: Any) -> WriteResult:
        return self.action(options).deliver(task(**{"email": ANN, **parts}), memory)

    def action(self, options: dict[str, Any] | None = None) -> Action:
        spec = SPECS[self.name]
        return spec.build(spec.options.model_validate(options or {}), self._connection(), self.http, soon())

    def client(self) -> ESputnikBulkClient:
        return ESputnikBulkClient(self.http, self._connection(), soon())

    def _connection(self) -> ESputnikConnection:
        return ESputnikConnection.of_secret("esputnik", self.twin.connection())

    def contact(self) -> dict[str, Any]:
        """Return the only contact."""
        (contact,) = self.twin.contacts()
        return contact

    def groups(self) -> list[str]:
        """Return the names of the only contact's segments."""
        return [group["name"] for group in self.contact()["groups"]]

    def sent(self, method: str, path: str) -> list[Any]:
        """Return the bodies of the requests to one path, in their order."""
        entries = [entry for entry in self.twin.requests if (entry.method, entry.path) == (method, f"/api/v1/{path}")]
        return [json.loads(entry.body) if entry.body else None for entry in entries]
