"""Delivery: (destination, submission, deadline) → attempt. The one function both handlers use.

The way of a delivery, in this order: condition and identity → gate and credentials → circuit → lease on the person →
wait for another's unclear write → consent receipt → late-write filter → pace → vendor action → release.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from shared import errors
from shared.deadline import Deadline
from shared.delivery.account import claim_on
from shared.delivery.circuit import Circuits
from shared.delivery.gatekeeper import Gatekeeper, Secret
from shared.delivery.late_write import Recency, Targets, recency_of, request_for, stamp_delivered
from shared.delivery.outcome import Attempt, Delivered, Held, Outcome, Parked, Queued, Skipped, Superseded
from shared.delivery.outcome_for import EndEarly, cause_of, outcome_for
from shared.delivery.report import report, report_result, vendor_timed
from shared.forms import Destination
from shared.forms.destination import skip_reason
from shared.http.vendor_http import VendorHttp
from shared.ledger.leases import Leases
from shared.ledger.person_hashing import PersonHasher
from shared.ledger.rate_limit import DESTINATION, RateLimit
from shared.person_record import IN_PROGRESS, PersonRecord
from shared.submission import Submission
from shared.telemetry import logger
from shared.vendors.connection import Connection
from shared.vendors.protocol import DeliveryRequest, WriteResult

EnsureReceipt = Callable[[], None]
"""Returns once the ledger holds the sign-up's consent receipt; raises where it does not."""


def receipt_is_kept() -> None:
    """Return at once: for a sign-up whose receipt is known to be in the ledger."""


