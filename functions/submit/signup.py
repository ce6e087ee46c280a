"""Reception: the way of one sign-up, from request to answer: recognise, screen, parse, remember, deliver."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from functions.submit.deliver_all import Dispatch
from functions.submit.idempotency import Idempotency, Key
from functions.submit.refusal import Refusal
from functions.submit.request.body import Values, read_values
from functions.submit.request.request import MAX_BODY_BYTES, MAX_SIGNED_BODY_BYTES, Request
from functions.submit.screening.captcha import Captcha, Verdict
from functions.submit.screening.screening import Screening, Suspicion, check_origin, honeypot_value
from functions.submit.screening.signature import Signed
from shared.deadline import Deadline
from shared.errors import LEDGER_ERRORS
from shared.forms import Form
from shared.forms.build_submission import SubmissionContext, build_submission
from shared.forms.invalid_fields import InvalidFields
from shared.ledger.person_hashing import PersonHasher
from shared.ledger.quarantine import Quarantine, Suspect
from shared.submission import Submission
from shared.telemetry import count, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

Result = dict[str, str]

UNSTAMPED_SECONDS = 30 * 86_400
"""How long a signed message without a signed time is remembered: nothing else tells a copy from the first one."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One sign-up that was let in: what was submitted, how, and what time is left for it."""

    form: Form
    values: Values
    submission_context: SubmissionContext
    key: Key | None
    guarded: bool
    """Whether the ledger answers; without it everything is queued."""
    deadline: Deadline
    context: LambdaContext


@dataclass(frozen=True, slots=True)
class Reception:
    """Receives sign-ups.

    Attributes:
        budget: seconds that vendors may take.
        reserve: seconds of the invocation kept for SQS and the answer.
    """

    screening: Screening
    captcha: Captcha
    quarantine: Quarantine
    once: Idempotency
    people: PersonHasher
    dispatch: Dispatch
    budget: float
    reserve: float
    new_id: Callable[[], str] = lambda: uuid4().hex

    def receive(self, form: Form, request: Request, context: LambdaContext) -> Result:
        """Return `{"submissionId", "status"}`, true the moment it is returned.

        Raises:
            Refusal: the sign-up is not accepted, and why.
        """
        left = context.get_remaining_time_in_millis() / 1000 - self.reserve
        deadline = Deadline.after(min(self.budget, left))
        body = request.body(MAX_BODY_BYTES if form.signature is None else MAX_SIGNED_BODY_BYTES)
        check_origin(form, request)
        signed = self.screening.signed(form, request, body)
        caller = self.screening.caller(request)
        guarded = self.screening.limit(form, caller)
        values = read_values(form, request.headers.get("content-type", ""), body)
        submission_context = SubmissionContext(self.new_id(), request.received_at, request.page, caller)
        logger.set_correlation_id(submission_context.submission_id)
        arrival = _Arrival(form, values, submission_context, _key(request, signed), guarded, deadline, context)
        suspicion = self.screening.suspicion(form, values)
        result = self._accept(arrival) if suspicion is None else self._quarantine(arrival, suspicion)
        self.screening.accepted(form, signed)
        return result

    def _accept(self, arrival: _Arrival) -> Result:
        submission = _submission(arrival)
        work = partial(self._deliver, arrival, submission)
        if not arrival.guarded:
            return work(guarded=False)
        try:
            return self._once(arrival, arrival.form.id, _payload(submission), work)
        except LEDGER_ERRORS as error:
            logger.warning("accepted without the ledger", form=arrival.form.id, error=str(error))
            return work(guarded=False)

    def _once(self, arrival: _Arrival, scope: str, payload: str, work: Callable[[], Result]) -> Result:
        seconds = arrival.form.dedupe_seconds
        return self.once.run(scope, arrival.key, payload, seconds, work, arrival.deadline, arrival.context)

    def _deliver(self, arrival: _Arrival, submission: Submission, *, guarded: bool = True) -> Result:
        form, verified = arrival.form, self._verified(arrival, submission)
        status = self.dispatch.send(form, verified, arrival.deadline, guarded=guarded)
        logger.info("accepted", form=form.id, submission_id=submission.id, status=status)
        count("Accepted", form=form.id)
        return {"submissionId": submission.id, "status": status}

    def _verified(self, arrival: _Arrival, submission: Submission) -> Submission:
        """Return the sign-up if its captcha is solved; flagged where that cannot be known and the form accepts it."""
        spam = arrival.form.spam
        if spam.captcha is None:
            return submission
        verdict = self.captcha.verdict(spam.captcha, arrival.values, arrival.deadline)
        if verdict is Verdict.PASSED:
            return submission
        if verdict is Verdict.FAILED:
            self._keep(arrival, "captcha")
            raise Refusal("spam-suspected")
        if spam.captcha_unavailable == "refuse":
            raise Refusal("not-accepted", retry_after=30)
        return submission.model_copy(update={"flags": (*submission.flags, "captcha-unverified")})

    def _quarantine(self, arrival: _Arrival, suspicion: Suspicion) -> Result:
        """Keep suspected spam once, however often it is sent."""
        payload = _text(_defined(arrival))
        try:
            work = partial(self._suspected, arrival, suspicion)
            return self._once(arrival, f"{arrival.form.id}#quarantine", payload, work)
        except LEDGER_ERRORS:
            raise Refusal("not-accepted") from None

    def _suspected(self, arrival: _Arrival, suspicion: Suspicion) -> Result:
        self._keep(arrival, suspicion.reason)
        if suspicion.told:
            raise Refusal("spam-suspected")
        return {"submissionId": arrival.submission_context.submission_id, "status": "delivered"}

    def _keep(self, arrival: _Arrival, reason: str) -> None:
        submission_context = arrival.submission_context
        try:
            self.quarantine.keep(
                Suspect(
                    submission_id=submission_context.submission_id,
                    form=arrival.form.id,
                    reason=reason,
                    submitted={**honeypot_value(arrival.form, arrival.values), **_defined(arrival)},
                    received_at=submission_context.received_at,
                    page=submission_context.page,
                    caller=submission_context.caller,
                    people=self._people_in(arrival),
                )
            )
        except LEDGER_ERRORS:
            raise Refusal("not-accepted") from None

    def _people_in(self, arrival: _Arrival) -> frozenset[str]:
        """Return the hashes by which an erasure finds a suspect, as far as e-mail and phone can be read."""
        try:
            contact = build_submission(arrival.form, arrival.values, arrival.submission_context).contact
        except InvalidFields:
            return frozenset()
        return frozenset(self.people.of_contact(contact))


def _defined(arrival: _Arrival) -> Values:
    """Return the values of fields that the form defines; a bot's others are nobody's."""
    return {name: value for name, value in arrival.values.items() if name in arrival.form.fields}


def _submission(arrival: _Arrival) -> Submission:
    try:
        return build_submission(arrival.form, arrival.values, arrival.submission_context)
    except InvalidFields as invalid:
        raise Refusal("invalid-fields", errors=invalid.errors) from None


def _key(request: Request, signed: Signed | None) -> Key | None:
    """Return by what the sender knows this sign-up. What was signed counts more than a header that was not."""
    if signed is not None:
        text = f"signed:{signed.message_id}"
        return Key(text) if signed.attempt_id else Key(text, UNSTAMPED_SECONDS)
    key = request.idempotency_key
    return Key(key) if key else None


def _payload(submission: Submission) -> str:
    """Return what makes two sign-ups of one form the same: the values, not when or from where they came."""
    return _text([submission.contact.present, submission.custom, sorted(submission.channels)])


def _text(values: object) -> str:
    return json.dumps(values, sort_keys=True)
