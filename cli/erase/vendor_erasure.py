"""Asks vendors to delete a contact, where they document a call for it and the ledger knows the contact's id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.deployment import Deployment, vendor_http
from cli.destinations import all_destinations
from cli.erase.certificate import ContactState, VendorResult
from shared.deadline import Deadline
from shared.delivery.account import account_of
from shared.errors import CredentialsMissing, RelayError, SecretsUnavailable
from shared.forms import Destination
from shared.ledger.leases import PERSON
from shared.vendors.protocol import ActionSpec

ERASE_SECONDS = 20
DELETED = "deleted"

Result = tuple[str, ContactState]


class VendorErasure:
    """Deletes contacts at vendors, or says why not."""

    def __init__(self, deployment: Deployment, *, asked: bool, preview: bool) -> None:
        self._deployment = deployment
        self._asked = asked
        self._preview = preview
        self._destinations, self._unreadable = _by_account(deployment)

    def of(self, item: Mapping[str, Any]) -> VendorResult:
        """Delete the contact that a ledger item `person#<account>#<hash>` names."""
        destination, contact_id = self._destination_of(item), item.get("contact_id")
        name = destination.name if destination else str(item.get("destination", "unknown"))
        spec = destination.spec if destination else None
        if spec is None and name in self._unreadable and self._asked:
            # It may lead to this account: the item stays, because it has the id.
            failed = f"failed: {self._unreadable[name]}; mend that, or run without --vendors"
            return VendorResult(name, "unknown", contact_id, failed, ContactState.KNOWN)
        result, contact = self._result(name, spec, contact_id, item.get("people", set()))
        return VendorResult(name, spec.vendor if spec else "unknown", contact_id, result, contact)

    def left_by(self, item: Mapping[str, Any], result: VendorResult) -> str | None:
        """Return what the ledger has to keep of a contact that a vendor has just deleted, as JSON; mostly nothing."""
        destination = self._destination_of(item)
        if result.result != DELETED or destination is None or destination.spec.left_by_erasure is None:
            return None
        memory = destination.spec.memory.model_validate_json(item.get("memory", "{}"))
        return destination.spec.left_by_erasure(memory).model_dump_json(exclude_defaults=True)

    def _destination_of(self, item: Mapping[str, Any]) -> Destination | None:
        """Return the destination that last reached the item's account, or another one that leads there."""
        named = self._destinations.get(str(item["id"]).removeprefix(PERSON).rpartition("#")[0], {})
        return named.get(str(item.get("destination"))) or next(iter(named.values()), None)

    def _result(self, name: str, spec: ActionSpec | None, contact_id: str | None, people: set[str]) -> Result:
        if spec is None:
            return self._by_hand("no destination leads to this account")
        if spec.erase is None:
            return self._by_hand("no documented call")
        if contact_id is None:
            return self._by_hand("its id is not known")
        if self._preview:
            hint = "would be asked" if self._asked else "can be asked with --vendors, in the same run only"
            return hint, ContactState.KNOWN
        if not self._asked:
            return "not asked: without --vendors", ContactState.FORGOTTEN
        return self._ask(name, spec, contact_id, people)

    def _by_hand(self, reason: str) -> Result:
        return f"by hand: {reason}", ContactState.KNOWN if self._preview else ContactState.FORGOTTEN

    def _ask(self, name: str, spec: ActionSpec, contact_id: str, people: set[str]) -> Result:
        def is_this_person(address: str) -> bool:
            return self._deployment.hasher.of_address(address) in people

        assert spec.erase is not None
        try:
            connection = spec.connection.of_secret(name, self._deployment.secrets.fetch(name))
            with vendor_http() as http:
                deleted = spec.erase(connection, http, Deadline.after(ERASE_SECONDS), contact_id, is_this_person)
        except RelayError as error:
            return f"failed: {error}", ContactState.KNOWN
        return (DELETED if deleted else "not there, or another person's by now"), ContactState.GONE


def _by_account(deployment: Deployment) -> tuple[dict[str, dict[str, Destination]], dict[str, str]]:
    """Return the destinations, by name, of each vendor account that their secret points at now.

    Returns also by name what is wrong with the secrets that could not be read.
    """
    found: dict[str, dict[str, Destination]] = {}
    unreadable: dict[str, str] = {}
    for destination in all_destinations(deployment.forms):
        try:
            secret = deployment.secrets.fetch(destination.name)
            connection = destination.spec.connection.of_secret(destination.name, secret)
            account = account_of(deployment.hasher, destination, connection)
        except (CredentialsMissing, SecretsUnavailable) as error:
            unreadable[destination.name] = str(error)
            continue
        found.setdefault(account, {}).setdefault(destination.name, destination)
    return found, unreadable
