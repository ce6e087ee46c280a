"""Whose memory a delivery uses: the vendor account that a secret points at, and the person there."""

from __future__ import annotations

import json

from shared.forms import Destination
from shared.ledger.leases import Claim, person_key
from shared.ledger.person_hashing import PersonHasher
from shared.submission import Submission
from shared.vendors.connection import Connection
from shared.vendors.flows import digest
from shared.vendors.protocol import Identity


def account_of(hasher: PersonHasher, destination: Destination, connection: Connection) -> str:
    """Return the keyed hash of a vendor account: destinations that point at one account share its memory.

    Raises:
        LedgerKeyUnavailable: the key that hashes could not be read.
    """
    parts = (*connection.account_key, *destination.options.account_parts())
    return hasher.hashed("account", destination.spec.vendor, *parts)


def person_at(hasher: PersonHasher, destination: Destination, connection: Connection, identity: Identity) -> str:
    """Return the key of the item that remembers a person at a destination's account."""
    return person_key(account_of(hasher, destination, connection), hasher.of_identity(identity))


def claim_on(
    hasher: PersonHasher,
    destination: Destination,
    connection: Connection,
    submission: Submission,
    names: frozenset[str],
) -> Claim:
    """Return what a delivery says when it takes the lease: whom it writes, and which of the vendor's fields."""
    said = [
        destination.name,
        submission.contact.present,
        sorted(submission.channels),
        sorted((str(name), value) for name, value in submission.custom.items()),
    ]
    return Claim(
        key=person_at(hasher, destination, connection, destination.options.identity(submission.contact)),
        people=frozenset(hasher.of_contact(submission.contact)),
        stamp=str(submission.stamp),
        content=digest(json.dumps(said)),
        names=names,
        memory=destination.spec.memory,
        destination=destination.name,
    )
