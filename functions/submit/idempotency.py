"""Idempotency by Powertools: the same sign-up sent again gets the first one's answer and is delivered once.

Two records guard one sign-up: its `Idempotency-Key` (24 hours), if it has one, and its payload (the form's
`dedupe_seconds`). Keys and payloads are hashed with the deployment's key before Powertools sees them (ADR 8).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)

from functions.submit.idempotency_records import IdempotencyRecords
from functions.submit.refusal import Refusal
from shared.aws.fail_fast import LONGEST_CALL_SECONDS
from shared.contact import Contact
from shared.deadline import Deadline
from shared.errors import LedgerUnavailable
from shared.ledger.person_hashing import PersonHasher

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_dynamodb import DynamoDBClient

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0

Answer = dict[str, Any]
Work = Callable[[], Answer]


@dataclass(frozen=True, slots=True)
class Key:
    """A name for a sign-up that its sender chose, and how many seconds it is remembered."""

    text: str = field(repr=False)
    seconds: int = 86_400


@dataclass(frozen=True, slots=True)
class Sameness:
    """What makes another sign-up the same as this one, and for how long.

    Attributes:
        scope: within which keys and payloads are compared, the form's id.
        payload: what both have to say.
        dedupe_seconds: how long the payload is remembered; 0 for not at all.
        key: the sender's own name for the sign-up.
        contact: the person, whose erasure forgets all this; None where it cannot be read.
    """

    scope: str
    payload: str = field(repr=False)
    dedupe_seconds: int
    key: Key | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class _Record:
    """What Powertools needs to know of one record."""

    prefix: str
    key: str
    payload: str
    seconds: int


class Idempotency:
    """Runs work at most once per key and payload; a second caller waits for the first."""

    def __init__(
        self, client: DynamoDBClient, table: str, people: PersonHasher, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._table = table
        self._people = people
        self._sleep = sleep
        self._stores: dict[tuple[str, int], IdempotencyRecords] = {}

    def run(self, sameness: Sameness, work: Work, deadline: Deadline, context: LambdaContext) -> Answer:
        """Return what `work` returned, now or for an earlier sign-up that is the same.

        Args:
            sameness: which sign-ups are the same.
            work: what must not run twice.
            deadline: when vendors' time is up.
            context: tells how long this invocation can last.

        Raises:
            Refusal: the key was used with another payload, or the first sign-up is still under way when even its
                queueing must be over, or too many wait for it.
            LedgerUnavailable: DynamoDB failed before `work` was called.
        """
        # The first may use the vendors' time to its end, and then has to queue what is left before it can answer.
        patience = deadline.later(LONGEST_CALL_SECONDS)
        people = sorted(self._people.of_contact(sameness.contact)) if sameness.contact else []
        guarded = work
        for record in self._records(sameness):  # the last one is asked first
            guarded = self._once(record, people, guarded, patience, context)
        return guarded()

    def _records(self, sameness: Sameness) -> Iterator[_Record]:
        scope, key = sameness.scope, sameness.key
        payload_hash = self._people.hashed(scope, sameness.payload)
        if sameness.dedupe_seconds:
            yield _Record(f"payload#{scope}", payload_hash, payload_hash, sameness.dedupe_seconds)
        if key is not None:
            key_hash = self._people.hashed(scope, "idempotency-key", key.text)
            yield _Record(f"key#{scope}", key_hash, payload_hash, key.seconds)

    def _once(self, record: _Record, people: list[str], work: Work, patience: Deadline, context: LambdaContext) -> Work:
        """Return `work` guarded by one record."""
        store = self._store(record)
        sign_up = {"key": record.key, "payload": record.payload, "people": people}

        def run(*, sign_up: dict[str, Any]) -> Answer:
            return work()

        guarded = idempotent_function(
            run,
            data_keyword_argument="sign_up",
            persistence_store=store,
            config=IdempotencyConfig(
                event_key_jmespath="key",
                payload_validation_jmespath="payload",
                expires_after_seconds=record.seconds,
                hash_function="sha256",
                lambda_context=context,
            ),
            key_prefix=record.prefix,
        )

        def answer() -> Answer:
            pauses, may_wait = _growing_pauses(), False
            while True:
                try:
                    return dict(guarded(sign_up=sign_up))
                except IdempotencyValidationError:
                    raise Refusal("idempotency-conflict") from None
                except IdempotencyPersistenceLayerError:
                    raise LedgerUnavailable("the idempotency record could not be written") from None
                except (IdempotencyAlreadyInProgressError, IdempotencyInconsistentStateError):
                    may_wait = may_wait or store.take_place_to_wait(sign_up)
                    if patience.passed or not may_wait:
                        raise Refusal("not-accepted") from None
                    self._sleep(min(next(pauses), patience.remaining))

        return answer

    def _store(self, record: _Record) -> IdempotencyRecords:
        """Return the store of one kind of record, not of one sign-up.

        Powertools binds a store to its first configuration, and adds an event handler to the client for each store.
        """
        kind = (record.prefix, record.seconds)
        if kind not in self._stores:
            self._stores[kind] = IdempotencyRecords(self._table, boto3_client=self._client)
        return self._stores[kind]


def _growing_pauses() -> Iterator[float]:
    pause = FIRST_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
