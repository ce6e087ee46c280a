from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from shared import errors
from shared.delivery.circuit import Evidence
from shared.delivery.outcome import Held, Outcome, Parked, Queued
from shared.delivery.outcome_for import _MEANINGS, meaning
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


EXPECTED: dict[type[RelayError], tuple[Outcome, Evidence]] = {
    errors.ConfigurationError: (Queued("defect"), Evidence.NONE),
    errors.LedgerUnavailable: (Queued("ledger-unavailable", counts=False), Evidence.NONE),
    errors.LeaseBusy: (Queued("busy", retry_in=3.0, counts=False), Evidence.NONE),
    errors.LeaseLost: (Queued("ledger-unavailable", counts=False), Evidence.NONE),
    errors.QueueUnavailable: (Queued("defect"), Evidence.NONE),
    errors.CredentialsMissing: (Held(), Evidence.NONE),
    errors.SecretsUnavailable: (Queued("secrets-unavailable", counts=False), Evidence.NONE),
    errors.VendorError: (Parked("refused"), Evidence.UP),
    errors.Unavailable: (Queued("unavailable"), Evidence.DOWN),
    errors.OutOfTime: (Queued("out-of-time", counts=False), Evidence.NONE),
    errors.RateLimited: (Queued("rate-limited"), Evidence.UP),
    errors.TryLater: (Queued("look-again", counts=False), Evidence.UP),
    errors.OutcomeUnknown: (Queued("outcome-unknown"), Evidence.DOWN),
    errors.RepeatSoon: (Queued("outcome-unknown", soon=True), Evidence.DOWN),
    errors.Unauthorized: (Held(), Evidence.UP),
    errors.Forbidden: (Held(), Evidence.UP),
    errors.NotFound: (Parked("misconfigured"), Evidence.UP),
    errors.Conflict: (Parked("refused"), Evidence.UP),
    errors.Refused: (Parked("refused"), Evidence.UP),
    errors.Misconfigured: (Parked("misconfigured"), Evidence.UP),
    errors.Ambiguous: (Parked("ambiguous"), Evidence.UP),
}


@pytest.mark.parametrize("kind", list(_tree(RelayError)), ids=lambda kind: kind.__name__)
def test_every_error_means_exactly_one_outcome(kind: type[RelayError]) -> None:
    assert meaning(_raised(kind)) == EXPECTED[kind]


def test_the_table_has_no_row_that_an_earlier_one_hides() -> None:
    for place, (kind, _, _) in enumerate(_MEANINGS):
        assert not any(issubclass(kind, earlier) for earlier, _, _ in _MEANINGS[:place])


def test_a_vendors_wish_to_wait_travels_along() -> None:
    limited = errors.RateLimited("pulse", "search contacts", status=429, retry_after=17.0)
    assert meaning(limited)[0] == Queued("rate-limited", retry_in=17.0)


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
