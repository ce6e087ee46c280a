"""What a delivery tells logs and metrics: ids, counts and outcomes."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

from shared.delivery.outcome import Attempt, Kind
from shared.forms import Destination
from shared.submission import Submission
from shared.telemetry import count, gauge_milliseconds, logger
from shared.vendors.protocol import WriteResult

METRICS: dict[Kind, str] = {
    "delivered": "Delivered",
    "skipped": "Skipped",
    "superseded": "Superseded",
    "queued": "Queued",
    "held": "Held",
    "parked": "Parked",
}
"""Kind of outcome → its metric; a dashboard reads these names."""


def report(destination: Destination, submission: Submission, attempt: Attempt) -> None:
    """Log and count how an attempt ended."""
    outcome = attempt.outcome
    logger.info(
        "delivery",
        destination=destination.name,
        submission_id=submission.id,
        outcome=outcome.kind,
        reason=outcome.reason,
        attempts=attempt.failed_attempts,
        error=attempt.cause,
    )
    count(METRICS[outcome.kind], destination=destination.name)
    if outcome.reason == "defect":
        logger.error("defect in a delivery", destination=destination.name, error=attempt.cause)
        count("Defect", destination=destination.name)


@contextmanager
def vendor_timed(destination: Destination) -> Generator[None]:
    """Tell how long the vendor took, whether it took the contact or not: one metric for all calls of an attempt."""
    started = time.monotonic()
    try:
        yield
    finally:
        gauge_milliseconds("VendorMilliseconds", (time.monotonic() - started) * 1000, destination=destination.name)


def report_result(destination: Destination, result: WriteResult) -> None:
    """Log and count what a vendor's rules left out, and what the vendor warned of."""
    parts = [*result.left_out, *result.shortened]
    if parts:
        logger.warning("parts left out", destination=destination.name, parts=parts)
        count("PartsLeftOut", len(parts), destination=destination.name)
    if result.warnings:
        logger.warning("vendor returned warnings", destination=destination.name, warnings=result.warnings)
        count("VendorWarnings", result.warnings, destination=destination.name)
