"""Delivery: (destination, submission, deadline) → outcome. The one function both handlers use.

In order: consent receipts → credentials and their hold → circuit → lease on the person → late-write guard → rate
limit → vendor action → record.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared import errors
from shared.aws.secrets import Secrets
from shared.contact import ADDRESS_OF
from shared.deadline import Deadline
from shared.delivery.circuit import Circuits, Evidence
from shared.delivery.late_write import Standing, stale, stamped, standing
from shared.delivery.outcome import Delivered, Held, Outcome, Parked, Queued, Skipped, Superseded
from shared.delivery.outcome_for import meaning
from shared.errors import CredentialsMissing, RelayError
from shared.forms import Destination
from shared.http.vendor_http import VendorHttp
from shared.ledger.consents import Consents
from shared.ledger.holds import Hold, Holds
from shared.ledger.leases import Lease, Ledger, person_key
from shared.ledger.person_hashing import People
from shared.ledger.rate_limit import RateLimit
from shared.submission import Submission
from shared.telemetry import count, logger
from shared.vendors.protocol import Identity, Receipt, Task


@dataclass(frozen=True, slots=True)
class Attempted:
    """What became of a delivery, and how many attempts at it have failed so far."""

    outcome: Outcome
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class _Job:
    destination: Destination
    submission: Submission
    identity: Identity
    secret: Mapping[str, Any]
    hold: Hold
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers one submission to one destination at a time; safe to use from several threads.

    Attributes:
        search_lag: seconds for which a vendor's search may hide a contact that was just created.
        circuit_recovery: seconds until an open circuit lets a probe through.
    """

    ledger: Ledger
    people: People
    consents: Consents
    circuits: Circuits
    holds: Holds
    secrets: Secrets
    rate_limit: RateLimit
    http: VendorHttp
    search_lag: float
    circuit_recovery: float
    wall_clock: Callable[[], float] = time.time

    def deliver(self, destination: Destination, submission: Submission, deadline: Deadline) -> Attempted:
        """Try once. Never raises: whatever happens is an outcome."""
        # Several deliveries run at once, each in a thread of its own; every line of theirs names the sign-up.
        logger.thread_safe_append_keys(correlation_id=submission.id)
        try:
            identity = destination.options.identity(submission.contact)
            self.consents.keep(submission)
            if not destination.wants(submission):
                attempted = Attempted(Skipped("condition"))
            elif not identity:
                attempted = Attempted(Parked("no-identity"))
            else:
                attempted = self._with_credentials(destination, submission, identity, deadline)
        except RelayError as error:
            attempted = Attempted(meaning(error)[0])
        except Exception as error:  # noqa: BLE001  a defect must not lose the sign-up: it is retried, then dead-lettered
            _report_defect(destination, error)
            attempted = Attempted(Queued("defect"))
        _tell(destination, submission, attempted)
        return attempted

    def _with_credentials(
        self, destination: Destination, submission: Submission, identity: Identity, deadline: Deadline
    ) -> Attempted:
        hold = self.holds.of(destination.name)
        try:
            secret = self.secrets.fetch(destination.name, fresh=hold.since is not None)
        except CredentialsMissing:
            self._hold(destination.name, {})
            raise
        if not self.holds.may_try(destination.name, hold, secret):
            return Attempted(Held())
        job = _Job(destination, submission, identity, secret, hold, deadline)
        return self.circuits.call(
            destination.name,
            attempt=lambda: self._under_lease(job),
            when_open=lambda: Attempted(Queued("circuit-open", retry_in=self.circuit_recovery, counts=False)),
        )

    def _under_lease(self, job: _Job) -> tuple[Attempted, Evidence]:
        key = person_key(job.destination.name, self.people.of_identity(job.identity))
        try:
            lease = self.ledger.lease(key, self.people.of_contact(job.submission.contact), job.deadline)
        except RelayError as error:
            return Attempted(meaning(error)[0]), Evidence.NONE
        outcome, evidence = self._guarded(job, lease)
        attempts = _counted(lease, job.submission.id, outcome)
        try:
            self.ledger.release(lease)
        except RelayError as error:
            # The vendor may have it, but the guard does not know: deliver again, which the guard makes safe.
            outcome, evidence = meaning(error)[0], Evidence.NONE
        return Attempted(outcome, attempts), evidence

    def _guarded(self, job: _Job, lease: Lease) -> tuple[Outcome, Evidence]:
        form, stamp = job.submission.form, job.submission.stamp
        order = standing(form, stamp, lease.forms)
        if order is not Standing.NEWER:
            return (Delivered() if order is Standing.SAME else Superseded()), Evidence.NONE
        task, written = self._task(job, lease)
        try:
            wait = self.rate_limit.take(job.destination.rate_limit, f"destination#{job.destination.name}")
            if wait:
                return Queued("paced", retry_in=wait, counts=False), Evidence.NONE
            receipt = self._call(job, task, lease)
        except RelayError as error:
            if lease.confirmed:
                # The fields are written, only what follows them failed: an older sign-up must not undo them.
                lease.fields = stamped(written, stamp, lease.fields)
            _report_failure(job, error)
            return meaning(error)
        except Exception as error:  # noqa: BLE001  caught here already, so that the lease is given back
            _report_defect(job.destination, error)
            return Queued("defect"), Evidence.NONE
        self._let_go(job)
        lease.fields = stamped(written, stamp, lease.fields)
        lease.forms = stamped([form], stamp, lease.forms)
        _report(job.destination, receipt)
        return Delivered(), Evidence.UP

    def _call(self, job: _Job, task: Task, lease: Lease) -> Receipt:
        """Run the vendor's action; on refused credentials once more, if the secret has changed meanwhile."""
        name = job.destination.name
        try:
            return self._call_with(job.secret, job, task, lease)
        except (errors.Unauthorized, errors.Forbidden, CredentialsMissing):
            fresh = self.secrets.fetch(name, fresh=True)
            if fresh == job.secret:
                self._hold(name, fresh)
                raise
        try:
            return self._call_with(fresh, job, task, lease)
        except (errors.Unauthorized, errors.Forbidden, CredentialsMissing):
            self._hold(name, fresh)
            raise

    def _call_with(self, secret: Mapping[str, Any], job: _Job, task: Task, lease: Lease) -> Receipt:
        spec = job.destination.spec
        connection = spec.connection.of_secret(job.destination.name, secret)
        options = job.destination.options.matching(job.submission.answers)
        return spec.build(options, connection, self.http, job.deadline).deliver(task, lease)

    def _let_go(self, job: _Job) -> None:
        """End the destination's hold; where that cannot be put on record, the next delivery will try to."""
        try:
            self.holds.end(job.destination.name, job.hold)
        except RelayError as error:
            logger.warning("end of hold not on record", destination=job.destination.name, error=str(error))

    def _hold(self, destination: str, refused: Mapping[str, Any]) -> None:
        """Hold the destination's messages; where that cannot be put on record, the next of them will try to."""
        try:
            self.holds.begin(destination, refused)
        except RelayError as error:
            logger.warning("hold not on record", destination=destination, error=str(error))

    def _task(self, job: _Job, lease: Lease) -> tuple[Task, set[str]]:
        """Return what may still be written, and the names under which it is stamped."""
        submission, targets = job.submission, job.destination.custom_fields
        place = job.destination.options.place
        # What identifies the person is the same in every sign-up that comes here, so it is never late.
        attributes = {name: place(name) for name in submission.contact.present if name not in job.identity}
        consents = {channel: place(f"consent.{channel}") for channel in submission.channels}
        custom = {field: place(f"custom.{name}") for field, name in targets.items() if field in submission.custom}
        names = {*attributes.values(), *consents.values(), *custom.values()}
        late = stale(names, submission.stamp, lease.fields)
        dropped = frozenset(a for a, name in attributes.items() if name in late)
        # Consent was given for the address and number of this sign-up: it must not be written beside newer ones.
        late |= {name for channel, name in consents.items() if ADDRESS_OF[channel] in dropped}
        task = Task(
            submission_id=submission.id,
            contact=submission.contact.without(dropped),
            channels=frozenset(c for c, name in consents.items() if name not in late),
            custom={targets[field]: submission.custom[field] for field, name in custom.items() if name not in late},
            now=self.wall_clock(),
            search_lag=self.search_lag,
        )
        return task, names - late


