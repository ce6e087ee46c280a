"""A batch of retries: every record under way at once, and which of them stay in the queue."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.retry.consumer import Consumer
from shared.composition import ENQUEUE_RESERVE_SECONDS
from shared.deadline import Deadline

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext

RECORDS_AT_ONCE = 10
"""A whole batch of `template.yaml`; what a larger one has more waits its turn, within the invocation's time."""


def consume_all(consumer: Consumer, event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Try every record of an SQS event at once; return the partial batch response."""
    end = Deadline.after(context.get_remaining_time_in_millis() / 1000 - ENQUEUE_RESERVE_SECONDS)
    records = [SQSRecord(record) for record in event.get("Records", [])]
    if not records:
        return {"batchItemFailures": []}
    # Powertools asks for one record after the other; by then all of them are under way.
    under_way = {record.message_id: _threads().submit(consumer.consume, record, end) for record in records}

    def concluded(record: SQSRecord) -> None:
        under_way[record.message_id].result()

    # When every record failed, Powertools would raise, with the records' tracebacks in the error.
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, concluded, processor, context=context)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """As many as a batch holds; they mostly wait for vendors."""
    return ThreadPoolExecutor(RECORDS_AT_ONCE, thread_name_prefix="record")
