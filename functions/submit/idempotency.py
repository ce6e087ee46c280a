"""Once: the same sign-up sent again gets the first one's answer, by Powertools' idempotency.

Two records guard one sign-up: its `Idempotency-Key` (24 hours), if it has one, and its payload (the form's
`dedupe_seconds`). Keys and payloads are hashed with the deployment's key before Powertools sees them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)

from functions.submit.refusal import Refusal
from shared.aws.fail_fast import LONGEST_CALL_SECONDS
from shared.deadline import Deadline
from shared.errors import LedgerUnavailable
from shared.ledger.person_hashing import People

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_dynamodb import DynamoDBClient

POLL_SECONDS = 0.1

Answer = dict[str, Any]
Work = Callable[[], Answer]


@dataclass(frozen=True, slots=True)
class Key:
    """A name for a sign-up that its sender chose, and how many seconds it is remembered."""

    text: str
    seconds: int = 86_400


class Once:
    """Runs work at most once per key and payload; a second caller waits for the first."""

    def __init__(self, client: DynamoDBClient, table: str, people: People) -> None:
        self._client = client
        self._table = table
        self._people = people
        self._stores: dict[tuple[str, int], DynamoDBPersistenceLayer] = {}

    def run(
        self,
        form_id: str,
        key: Key | None,
        payload: str,
        dedupe_seconds: int,
        work: Work,
        deadline: Deadline,
        context: LambdaContext,
    ) -> Answer:
        """Return what `work` returned, now or for an earlier sign-up that is the same.

        Raises:
            Refusal: the key was used with another payload, or the first sign-up is still under way when even its
                queueing must be over.
            LedgerUnavailable: DynamoDB failed before `work` was called.
        """
        payload_hash = self._people.hashed(form_id, payload)
        # The first may use the vendors' time to its end, and then has to queue what is left before it can answer.
        step = partial(self._once, context=context, patience=deadline.later(LONGEST_CALL_SECONDS))
        if dedupe_seconds:
            work = partial(step, f"payload#{form_id}", payload_hash, payload_hash, dedupe_seconds, work)
        if key is not None:
            key_hash = self._people.hashed(form_id, "idempotency-key", key.text)
            work = partial(step, f"key#{form_id}", key_hash, payload_hash, key.seconds, work)
        return work()

    def _once(
        self,
        prefix: str,
        key: str,
        payload: str,
        seconds: int,
        work: Work,
        *,
        context: LambdaContext,
        patience: Deadline,
    ) -> Answer:
        known = _Known(work)
        guarded = idempotent_function(
            known.call,
            data_keyword_argument="request",
            persistence_store=self._store(prefix, seconds),
            config=IdempotencyConfig(
                event_key_jmespath="key",
                payload_validation_jmespath="payload",
                expires_after_seconds=seconds,
                hash_function="sha256",
                lambda_context=context,
            ),
            key_prefix=prefix,
        )
        while True:
            try:
                return dict(guarded(request={"key": key, "payload": payload}))
            except IdempotencyValidationError:
                raise Refusal("idempotency-conflict") from None
            except (IdempotencyAlreadyInProgressError, IdempotencyInconsistentStateError):
                if patience.passed:
                    raise Refusal("not-accepted") from None
                time.sleep(min(POLL_SECONDS, patience.remaining))
            except IdempotencyPersistenceLayerError:
                return known.result()

    def _store(self, prefix: str, seconds: int) -> DynamoDBPersistenceLayer:
        """Return the store of one kind of record: Powertools binds a store to its first configuration."""
        if (prefix, seconds) not in self._stores:
            self._stores[prefix, seconds] = DynamoDBPersistenceLayer(self._table, boto3_client=self._client)
        return self._stores[prefix, seconds]


class _Known:
    """Work, and how it ended: Powertools' own errors would hide that when only its record could not be written."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._ended: Answer | Refusal | None = None

    def call(self, *, request: dict[str, str]) -> Answer:
        try:
            self._ended = self._work()
        except Refusal as refusal:
            self._ended = refusal
            raise
        return self._ended

    def result(self) -> Answer:
        """Return or raise what the work ended with; `LedgerUnavailable` when it never ran."""
        if isinstance(self._ended, Refusal):
            raise self._ended
        if self._ended is None:
            raise LedgerUnavailable("the idempotency record could not be written")
        return self._ended
