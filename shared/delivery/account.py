"""Whose memory a delivery uses: the vendor account that a secret points at, and the person there."""

from __future__ import annotations

from shared.forms import Destination
from shared.ledger.leases import person_key
from shared.ledger.person_hashing import PersonHasher
from shared.vendors.connection import Connection
from shared.vendors.protocol import Identity


def account_of(hasher: PersonHasher, destination: Destination, connection: Connection) -> str:
    """Return the keyed hash of a vendor account: destinations that point at one account share its memory.

    Raises:
        LedgerKeyMissing, SecretsUnavailable: the key that hashes could not be read.
    """
    parts = (*connection.account_key, *destination.options.account_parts())
    return hasher.hashed("account", destination.spec.vendor, *parts)


def person_at(hasher: PersonHasher, destination: Destination, connection: Connection, identity: Identity) -> str:
    """Return the key of the item that remembers a person at a destination's account."""
    return person_key(account_of(hasher, destination, connection), hasher.of_identity(identity))
