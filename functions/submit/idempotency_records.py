"""The records of Powertools' idempotency in the ledger table, safe against lost answers and crowds.

Powertools takes a record by a conditional put. When the answer to it is lost, botocore sends the put again, and the
repeat fails on the record that the first try has written. So each put carries a token of its own: a record with our
token is ours, and the sign-up goes on. Two sign-ups can never both take one record, since no two puts share a token.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemAlreadyExistsError
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import STATUS_CONSTANTS, DataRecord
from botocore.exceptions import BotoCoreError, ClientError

from shared.telemetry import logger

MAX_WAITERS = 2
"""A waiter holds an execution environment, so a crowd on one record is told to come again instead."""

_people: ContextVar[list[str]] = ContextVar("people")
"""Of the sign-up whose record is written: Powertools hands on its key only."""

_IN_PROGRESS = {"S": STATUS_CONSTANTS["INPROGRESS"]}
_FREE = (
    "attribute_not_exists(id) OR expiration < :now"
    " OR (#status = :in_progress AND in_progress_expiration < :now_milliseconds)"
)


class IdempotencyRecords(DynamoDBPersistenceLayer):
    """Powertools' DynamoDB records, with a token for each put and a few places to wait."""

    def save_inprogress(self, data: dict[str, Any], remaining_time_in_millis: int | None = None) -> None:
        """Write a record with `data["people"]`, the keyed hashes by which an erasure finds it.

        A record that outlived its person's erasure would answer their next sign-up, and nobody would deliver it.
        """
        _people.set(data["people"])
        super().save_inprogress(data, remaining_time_in_millis)

    def take_place_to_wait(self, data: dict[str, Any]) -> bool:
        """Return whether the caller may wait for the record to end; False once `MAX_WAITERS` do."""
        try:
            self.client.update_item(
                TableName=self.table_name,
                Key=self._get_key(str(self._get_hashed_idempotency_key(data))),
                UpdateExpression="ADD waiters :one",
                ConditionExpression="#status = :in_progress AND (attribute_not_exists(waiters) OR waiters < :most)",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":most": {"N": str(MAX_WAITERS)},
                    ":in_progress": _IN_PROGRESS,
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as refused:
            return _item(refused).get("status") != _IN_PROGRESS  # it has ended: there is nothing to wait for
        except (BotoCoreError, ClientError) as error:
            logger.warning("waiters not counted", error=type(error).__name__)
        return True

    def _put_record(self, data_record: DataRecord) -> None:
        now = datetime.now(UTC).timestamp()
        token = {"S": uuid4().hex}
        item: dict[str, Any] = {
            **self._get_key(data_record.idempotency_key),
            "expiration": {"N": str(data_record.expiry_timestamp)},
            "in_progress_expiration": {"N": str(data_record.in_progress_expiry_timestamp)},
            "status": {"S": data_record.status},
            "validation": {"S": data_record.payload_hash},
            "token": token,
        }
        if _people.get():
            item["people"] = {"SS": _people.get()}
        try:
            self.client.put_item(
                TableName=self.table_name,
                Item=item,
                ConditionExpression=_FREE,
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":now": {"N": str(int(now))},
                    ":now_milliseconds": {"N": str(int(now * 1000))},
                    ":in_progress": _IN_PROGRESS,
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as refused:
            found = _item(refused)
            if found.get("token") == token:
                return  # our first try was written, only its answer was lost
            record = self._item_to_data_record(found)
            self._validate_payload(data_payload=data_record, stored_data_record=record)
            raise IdempotencyItemAlreadyExistsError(old_data_record=record) from None

    def _update_record(self, data_record: DataRecord) -> None:
        with _never_hiding_the_answer():
            super()._update_record(data_record)

    def _delete_record(self, data_record: DataRecord) -> None:
        with _never_hiding_the_answer():
            super()._delete_record(data_record)


def _item(refused: ClientError) -> dict[str, Any]:
    response: dict[str, Any] = {**refused.response}
    return dict(response.get("Item", {}))


@contextmanager
def _never_hiding_the_answer() -> Generator[None]:
    """Go on when a record cannot be ended: the sign-up has its answer, and the record expires by itself."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        logger.warning("idempotency record not ended", error=type(error).__name__)