def _counted(lease: Lease, submission_id: str, outcome: Outcome) -> int:
    """Count a failed attempt in the lease, and forget the count when the delivery has ended. Returns the count."""
    before = lease.tries.pop(submission_id, 0)
    failed = isinstance(outcome, Parked) or (isinstance(outcome, Queued) and outcome.counts)
    attempts = before + 1 if failed else before
    if isinstance(outcome, Queued | Held) and attempts:
        lease.tries[submission_id] = attempts
    return attempts


def _report_failure(job: _Job, error: RelayError) -> None:
    logger.warning(
        "delivery failed", destination=job.destination.name, submission_id=job.submission.id, error=str(error)
    )


def _report_defect(destination: Destination, error: Exception) -> None:
    logger.error("defect in a delivery", destination=destination.name, error=type(error).__name__)


def _report(destination: Destination, receipt: Receipt) -> None:
    if receipt.left_out:
        logger.warning("parts left out", destination=destination.name, parts=list(receipt.left_out))
        count("PartsLeftOut", len(receipt.left_out), destination=destination.name)
    if receipt.warnings:
        logger.warning("the vendor had doubts", destination=destination.name, warnings=receipt.warnings)
        count("VendorWarnings", receipt.warnings, destination=destination.name)


def _tell(destination: Destination, submission: Submission, attempted: Attempted) -> None:
    kind = type(attempted.outcome).__name__
    logger.info(
        "delivery",
        destination=destination.name,
        submission_id=submission.id,
        outcome=kind.lower(),
        reason=getattr(attempted.outcome, "reason", None),
        attempts=attempted.attempts,
    )
    count(kind, destination=destination.name)
