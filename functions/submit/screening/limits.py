"""Limits: how many sign-ups one caller may send to a form, and how many one person may get from it."""

from __future__ import annotations

from dataclasses import dataclass

from functions.submit.refusal import Refusal
from shared.contact import Contact
from shared.errors import LedgerUnavailable
from shared.forms import Form
from shared.ledger.person_hashing import PersonHasher
from shared.ledger.rate_limit import CALLER, RECIPIENT, RateLimit
from shared.telemetry import count, logger


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts sign-ups. A limit that cannot be checked stops nobody."""

    rate_limit: RateLimit
    people: PersonHasher

    def take_caller(self, form: Form, caller: str | None) -> bool:
        """Count the request; returns whether the ledger is available.

        Raises:
            Refusal: 429.
        """
        if caller is None:
            return False
        try:
            wait = self.rate_limit.take(form.rate_limit, f"{CALLER}{form.id}#{caller}")
        except LedgerUnavailable as error:
            logger.warning("rate limit not checked", form=form.id, error=str(error))
            return False
        if wait:
            raise Refusal("too-many-requests", retry_after=wait)
        return True

    def take_recipient(self, form: Form, contact: Contact) -> None:
        """Count a sign-up for its e-mail address and for its phone number.

        Raises:
            Refusal: 429, one of them has had too many: somebody may be flooding a victim's mailbox.
        """
        for person in self._recipients(form, contact):
            try:
                wait = self.rate_limit.take(form.recipient_limit, f"{RECIPIENT}{form.id}#{person}")
            except LedgerUnavailable as error:
                logger.warning("recipient limit not checked", form=form.id, error=str(error))
                return
            if wait:
                count("RecipientLimited", form=form.id)
                raise Refusal("too-many-requests", retry_after=wait)

    def _recipients(self, form: Form, contact: Contact) -> list[str]:
        try:
            return sorted(self.people.of_contact(contact))
        except LedgerUnavailable as error:
            logger.warning("recipient limit not checked", form=form.id, error=str(error))
            return []
