"""Suspects: sign-ups that may be spam, kept in quarantine."""

from __future__ import annotations

import json
from dataclasses import dataclass

from functions.submit.refusal import Refusal
from functions.submit.request.body import Values
from functions.submit.screening.honeypot import honeypot_value
from shared.contact import Contact
from shared.errors import LedgerUnavailable
from shared.forms import Form
from shared.forms.build_submission import SubmissionContext, build_submission
from shared.forms.invalid_fields import InvalidFields
from shared.forms.witness import WITNESS
from shared.ledger.person_hashing import PersonHasher
from shared.ledger.quarantine import Quarantine, Suspect

MAX_BOT_BYTES = 4 * 1024
"""What is kept of a bot's values. A bot can send 64 KiB in every request, and all of it would be stored for 30 days."""


@dataclass(frozen=True, slots=True)
class Suspects:
    """Puts sign-ups into quarantine."""

    quarantine: Quarantine
    people: PersonHasher

    def keep(
        self, form: Form, values: Values, context: SubmissionContext, reason: str, *, max_bytes: int | None = None
    ) -> None:
        """Keep what fills the form's fields and the honeypot, and the witness, up to `max_bytes`.

        Raises:
            Refusal: 503, it cannot be kept.
        """
        defined = {name: sent for name, sent in values.items() if name in form.fields}
        witness = {WITNESS: values[WITNESS]} if WITNESS in values else {}
        kept = {**honeypot_value(form, values), **defined, **witness}
        contact = contact_in(form, values, context)
        try:
            self.quarantine.keep(
                Suspect(
                    submission_id=context.submission_id,
                    form=form.id,
                    reason=reason,
                    submitted=kept if max_bytes is None else shortened(kept, max_bytes),
                    received_at=context.received_at,
                    page=context.page,
                    caller=context.caller,
                    people=frozenset(self.people.of_contact(contact) if contact else ()),
                )
            )
        except LedgerUnavailable:
            raise Refusal("not-accepted") from None


def contact_in(form: Form, values: Values, context: SubmissionContext) -> Contact | None:
    """Return the person by whom an erasure finds a suspect; None where the values cannot be read."""
    try:
        return build_submission(form, values, context).contact
    except InvalidFields:
        return None


def shortened(values: Values, max_bytes: int) -> Values:
    """Return the values that fit into `max_bytes` of JSON; of a text that does not fit, its beginning."""
    kept: Values = {}
    for name, sent in values.items():
        for value in sent:
            room = max_bytes - len(json.dumps(kept)) - len(json.dumps({name: [""]}))
            fits = len(json.dumps(value)) <= room
            if room > 0 and (fits or isinstance(value, str)):
                # JSON writes one character as twelve bytes at most.
                kept.setdefault(name, []).append(value if fits else value[: room // 12])
    return kept
