"""The one table from errors to outcomes: what a failure means for the message, and what it says of the vendor."""

from __future__ import annotations

from dataclasses import replace

from shared import errors
from shared.delivery.circuit import Evidence
from shared.delivery.outcome import Held, Outcome, Parked, Queued
from shared.errors import RelayError

# Most specific first.
_MEANINGS: tuple[tuple[type[RelayError], Outcome, Evidence], ...] = (
    (errors.OutOfTime, Queued("out-of-time", counts=False), Evidence.NONE),
    (errors.RateLimited, Queued("rate-limited"), Evidence.UP),
    (errors.TryLater, Queued("look-again", counts=False), Evidence.UP),
    (errors.Unavailable, Queued("unavailable"), Evidence.DOWN),
    (errors.RepeatSoon, Queued("outcome-unknown", soon=True), Evidence.DOWN),
    (errors.OutcomeUnknown, Queued("outcome-unknown"), Evidence.DOWN),
    (errors.Unauthorized, Held(), Evidence.UP),
    (errors.Forbidden, Held(), Evidence.UP),
    (errors.Ambiguous, Parked("ambiguous"), Evidence.UP),
    (errors.NotFound, Parked("misconfigured"), Evidence.UP),
    (errors.Misconfigured, Parked("misconfigured"), Evidence.UP),
    (errors.VendorError, Parked("refused"), Evidence.UP),
    (errors.CredentialsMissing, Held(), Evidence.NONE),
    (errors.SecretsUnavailable, Queued("secrets-unavailable", counts=False), Evidence.NONE),
    (errors.LeaseBusy, Queued("busy", counts=False), Evidence.NONE),
    (errors.LedgerUnavailable, Queued("ledger-unavailable", counts=False), Evidence.NONE),
    (RelayError, Queued("defect"), Evidence.NONE),
)


def meaning(error: RelayError) -> tuple[Outcome, Evidence]:
    """Return the outcome and the evidence of `error`; a wish to wait travels along."""
    outcome, evidence = next((o, e) for kind, o, e in _MEANINGS if isinstance(error, kind))
    if isinstance(outcome, Queued):
        outcome = replace(outcome, retry_in=getattr(error, "retry_after", None))
    return outcome, evidence
