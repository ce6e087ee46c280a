"""Connection secrets from Secrets Manager, by Powertools Parameters: cached for minutes, fetched afresh on demand."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError, TransformParameterError
from botocore.exceptions import ClientError

from shared.errors import CredentialsMissing, SecretsUnavailable

CACHE_SECONDS = 300
FRESH_SECONDS = 5
"""A value this young is fresh enough: a flood of held messages must not become a flood of look-ups."""


class Secrets:
    """Reads `<prefix><name>`; a value once read outlives an outage of Secrets Manager."""

    def __init__(self, provider: SecretsProvider, prefix: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
        self._prefix = prefix
        self._monotonic = monotonic
        self._last: dict[str, tuple[float, dict[str, Any]]] = {}

    def fetch(self, name: str, *, fresh: bool = False) -> dict[str, Any]:
        """Return the secret's JSON object.

        Args:
            name: the connection's name, without the prefix.
            fresh: bypass the cache, unless it is a few seconds young.

        Raises:
            CredentialsMissing: there is no such secret, or it is not a JSON object.
            SecretsUnavailable: Secrets Manager failed and no earlier value is known.
        """
        read_at, known = self._last.get(name, (float("-inf"), None))
        age = self._monotonic() - read_at
        if known is not None and age < (FRESH_SECONDS if fresh else CACHE_SECONDS):
            return known
        try:
            value = self._read(name)
        except SecretsUnavailable:
            if known is None:
                raise
            return known
        self._last[name] = (self._monotonic(), value)
        return value

    def _read(self, name: str) -> dict[str, Any]:
        try:
            value = self._provider.get(f"{self._prefix}{name}", transform="json", force_fetch=True)
        except GetParameterError as error:
            if _is_absent(error):
                raise CredentialsMissing(f"secret {self._prefix}{name} does not exist") from None
            raise SecretsUnavailable(f"secret {self._prefix}{name} could not be read") from None
        except TransformParameterError:
            # Powertools puts the secret's text into this error.
            raise CredentialsMissing(f"secret {self._prefix}{name} is not JSON") from None
        if not isinstance(value, dict):
            raise CredentialsMissing(f"secret {self._prefix}{name} is not a JSON object")
        return value


def _is_absent(error: GetParameterError) -> bool:
    cause = error.__cause__ or error.__context__
    return isinstance(cause, ClientError) and cause.response.get("Error", {}).get("Code") == "ResourceNotFoundException"
