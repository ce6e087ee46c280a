"""Delivery: (destination, submission, deadline) → attempt. The one function both handlers use.

The way of a delivery, in this order: condition and identity → gate → credentials → circuit → lease on the person →
wait for another's unclear write → consent receipt → late-write filter → pace → vendor action → release.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared import errors
from shared.aws.secrets import Secrets
from shared.deadline import Deadline
from shared.delivery.account import person_at
from shared.delivery.circuit import Circuits
from shared.delivery.late_write import Recency, Targets, recency_of, request_for, stamp_delivered
from shared.delivery.outcome import Attempt, Delivered, Held, Outcome, Parked, Queued, Skipped, Superseded
from shared.delivery.outcome_for import NotAsked, cause_of, outcome_for
from shared.delivery.report import report, report_receipt, vendor_timed
from shared.errors import CredentialsMissing, RelayError
from shared.forms import Destination
from shared.forms.destination import skip_reason
from shared.http.vendor_http import VendorHttp
from shared.ledger.gates import Gate, Gates
from shared.ledger.leases import Claim, Leases
from shared.ledger.person_hashing import PersonHasher
from shared.ledger.rate_limit import DESTINATION, RateLimit
from shared.person_record import WRITE, PersonRecord
from shared.submission import Submission
from shared.telemetry import logger
from shared.vendors.connection import Connection
from shared.vendors.flows import digest
from shared.vendors.protocol import Identity

LONGEST_PAUSE_SECONDS = 43_200.0
"""A destination's `Retry-After` is believed up to 12 hours."""

Before = Callable[[], None]
"""What must have happened before the vendor is asked; raises where it has not."""


def nothing() -> None:
    """Nothing has to happen before."""


@dataclass(frozen=True, slots=True)
class _Job:
    destination: Destination
    submission: Submission
    identity: Identity
    deadline: Deadline
    before: Before


