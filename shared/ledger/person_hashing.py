"""People without their names: every key in the ledger is a keyed hash, useless without the deployment's own key."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from shared.aws.secrets import Secrets
from shared.contact import Contact
from shared.errors import CredentialsMissing

KEY_SECRET = "ledger-key"


class People:
    """Hashes what identifies a person, with the key in the secret `key_secret`, as `secrets` names it."""

    def __init__(self, secrets: Secrets, key_secret: str = KEY_SECRET) -> None:
        self._secrets = secrets
        self._key_secret = key_secret

    def hashed(self, *parts: str) -> str:
        """Return a keyed hash of `parts`, 32 hex digits.

        Raises:
            CredentialsMissing, SecretsUnavailable: the key could not be read.
        """
        key = str(self._secrets.fetch(self._key_secret).get("key", ""))
        if not key:
            # An empty key would hash all the same: anybody could compute it, and the right key would know nobody.
            raise CredentialsMissing(f"secret {self._key_secret} holds no key")
        return hmac.new(key.encode(), "\x1f".join(parts).encode(), "sha256").hexdigest()[:32]

    def of_address(self, text: str) -> str:
        """Return the hash of an e-mail address or phone number; case and padding do not count."""
        return self.hashed(text.strip().casefold())

    def of_contact(self, contact: Contact) -> set[str]:
        """Return the hashes by which an erasure finds whatever holds this person: of the e-mail and the phone."""
        return {self.of_address(value) for value in (contact.email, contact.phone) if value}

    def of_identity(self, identity: Mapping[str, str]) -> str:
        """Return the hash of what a destination knows a person by; case and padding do not count."""
        return self.hashed(*(f"{kind}={value.strip().casefold()}" for kind, value in sorted(identity.items())))
