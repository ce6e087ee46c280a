"""The way to a destination: not while it asked for a pause, and only with a secret that it does not refuse."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.aws.secrets import Secrets
from shared.delivery.outcome import Held, Queued
from shared.delivery.outcome_for import EndEarly
from shared.errors import CredentialsMissing, RelayError, Unauthorized
from shared.ledger.gates import Gate, Gates
from shared.telemetry import logger

R = TypeVar("R")
Secret = Mapping[str, Any]

LONGEST_PAUSE_SECONDS = 43_200.0
"""A destination's `Retry-After` is believed up to 12 hours."""


@dataclass(frozen=True, slots=True)
class Gatekeeper:
    """Lets deliveries through a destination's gate, and closes it where the destination says so."""

    gates: Gates
    secrets: Secrets
    wall_clock: Callable[[], float] = time.time

    def let_through(self, destination: str, attempt: Callable[[Secret], R]) -> R:
        """Return what `attempt` makes of the destination's secret; try again once if it was refused and has changed.

        Raises:
            EndEarly: the destination is paused, or held for these credentials.
            Unauthorized, CredentialsMissing: the credentials do not work; its messages are held from now on.
            SecretsUnavailable, LedgerUnavailable: nothing is known of the destination.
        """
        gate = self._open_gate(destination)
        secret = self._secret(destination, fresh=gate.held_since is not None)
        if not self.gates.may_try(destination, gate, secret):
            raise EndEarly(Held())
        try:
            result = attempt(secret)
        except (Unauthorized, CredentialsMissing):
            changed = self._secret(destination, fresh=True)
            if changed == secret:
                self._hold(destination, secret, "refused")
                raise
            result = self._attempt_again(destination, changed, attempt)
        self._end_hold(destination, gate)
        return result

    def _attempt_again(self, destination: str, secret: Secret, attempt: Callable[[Secret], R]) -> R:
        try:
            return attempt(secret)
        except (Unauthorized, CredentialsMissing):
            self._hold(destination, secret, "refused")
            raise

    def _open_gate(self, destination: str) -> Gate:
        gate = self.gates.of(destination)
        paused = gate.paused_until / 1000 - self.wall_clock()
        if paused > 0:
            raise EndEarly(Queued("rate-limited", retry_in=paused, is_attempt=False))
        return gate

    def _secret(self, destination: str, *, fresh: bool) -> dict[str, Any]:
        try:
            return self.secrets.fetch(destination, fresh=fresh)
        except CredentialsMissing:
            self._hold(destination, {}, "missing")
            raise

    # Where a gate cannot be changed, the next delivery will try to.

    def pause(self, destination: str, seconds: float) -> None:
        """Send nothing to a destination for so long, because it asked for that."""
        try:
            self.gates.pause(destination, min(seconds, LONGEST_PAUSE_SECONDS))
        except RelayError as error:
            logger.warning("pause not recorded", destination=destination, error=str(error))

    def _hold(self, destination: str, secret: Secret, because: str) -> None:
        try:
            self.gates.hold(destination, secret, because)
        except RelayError as error:
            logger.warning("hold not recorded", destination=destination, error=str(error))

    def _end_hold(self, destination: str, gate: Gate) -> None:
        try:
            self.gates.end_hold(destination, gate)
        except RelayError as error:
            logger.warning("end of hold not recorded", destination=destination, error=str(error))
