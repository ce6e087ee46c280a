from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from shared import errors
from shared.delivery.circuit import VendorHealth
from shared.delivery.outcome import Held, Outcome, Parked, Queued
from shared.delivery.outcome_for import MOST_DEFECTS, EndEarly, health_of, outcome_for
from shared.errors import RelayError, VendorError


def _tree(kind: type[RelayError]) -> Iterator[type[RelayError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _tree(child)


def _raised(kind: type[RelayError]) -> RelayError:
    if issubclass(kind, VendorError):
        return kind("pulse", "create contact")
    return errors.LeaseBusy(3.0) if issubclass(kind, errors.LeaseBusy) else kind("text")


DEFECT = Queued("defect", most_attempts=MOST_DEFECTS)

EXPECTED: dict[type[RelayError], tuple[Outcome, VendorHealth]] = {
    errors.ConfigurationError: (DEFECT, VendorHealth.UNKNOWN),
    errors.LedgerUnavailable: (Queued("ledger-unavailable", is_attempt=False), VendorHealth.UNKNOWN),
    errors.LeaseBusy: (Queued("busy", retry_in=3.0, is_attempt=False), VendorHealth.UNKNOWN),
    errors.LeaseLost: (Queued("ledger-unavailable", is_attempt=False), VendorHealth.UNKNOWN),
    errors.LedgerKeyUnavailable: (Queued("ledger-unavailable", is_attempt=False), VendorHealth.UNKNOWN),
    errors.Defect: (DEFECT, VendorHealth.UNKNOWN),
    errors.QueueUnavailable: (DEFECT, VendorHealth.UNKNOWN),
    errors.CredentialsMissing: (Held(), VendorHealth.UNKNOWN),
    errors.SecretsUnavailable: (Queued("secrets-unavailable", is_attempt=False), VendorHealth.UNKNOWN),
    errors.VendorError: (Parked("refused"), VendorHealth.UP),
    errors.Unavailable: (Queued("unavailable"), VendorHealth.DOWN),
    errors.NotUnderstood: (Queued("not-understood"), VendorHealth.UNKNOWN),
    errors.OutOfTime: (Queued("out-of-time", is_attempt=False), VendorHealth.UNKNOWN),
    errors.RateLimited: (Queued("rate-limited"), VendorHealth.UP),
    errors.TryLater: (Queued("look-again", is_attempt=False), VendorHealth.UP),
    errors.OutcomeUnknown: (Queued("outcome-unknown"), VendorHealth.DOWN),
    errors.RepeatSoon: (Queued("outcome-unknown", retry_quickly=True), VendorHealth.DOWN),
    errors.Unauthorized: (Held(), VendorHealth.UP),
    errors.Forbidden: (Queued("forbidden"), VendorHealth.UP),
    errors.NotFound: (Parked("misconfigured"), VendorHealth.UP),
    errors.Conflict: (Parked("refused"), VendorHealth.UP),
    errors.Refused: (Parked("refused"), VendorHealth.UP),
    errors.Misconfigured: (Parked("misconfigured"), VendorHealth.UP),
    errors.Ambiguous: (Parked("ambiguous"), VendorHealth.UP),
}


@pytest.mark.parametrize("kind", list(_tree(RelayError)), ids=lambda kind: kind.__name__)
def test_every_error_means_exactly_one_outcome(kind: type[RelayError]) -> None:
    error = _raised(kind)
    assert (outcome_for(error), health_of(error)) == EXPECTED[kind]


def test_what_is_no_error_of_ours_is_a_defect() -> None:
    assert outcome_for(ZeroDivisionError()) == DEFECT


def test_a_vendor_that_was_not_asked_for_a_reason_says_nothing_of_its_health() -> None:
    waiting = EndEarly(Queued("paced", retry_in=5.0, is_attempt=False))
    assert outcome_for(waiting) == Queued("paced", retry_in=5.0, is_attempt=False)
    assert health_of(waiting) is VendorHealth.UNKNOWN


def test_a_vendors_wish_to_wait_travels_along() -> None:
    limited = errors.RateLimited("pulse", "search contacts", status=429, retry_after=17.0)
    assert outcome_for(limited) == Queued("rate-limited", retry_in=17.0)


def test_the_drawn_tree_of_errors_is_the_real_one() -> None:
    drawing = inspect.getdoc(errors) or ""
    drawn = [line.split("─ ")[1].split()[0] for line in drawing.splitlines() if "─ " in line]
    assert drawn == [kind.__name__ for kind in _tree(RelayError)]


def test_an_errors_text_names_call_status_and_request_and_nothing_else() -> None:
    error = errors.Refused(
        "pulse", "create contact", status=422, request_id="r-1", detail="the answer reports a failure"
    )
    assert str(error) == "pulse: create contact: Refused, status 422, request r-1, the answer reports a failure"
    assert str(errors.Unavailable("pulse", "search contacts")) == "pulse: search contacts: Unavailable"
