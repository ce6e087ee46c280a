"""People without their names: every key in the ledger is a keyed hash, useless without the deployment's own key."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from shared.aws.secrets import Secrets
from shared.contact import Contact
from shared.errors import KEY_ERRORS, LedgerKeyUnavailable

KEY_SECRET = "ledger-key"


class PersonHasher:
    """Hashes what identifies a person, with the key in the secret `key_secret`, as `secrets` names it."""

    def __init__(self, secrets: Secrets, key_secret: str = KEY_SECRET) -> None:
        self._secrets = secrets
        self._key_secret = key_secret

    def hashed(self, purpose: str, *parts: str) -> str:
        """Return a keyed hash of `parts`, 32 hex digits. Equal parts have another hash for another purpose.

        Raises:
            LedgerKeyUnavailable: the key could not be read.
        """
        return self.seal(purpose, *parts)[:32]

    def seal(self, purpose: str, *parts: str) -> str:
        """Return the whole keyed hash, 64 hex digits: proof that whoever made it holds the key."""
        own_key = hmac.digest(self._key().encode(), purpose.encode(), "sha256")
        # Each part with its length, so that ("ab", "c") and ("a", "bc") differ.
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(own_key, text.encode(), "sha256").hexdigest()

    def _key(self) -> str:
        try:
            key = str(self._secrets.fetch(self._key_secret).get("key", ""))
        except KEY_ERRORS as error:
            # Its own error: a destination whose credentials are missing would be held.
            raise LedgerKeyUnavailable(str(error)) from None
        if not key:
            # An empty key would hash all the same: anybody could compute it, and the right key would know nobody.
            raise LedgerKeyUnavailable(f"secret {self._key_secret} holds no key")
        return key

    def of_address(self, text: str) -> str:
        """Return the hash of an e-mail address or phone number; case and padding do not count."""
        return self.hashed("address", _folded(text))

    def of_contact(self, contact: Contact) -> set[str]:
        """Return the hashes by which an erasure finds whatever holds this person: of the e-mail and the phone."""
        return {self.of_address(value) for value in (contact.email, contact.phone) if value}

    def of_identity(self, identity: Mapping[str, str]) -> str:
        """Return the hash of what a destination knows a person by; case and padding do not count."""
        return self.hashed("identity", *(f"{kind}={_folded(value)}" for kind, value in sorted(identity.items())))


def _folded(text: str) -> str:
    # `casefold` would make one person of two: it turns "ß" into "ss".
    return text.strip().lower()
