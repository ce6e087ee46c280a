"""One sign-up from request to answer: `SignupService.receive` is its whole way, from top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from functions.submit.deliver_all import DeliverToAll
from functions.submit.idempotency import Idempotency, Key, Sameness
from functions.submit.refusal import Refusal
from functions.submit.request.body import Values, read_values
from functions.submit.request.request import MAX_BODY_BYTES, MAX_SIGNED_BODY_BYTES, Request
from functions.submit.sameness import same_submitted, same_values, sent_key
from functions.submit.screening.captcha import Captcha, Verdict
from functions.submit.screening.limits import Limits
from functions.submit.screening.screening import Screening, Suspicion
from functions.submit.screening.suspects import MAX_BOT_BYTES, Suspects, contact_in
from shared.contact import Contact
from shared.deadline import Deadline
from shared.errors import LedgerUnavailable
from shared.forms import Form
from shared.forms.build_submission import SubmissionContext, build_submission
from shared.forms.invalid_fields import InvalidFields
from shared.forms.witness import doubts_about
from shared.ledger.answers import DESTINATIONS
from shared.submission import Submission
from shared.telemetry import count, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

Result = dict[str, Any]

CAPTCHA_UNVERIFIED = "captcha-unverified"


class _Process(Protocol):
    """What is done with a sign-up that is not a repeat."""

    def __call__(self, *, ledger_available: bool) -> Result:
        """Process it; without the ledger nothing is delivered, only queued."""


@dataclass(frozen=True, slots=True)
class Signup:
    """One sign-up on its way: what was sent, by whom, and the time left for it."""

    form: Form
    values: Values = field(repr=False)
    context: SubmissionContext
    key: Key | None
    deadline: Deadline
    invocation: LambdaContext


@dataclass(frozen=True, slots=True)
class SignupService:
    """Receives sign-ups.

    Attributes:
        budget_seconds: time that vendors may take.
        reserve_seconds: time of the invocation kept for SQS and the answer.
    """

    screening: Screening
    limits: Limits
    suspects: Suspects
    idempotency: Idempotency
    captcha: Captcha
    deliver_to_all: DeliverToAll
    budget_seconds: float
    reserve_seconds: float
    new_id: Callable[[], str] = lambda: uuid4().hex

    def receive(self, form: Form, request: Request, invocation: LambdaContext) -> Result:
        """Return `{"submissionId", "status"}`, true the moment it is returned, and what no answer shows.

        Raises:
            Refusal: the sign-up is not accepted, and why.
        """
        deadline = self._deadline(invocation)
        body = request.body(MAX_BODY_BYTES if form.signature is None else MAX_SIGNED_BODY_BYTES)
        # 1. Recognise: origin, signature, caller.
        sender = self.screening.recognise(form, request, body)
        # 2. Screen: the caller's limit, honeypot, time token.
        ledger_available = self.limits.take_caller(form, sender.caller)
        values = read_values(form, request.headers.get("content-type", ""), body)
        context = SubmissionContext(self.new_id(), request.received_at, request.page, sender.caller)
        logger.set_correlation_id(context.submission_id)
        signup = Signup(form, values, context, sent_key(request, sender), deadline, invocation)
        suspicion = self.screening.suspicion(form, values)
        if suspicion is not None:
            result = self._quarantine(signup, suspicion)
        else:
            # 3. Parse: fields become typed values, or all their errors are told at once.
            submission = _parse(signup)
            # 4. Remember: a repeated sign-up gets the first one's answer and is not processed (5 to 7).
            process = partial(self._process, signup, submission)
            if ledger_available:
                result = self._unless_repeated(signup, submission, process)
            else:
                result = process(ledger_available=False)
        self.screening.signatures.remember(form, sender.signed)
        # 8. Answer: `routes.py` and `answer/`.
        return result

    def _process(self, signup: Signup, submission: Submission, *, ledger_available: bool) -> Result:
        """Check captcha and recipient's limit, then deliver; not done for a typing mistake or a repeated request.

        A captcha's response is good for one check, and a repeat must not count against its recipient.
        """
        # 5. Captcha.
        checked = self._check_captcha(signup, submission)
        if checked is None:
            return {"submissionId": submission.id, "status": "accepted"}
        # 6. The recipient's limit.
        if ledger_available:
            self.limits.take_recipient(signup.form, checked.contact)
        # 7. Deliver.
        sent = self.deliver_to_all.send(signup.form, checked, signup.deadline, ledger_available=ledger_available)
        flags = list(checked.flags)
        logger.info("accepted", form=signup.form.id, submission_id=checked.id, status=sent.status, flags=flags)
        count("Accepted", form=signup.form.id)
        _report_doubts(checked)
        return {"submissionId": checked.id, "status": sent.status, DESTINATIONS: sent.destinations}

    def _deadline(self, invocation: LambdaContext) -> Deadline:
        left = invocation.get_remaining_time_in_millis() / 1000 - self.reserve_seconds
        return Deadline.after(min(self.budget_seconds, left))

    def _unless_repeated(self, signup: Signup, submission: Submission, process: _Process) -> Result:
        try:
            same = _sameness(signup, signup.form.id, same_values(submission), submission.contact)
            work = partial(process, ledger_available=True)
            return self.idempotency.run(same, work, signup.deadline, signup.invocation)
        except LedgerUnavailable as error:
            logger.warning("accepted without the ledger", form=signup.form.id, error=str(error))
            return process(ledger_available=False)

    def _check_captcha(self, signup: Signup, submission: Submission) -> Submission | None:
        """Return the sign-up if its captcha is solved, flagged where the form accepts that this cannot be known.

        Returns:
            None where it is kept in quarantine, because the verifier could not be asked.

        Raises:
            Refusal: the captcha is not solved, or there is no verifier or no time to check it.
        """
        spam = signup.form.spam
        if spam.captcha is None:
            return submission
        match self.captcha.verdict(spam.captcha, signup.values, signup.deadline), spam.captcha_unavailable:
            case Verdict.PASSED, _:
                return submission
            case Verdict.FAILED, _:
                self._keep(signup, Suspicion("captcha", tell_visitor=True))
                raise Refusal("spam-suspected")
            case Verdict.UNAVAILABLE, "quarantine":
                self._keep(signup, Suspicion("captcha-unavailable", tell_visitor=True))
                return None
            case Verdict.UNAVAILABLE, "accept":
                count("CaptchaUnverified", form=signup.form.id)
                return submission.model_copy(update={"flags": (*submission.flags, CAPTCHA_UNVERIFIED)})
        raise Refusal("not-accepted", retry_after=30)

    def _quarantine(self, signup: Signup, suspicion: Suspicion) -> Result:
        """Keep suspected spam once, however often it is sent."""

        def work() -> Result:
            self._keep(signup, suspicion)
            if suspicion.tell_visitor:
                raise Refusal("spam-suspected")
            return {"submissionId": signup.context.submission_id, "status": "delivered"}

        form, values = signup.form, signup.values
        contact = contact_in(form, values, signup.context)
        same = _sameness(signup, f"{form.id}#quarantine", same_submitted(form, values), contact)
        try:
            return self.idempotency.run(same, work, signup.deadline, signup.invocation)
        except LedgerUnavailable:
            raise Refusal("not-accepted") from None

    def _keep(self, signup: Signup, suspicion: Suspicion) -> None:
        # What people may have sent is kept whole, so that it can be released.
        max_bytes = None if suspicion.tell_visitor else MAX_BOT_BYTES
        self.suspects.keep(signup.form, signup.values, signup.context, suspicion.reason, max_bytes=max_bytes)


def _sameness(signup: Signup, scope: str, payload: str, contact: Contact | None) -> Sameness:
    return Sameness(scope, payload, signup.form.dedupe_seconds, signup.key, contact)


def _parse(signup: Signup) -> Submission:
    try:
        return build_submission(signup.form, signup.values, signup.context)
    except InvalidFields as invalid:
        raise Refusal("invalid-fields", errors=invalid.errors) from None


def _report_doubts(submission: Submission) -> None:
    """Count what the witness says against a consent. The text that was shown goes to the receipt, never to a log."""
    for grant in submission.receipt.grants if submission.receipt else ():
        doubts = doubts_about(grant)
        for kind in doubts:
            count("ConsentWitness", kind=kind)
        if doubts:
            logger.warning("consent in doubt", form=submission.form, field=grant.field, problems=doubts)
