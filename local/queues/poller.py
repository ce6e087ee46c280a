"""Polls a queue and invokes a function, as Lambda's event source mapping does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from local.lambdas.execution import InvocationError
from local.lambdas.functions import QueueSource
from local.lambdas.pool import FunctionPool, Throttled
from local.queues.sqs_event import failed_messages, sqs_event

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_logger = logging.getLogger(__name__)

POLL_SECONDS = 1
"""Lambda polls for 20 s; a shorter poll only lets the stack stop sooner."""


class QueuePoller:
    """Threads that poll one queue, at most as many as the event source allows concurrent invocations.

    A message is deleted when the function succeeded with it. A failed one, or all of a failed invocation, stay in the
    queue: they reappear after their visibility timeout, and the redrive policy counts receives.
    """

    def __init__(
        self,
        source: QueueSource,
        pool: FunctionPool,
        sqs: SQSClient,
        concurrency: int,
        before_invoke: Callable[[], None] = lambda: None,
    ) -> None:
        """Do not poll yet. `before_invoke` runs before each invocation."""
        self._source = source
        self._pool = pool
        self._sqs = sqs
        self._before_invoke = before_invoke
        self._queue_url = sqs.get_queue_url(QueueName=source.queue_arn.rpartition(":")[2])["QueueUrl"]
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._poll, name=f"poller-{number}", daemon=True)
            for number in range(min(concurrency, source.concurrency))
        ]

    def start(self) -> None:
        """Start to poll."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop polling; a running invocation is finished first, unless its function is stopped too."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _poll(self) -> None:
        while not self._stopping.is_set():
            try:
                self._process_batch()
            except (BotoCoreError, ClientError) as error:
                _logger.warning("polling failed: %s", type(error).__name__)
                self._stopping.wait(1)

    def _process_batch(self) -> None:
        messages = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=self._source.batch_size,
            WaitTimeSeconds=POLL_SECONDS,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        if messages:
            failed = self._invoke(messages)
            self._delete([message for message in messages if message["MessageId"] not in failed])

    def _invoke(self, messages: list[MessageTypeDef]) -> set[str]:
        everything = {message["MessageId"] for message in messages}
        self._before_invoke()
        try:
            result = self._pool.invoke(sqs_event(messages, self._source.queue_arn), wait_seconds=1)
        except (InvocationError, Throttled):
            return everything
        return failed_messages(result, messages) if self._source.reports_item_failures else set()

    def _delete(self, messages: list[MessageTypeDef]) -> None:
        if messages:
            self._sqs.delete_message_batch(
                QueueUrl=self._queue_url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(messages)
                ],
            )
