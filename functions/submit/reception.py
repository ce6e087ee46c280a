"""Reception: the way of one sign-up, from request to answer: recognise, screen, parse, remember, deliver."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from functions.submit.body import Values, read_values
from functions.submit.dispatch import Dispatch
from functions.submit.intake import Circumstances, submission_of
from functions.submit.once import Once
from functions.submit.quarantine import Quarantine
from functions.submit.refusal import Refusal
from functions.submit.request import Request
from functions.submit.screening import Screening, check_origin
from shared.deadline import Deadline
from shared.errors import CredentialsMissing, LedgerUnavailable, SecretsUnavailable
from shared.forms import Form
from shared.people import People
from shared.submission import Submission
from shared.telemetry import count, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

Result = dict[str, str]


@dataclass(frozen=True, slots=True)
class Reception:
    """Receives sign-ups.

    Attributes:
        budget: seconds that vendors may take.
        reserve: seconds of the invocation kept for SQS and the answer.
    """

    screening: Screening
    quarantine: Quarantine
    once: Once
    dispatch: Dispatch
    people: People
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
        body = request.body()
        check_origin(form, request)
        caller = self.screening.caller(request)
        guarded = self.screening.limit(form, caller)
        values = read_values(form, request, body)
        circumstances = Circumstances(self.new_id(), request.received_at, request.page, caller)
        suspicion = self.screening.suspicion(form, values)
        if suspicion is not None:
            return self._keep(form, suspicion, values, circumstances)
        submission = submission_of(form, values, circumstances)
        logger.set_correlation_id(submission.id)
        return self._accept(form, request, submission, deadline, context, guarded=guarded)

    def _accept(
        self,
        form: Form,
        request: Request,
        submission: Submission,
        deadline: Deadline,
        context: LambdaContext,
        *,
        guarded: bool,
    ) -> Result:
        work = partial(self._dispatch, form, submission, deadline)
        if not guarded:
            return work(guarded=False)
        key = request.idempotency_key
        try:
            return self.once.run(form.id, key, _payload(submission), form.dedupe_seconds, work, deadline, context)
        except (LedgerUnavailable, SecretsUnavailable, CredentialsMissing) as error:
            logger.warning("accepted without the ledger", form=form.id, error=str(error))
            return work(guarded=False)

    def _dispatch(self, form: Form, submission: Submission, deadline: Deadline, *, guarded: bool = True) -> Result:
        status = self.dispatch.send(form, submission, deadline, guarded=guarded)
        logger.info("accepted", form=form.id, submission_id=submission.id, status=status)
        count("Accepted", form=form.id)
        return {"submissionId": submission.id, "status": status}

    def _keep(self, form: Form, reason: str, values: Values, circumstances: Circumstances) -> Result:
        """Quarantine, and answer exactly like success."""
        defined = {name: value for name, value in values.items() if name in form.fields}
        try:
            self.quarantine.keep(form.id, reason, defined, circumstances, self._people_in(form, defined, circumstances))
        except (LedgerUnavailable, SecretsUnavailable, CredentialsMissing):
            raise Refusal("not-accepted", retry_after=5) from None
        return {"submissionId": circumstances.submission_id, "status": "delivered"}

    def _people_in(self, form: Form, values: Values, circumstances: Circumstances) -> set[str]:
        try:
            contact = submission_of(form, values, circumstances).contact
        except Refusal:
            return set()
        return self.people.of_contact(contact)


def _payload(submission: Submission) -> str:
    """Return what makes two sign-ups of one form the same: the values, not when or from where they came."""
    return json.dumps([submission.contact.present, submission.custom, sorted(submission.channels)], sort_keys=True)