@dataclass
class _Job:
    """One delivery, and how often it has failed so far, which is known even where it fails again."""

    destination: Destination
    submission: Submission
    deadline: Deadline
    ensure_receipt: EnsureReceipt
    failed_attempts: int = 0

    @cached_property
    def targets(self) -> Targets:
        return Targets.of(self.destination, self.submission)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers one submission to one destination at a time; safe to use from several threads.

    Attributes:
        search_lag: seconds for which a vendor's search may hide a contact that was just created, and for which a vendor
            may go on working on a write that was given up.
    """

    gatekeeper: Gatekeeper
    leases: Leases
    hasher: PersonHasher
    circuits: Circuits
    rate_limit: RateLimit
    http: VendorHttp
    search_lag: float

    def deliver(
        self,
        destination: Destination,
        submission: Submission,
        deadline: Deadline,
        ensure_receipt: EnsureReceipt = receipt_is_kept,
    ) -> Attempt:
        """Try once. Never raises: whatever happens is an outcome.

        Args:
            destination: where to.
            submission: what.
            deadline: when it must be over.
            ensure_receipt: called before the vendor is asked, and before the sign-up is let go without asking it.
        """
        # Several deliveries run at once, each in a thread of its own; every line of theirs names the sign-up.
        logger.thread_safe_append_keys(correlation_id=submission.id)
        job = _Job(destination, submission, deadline, ensure_receipt)
        try:
            outcome = self._deliver(job)
            attempt = Attempt(outcome, job.failed_attempts)
        except Exception as error:  # noqa: BLE001  a defect must not lose the sign-up either
            attempt = self._failed(job, error)
        report(destination, submission, attempt)
        return attempt

    def _deliver(self, job: _Job) -> Outcome:
        reason = skip_reason(job.destination, job.submission)
        if reason is not None:
            job.ensure_receipt()
            return Skipped(reason)
        return self.gatekeeper.let_through(job.destination.name, partial(self._with_secret, job))

    def _with_secret(self, job: _Job, secret: Secret) -> Outcome:
        name = job.destination.name
        connection = job.destination.spec.connection.of_secret(name, secret)
        claim = claim_on(self.hasher, job.destination, connection, job.submission, job.targets.names)

        def under_lease() -> Outcome:
            with self.leases.hold(claim, job.deadline) as record:
                return self._recorded(job, connection, record)

        return self.circuits.call(name, claim.key, under_lease)

    def _recorded(self, job: _Job, connection: Connection, record: PersonRecord) -> Outcome:
        """Write, and put on record what came of it."""
        try:
            outcome = self._write(job, connection, record)
        except Exception as error:
            note_failure(record, error, job.targets)
            job.failed_attempts = _counted(record, job.submission.id, outcome_for(error))
            raise
        job.failed_attempts = _counted(record, job.submission.id, outcome)
        return outcome

    def _write(self, job: _Job, connection: Connection, record: PersonRecord) -> Outcome:
        destination, submission = job.destination, job.submission
        recency = recency_of(destination, submission, record)
        busy = record.busy_until(self.search_lag) - record.now
        if busy > 0 and recency is not Recency.SAME:
            raise EndEarly(Queued("look-again", retry_in=busy, is_attempt=False))
        job.ensure_receipt()
        if recency is Recency.SAME:
            raise EndEarly(Delivered())
        request, names = request_for(destination, submission, job.targets, record, recency, self.search_lag)
        if request.is_late and not names and not destination.options.matching(submission.answers).has_late_part:
            raise EndEarly(Superseded())
        self._pace(destination)
        result = self._ask_vendor(job, connection, request, record)
        record.stamp_fields(names - job.targets.fields_of(result.left_out))
        if result.look_again_in is None:
            stamp_delivered(destination, submission, record)
        report_result(destination, result)
        return Delivered(result.look_again_in)

    def _pace(self, destination: Destination) -> None:
        wait = self.rate_limit.take(destination.rate_limit, f"{DESTINATION}{destination.name}")
        if wait:
            raise EndEarly(Queued("paced", retry_in=wait, is_attempt=False))

    def _ask_vendor(
        self, job: _Job, connection: Connection, request: DeliveryRequest, record: PersonRecord
    ) -> WriteResult:
        options = job.destination.options.matching(job.submission.answers)
        action = job.destination.spec.build(options, connection, self.http, job.deadline)
        try:
            with vendor_timed(job.destination):
                return action.deliver(request, record)
        except errors.Forbidden as error:
            raise self.what_is_forbidden(job, connection, error) from None

    def what_is_forbidden(self, job: _Job, connection: Connection, error: errors.Forbidden) -> errors.VendorError:
        """Tell a key that lacks a right from one message that is refused: the vendor's own probe decides."""
        probe = job.destination.spec.probe
        if probe is None:
            return error
        try:
            probe(connection, self.http, job.deadline)
        except (errors.Unauthorized, errors.Forbidden):
            return error.restated(errors.Unauthorized)
        except errors.RelayError:
            return error
        return error.restated(errors.Refused)

    def _failed(self, job: _Job, error: Exception) -> Attempt:
        outcome = outcome_for(error)
        if isinstance(error, EndEarly):
            return Attempt(outcome, job.failed_attempts)
        if isinstance(error, errors.RateLimited) and error.retry_after:
            self.gatekeeper.pause(job.destination.name, error.retry_after)
        return Attempt(outcome, job.failed_attempts, cause_of(error), getattr(error, "answer", None))


def note_failure(record: PersonRecord, error: Exception, targets: Targets) -> None:
    """Record what a failed delivery has written, or may have written."""
    if isinstance(error, errors.OutcomeUnknown):
        record.record(IN_PROGRESS, record.stamp)
    if isinstance(error, errors.OutcomeUnknown) or record.confirmed:
        # An older sign-up must not undo what this one wrote, or may have written.
        record.stamp_fields(targets.names)


def _counted(record: PersonRecord, submission_id: str, outcome: Outcome) -> int:
    is_failed = isinstance(outcome, Parked) or (isinstance(outcome, Queued) and outcome.is_attempt)
    is_ended = not isinstance(outcome, Queued | Held)
    return record.count_failure(submission_id, failed=is_failed, ended=is_ended)
