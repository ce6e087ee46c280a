"""Lambda entry point of the retry queue."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.retry.consumer import Consumer
from shared.composition import ENQUEUE_RESERVE_SECONDS, build_adapters, retry_policy
from shared.deadline import Deadline
from shared.erasures import Erasures
from shared.forms import Forms
from shared.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext

RECORDS_AT_ONCE = 10
"""A whole batch of `template.yaml`; what a larger one has more waits its turn, within the invocation's time."""


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Try every record of the batch at once; answer which of them stay in the queue."""
    retries = consumer(Settings.from_environment(os.environ))
    end = Deadline.after(context.get_remaining_time_in_millis() / 1000 - ENQUEUE_RESERVE_SECONDS)

    records = [SQSRecord(record) for record in event.get("Records", [])]
    if not records:
        return {"batchItemFailures": []}
    # Powertools asks for one record after the other; by then all of them are under way.
    under_way = {record.message_id: _threads().submit(retries.consume, record, end) for record in records}

    def concluded(record: SQSRecord) -> None:
        under_way[record.message_id].result()

    # When every record failed, Powertools would raise, with the records' tracebacks in the error.
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, concluded, processor, context=context)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """As many as a batch holds; they mostly wait for vendors."""
    return ThreadPoolExecutor(RECORDS_AT_ONCE, thread_name_prefix="record")


@lru_cache(maxsize=1)
def consumer(settings: Settings) -> Consumer:
    """Compose the consumer: once per environment, again only when the settings change."""
    adapters = build_adapters(settings)
    return Consumer(
        forms=Forms(settings.forms_dir),
        delivery=adapters.delivery,
        holds=adapters.delivery.holds,
        erasures=Erasures(adapters.dynamodb, settings.ledger_table, adapters.people),
        queues=adapters.queues,
        policy=retry_policy(settings),
        budget=settings.retry_budget_seconds,
    )
