"""The one table from errors to outcomes: what a failure means for the message, and what it says of the vendor."""

from __future__ import annotations

from dataclasses import replace

from shared import errors
from shared.delivery.circuit import CircuitOpen, VendorHealth
from shared.delivery.outcome import Held, Outcome, Parked, Queued
from shared.errors import RelayError


class EndEarly(RelayError):
    """A delivery ends before the vendor is asked, for a good reason; `outcome` is what becomes of the message."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.kind)


MOST_DEFECTS = 5
"""Attempts that a fault of ours may spoil before the message is parked for a person to look at."""

_DEFECT = Queued("defect", most_attempts=MOST_DEFECTS)

# Most specific first.
_OUTCOMES: tuple[tuple[type[RelayError], Outcome, VendorHealth], ...] = (
    (errors.OutOfTime, Queued("out-of-time", is_attempt=False), VendorHealth.UNKNOWN),
    (errors.RateLimited, Queued("rate-limited"), VendorHealth.UP),
    (errors.TryLater, Queued("look-again", is_attempt=False), VendorHealth.UP),
    (errors.NotUnderstood, Queued("not-understood"), VendorHealth.UNKNOWN),
    (errors.Unavailable, Queued("unavailable"), VendorHealth.DOWN),
    (errors.RepeatSoon, Queued("outcome-unknown", retry_quickly=True), VendorHealth.DOWN),
    (errors.OutcomeUnknown, Queued("outcome-unknown"), VendorHealth.DOWN),
    (errors.Unauthorized, Held(), VendorHealth.UP),
    (errors.Forbidden, Queued("forbidden"), VendorHealth.UP),
    (errors.Ambiguous, Parked("ambiguous"), VendorHealth.UP),
    (errors.NotFound, Parked("misconfigured"), VendorHealth.UP),
    (errors.Misconfigured, Parked("misconfigured"), VendorHealth.UP),
    (errors.VendorError, Parked("refused"), VendorHealth.UP),
    (errors.CredentialsMissing, Held(), VendorHealth.UNKNOWN),
    (errors.SecretsUnavailable, Queued("secrets-unavailable", is_attempt=False), VendorHealth.UNKNOWN),
    (CircuitOpen, Queued("circuit-open", is_attempt=False), VendorHealth.UNKNOWN),
    (errors.LeaseBusy, Queued("busy", is_attempt=False), VendorHealth.UNKNOWN),
    (errors.LedgerUnavailable, Queued("ledger-unavailable", is_attempt=False), VendorHealth.UNKNOWN),
    (RelayError, _DEFECT, VendorHealth.UNKNOWN),
)


def outcome_for(error: Exception) -> Outcome:
    """Return what becomes of the message; a vendor's wish to wait travels along.

    An exception that is no `RelayError` is a defect of ours.
    """
    if isinstance(error, EndEarly):
        return error.outcome
    if not isinstance(error, RelayError):
        return _DEFECT
    outcome = next(outcome for kind, outcome, _ in _OUTCOMES if isinstance(error, kind))
    if isinstance(outcome, Queued):
        return replace(outcome, retry_in=getattr(error, "retry_after", None))
    return outcome


def cause_of(error: Exception) -> str:
    """Return what went wrong, safe to log: only our own errors are known to hold nothing of a person."""
    return str(error) if isinstance(error, RelayError) else type(error).__name__


def health_of(error: RelayError) -> VendorHealth:
    """Return what an error says about the vendor."""
    return next(health for kind, _, health in _OUTCOMES if isinstance(error, kind))
