"""Lambda entry point of the retry queue."""

from __future__ import annotations

import asyncio
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    AsyncBatchProcessor,
    EventType,
    async_process_partial_response,
)

from functions.retry.consumer import Consumer
from shared.composition import ENQUEUE_RESERVE_SECONDS, build_adapters, retry_policy
from shared.forms import Forms
from shared.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Try every record of the batch at once; answer which of them stay in the queue."""
    consumer = compose(Settings.from_environment(os.environ))
    time_left = context.get_remaining_time_in_millis() / 1000 - ENQUEUE_RESERVE_SECONDS

    async def consume(record: SQSRecord) -> None:
        await asyncio.to_thread(consumer.consume, record, time_left)

    # When every record failed, Powertools would raise, with the records' tracebacks in the error.
    processor = AsyncBatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return async_process_partial_response(event, consume, processor, context=context)


@lru_cache(maxsize=1)
def compose(settings: Settings) -> Consumer:
    """Compose the consumer: once per environment, again only when the settings change."""
    adapters = build_adapters(settings)
    return Consumer(
        forms=Forms(settings.forms_dir),
        delivery=adapters.delivery,
        holds=adapters.delivery.holds,
        queues=adapters.queues,
        policy=retry_policy(settings),
        budget=settings.retry_budget_seconds,
    )
