"""Quarantine: suspected spam is kept for 30 days, answered like success, delivered only when a person releases it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from functions.submit.body import Values
from functions.submit.intake import Circumstances, submission_of
from functions.submit.refusal import Refusal
from shared.dynamodb import to_item, translated
from shared.forms import Form
from shared.people import People
from shared.telemetry import count, logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "quarantine#"
KEPT_SECONDS = 30 * 86_400


class Quarantine:
    """Stores what was submitted, in the ledger table; it is personal data and expires by TTL."""

    def __init__(
        self, client: DynamoDBClient, table: str, people: People, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._table = table
        self._people = people
        self._wall_clock = wall_clock

    def keep(self, form: Form, reason: str, values: Values, circumstances: Circumstances) -> None:
        """Store one suspected sign-up: of its values only those of fields that the form defines, and the honeypot's.

        Args:
            form: where it was sent.
            reason: why it is suspected, e.g. `honeypot`.
            values: what was submitted, by field name.
            circumstances: when, where and by whom.

        Raises:
            LedgerUnavailable: DynamoDB failed; nothing is kept.
            CredentialsMissing, SecretsUnavailable: the key that hashes people could not be read.
        """
        people = self._people_in(form, values, circumstances)
        item = {
            "id": f"{PREFIX}{circumstances.submission_id}",
            "form": form.id,
            "reason": reason,
            "submitted": json.dumps({**_bait(form, values), **defined(form, values)}),
            "received_at": circumstances.received_at,
            "page": circumstances.page or "",
            "caller": circumstances.caller or "",
            "expiration": int(self._wall_clock()) + KEPT_SECONDS,
            **({"people": people} if people else {}),
        }
        with translated():
            self._client.put_item(TableName=self._table, Item=to_item(item))
        logger.warning("quarantined", form=form.id, reason=reason, submission_id=circumstances.submission_id)
        count("Quarantined", form=form.id)

    def _people_in(self, form: Form, values: Values, circumstances: Circumstances) -> set[str]:
        """Return the hashes by which an erasure finds it, as far as e-mail and phone can be read."""
        try:
            return self._people.of_contact(submission_of(form, values, circumstances).contact)
        except Refusal:
            return set()


def defined(form: Form, values: Values) -> Values:
    """Return the values of fields that the form defines; a bot's others are nobody's."""
    return {name: value for name, value in values.items() if name in form.fields}


def _bait(form: Form, values: Values) -> Values:
    """Return what the honeypot holds: a browser that filled in a name is no bot."""
    name = form.spam.honeypot
    return {name: values[name]} if name is not None and values.get(name) else {}