@dataclass(slots=True)
class _Progress:
    """What is known of a delivery even where it fails."""

    failed_attempts: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers one submission to one destination at a time; safe to use from several threads.

    Attributes:
        search_lag: seconds for which a vendor's search may hide a contact that was just created, and for which a vendor
            may go on working on a write that was given up.
    """

    gates: Gates
    leases: Leases
    hasher: PersonHasher
    circuits: Circuits
    secrets: Secrets
    rate_limit: RateLimit
    http: VendorHttp
    search_lag: float
    wall_clock: Callable[[], float] = time.time

    def deliver(
        self, destination: Destination, submission: Submission, deadline: Deadline, before: Before = nothing
    ) -> Attempt:
        """Try once. Never raises: whatever happens is an outcome.

        Args:
            destination: where to.
            submission: what.
            deadline: when it must be over.
            before: called before the vendor is asked, and before the sign-up is let go without asking it.
        """
        # Several deliveries run at once, each in a thread of its own; every line of theirs names the sign-up.
        logger.thread_safe_append_keys(correlation_id=submission.id)
        progress = _Progress()
        try:
            attempt = Attempt(self._unless_skipped(destination, submission, deadline, before, progress))
        except Exception as error:  # noqa: BLE001  a defect must not lose the sign-up either
            attempt = self._failed(destination, error, progress.failed_attempts)
        report(destination, submission, attempt)
        return attempt

    def _unless_skipped(
        self, destination: Destination, submission: Submission, deadline: Deadline, before: Before, progress: _Progress
    ) -> Outcome:
        reason = skip_reason(destination, submission)
        if reason is not None:
            before()
            return Skipped(reason)
        identity = destination.options.identity(submission.contact)
        return self._with_credentials(_Job(destination, submission, identity, deadline, before), progress)

    def _with_credentials(self, job: _Job, progress: _Progress) -> Outcome:
        """Deliver with the destination's secret; once more where it was refused and has changed meanwhile."""
        name = job.destination.name
        gate = self._open_gate(name)
        secret = self._secret(name, fresh=gate.held_since is not None)
        if not self.gates.may_try(name, gate, secret):
            return Held()
        try:
            outcome = self._with_secret(job, secret, progress)
        except (errors.Unauthorized, CredentialsMissing):
            changed = self._secret(name, fresh=True)
            if changed == secret:
                self._hold(name, secret, "refused")
                raise
            outcome = self._with_changed_secret(job, changed, progress)
        self._end_hold(name, gate)
        return outcome

    def _with_changed_secret(self, job: _Job, secret: Mapping[str, Any], progress: _Progress) -> Outcome:
        try:
            return self._with_secret(job, secret, progress)
        except (errors.Unauthorized, CredentialsMissing):
            self._hold(job.destination.name, secret, "refused")
            raise

    def _open_gate(self, name: str) -> Gate:
        gate = self.gates.of(name)
        paused = gate.paused_until / 1000 - self.wall_clock()
        if paused > 0:
            raise NotAsked(Queued("rate-limited", retry_in=paused, is_attempt=False))
        return gate

    def _secret(self, name: str, *, fresh: bool) -> dict[str, Any]:
        try:
            return self.secrets.fetch(name, fresh=fresh)
        except CredentialsMissing:
            self._hold(name, {}, "missing")
            raise

    def _with_secret(self, job: _Job, secret: Mapping[str, Any], progress: _Progress) -> Outcome:
        connection = job.destination.spec.connection.of_secret(job.destination.name, secret)
        claim, targets = self._claim(job, connection)
        try:
            return self.circuits.call(
                job.destination.name,
                claim.key,
                lambda: self._under_lease(job, connection, claim, targets, progress),
            )
        except errors.Forbidden as error:
            raise self._of_forbidden(job, connection, error) from None

    def _claim(self, job: _Job, connection: Connection) -> tuple[Claim, Targets]:
        destination, submission = job.destination, job.submission
        spec, targets = destination.spec, Targets.of(destination, submission)
        said = [
            destination.name,
            submission.contact.present,
            sorted(submission.channels),
            sorted((str(name), value) for name, value in submission.custom.items()),
        ]
        claim = Claim(
            key=person_at(self.hasher, destination, connection, job.identity),
            people=frozenset(self.hasher.of_contact(submission.contact)),
            stamp=str(submission.stamp),
            content=digest(json.dumps(said)),
            names=targets.names,
            memory=spec.memory,
            destination=destination.name,
        )
        return claim, targets

    def _under_lease(
        self, job: _Job, connection: Connection, claim: Claim, targets: Targets, progress: _Progress
    ) -> Outcome:
        with self.leases.hold(claim, job.deadline) as record:
            try:
                outcome = self._write(job, connection, targets, record)
            except Exception as error:
                _note_failure(record, error, targets)
                progress.failed_attempts = _counted(record, job.submission.id, outcome_for(error))
                raise
            progress.failed_attempts = _counted(record, job.submission.id, outcome)
            return outcome

    def _write(self, job: _Job, connection: Connection, targets: Targets, record: PersonRecord) -> Outcome:
        destination, submission = job.destination, job.submission
        recency = recency_of(destination, submission, record)
        busy = record.busy_until(self.search_lag) - record.now
        if busy > 0 and recency is not Recency.SAME:
            raise NotAsked(Queued("look-again", retry_in=busy, is_attempt=False))
        job.before()
        if recency is Recency.SAME:
            raise NotAsked(Delivered())
        request, names = request_for(destination, submission, targets, record, recency, self.search_lag)
        if request.is_late and not names:
            raise NotAsked(Superseded())
        self._pace(destination)
        options = destination.options.matching(submission.answers)
        action = destination.spec.build(options, connection, self.http, job.deadline)
        with vendor_timed(destination):
            receipt = action.deliver(request, record)
        record.stamp_fields(names - targets.fields_of(receipt.left_out))
        stamp_delivered(destination, submission, record)
        report_receipt(destination, receipt)
        return Delivered()

    def _pace(self, destination: Destination) -> None:
        wait = self.rate_limit.take(destination.rate_limit, f"{DESTINATION}{destination.name}")
        if wait:
            raise NotAsked(Queued("paced", retry_in=wait, is_attempt=False))

    def _of_forbidden(self, job: _Job, connection: Connection, error: errors.Forbidden) -> errors.VendorError:
        """Tell a key that lacks a right from one message that is refused: the vendor's own probe decides."""
        probe = job.destination.spec.probe
        if probe is None:
            return error
        try:
            probe(connection, self.http, job.deadline)
        except (errors.Unauthorized, errors.Forbidden):
            return error.restated(errors.Unauthorized)
        except RelayError:
            return error
        return error.restated(errors.Refused)

    def _failed(self, destination: Destination, error: Exception, failed_attempts: int) -> Attempt:
        outcome = outcome_for(error)
        if isinstance(error, errors.RateLimited) and error.retry_after:
            self._pause(destination.name, error.retry_after)
        if isinstance(error, NotAsked):
            return Attempt(outcome, failed_attempts)
        return Attempt(outcome, failed_attempts, cause_of(error), getattr(error, "answer", None))

    # Where a gate cannot be changed, the next delivery will try to.

    def _pause(self, name: str, seconds: float) -> None:
        try:
            self.gates.pause(name, min(seconds, LONGEST_PAUSE_SECONDS))
        except RelayError as error:
            logger.warning("pause not recorded", destination=name, error=str(error))

    def _hold(self, name: str, secret: Mapping[str, Any], because: str) -> None:
        try:
            self.gates.hold(name, secret, because)
        except RelayError as error:
            logger.warning("hold not recorded", destination=name, error=str(error))

    def _end_hold(self, name: str, gate: Gate) -> None:
        try:
            self.gates.end_hold(name, gate)
        except RelayError as error:
            logger.warning("end of hold not recorded", destination=name, error=str(error))


def _note_failure(record: PersonRecord, error: Exception, targets: Targets) -> None:
    """Record what a failed delivery has written, or may have written."""
    if isinstance(error, errors.OutcomeUnknown):
        record.record(WRITE, record.stamp)
    if isinstance(error, errors.OutcomeUnknown) or record.confirmed:
        # An older sign-up must not undo what this one wrote, or may have written.
        record.stamp_fields(targets.names)


def _counted(record: PersonRecord, submission_id: str, outcome: Outcome) -> int:
    is_failed = isinstance(outcome, Parked) or (isinstance(outcome, Queued) and outcome.is_attempt)
    is_ended = not isinstance(outcome, Queued | Held)
    return record.count_failure(submission_id, failed=is_failed, ended=is_ended)
