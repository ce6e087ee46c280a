"""The template's functions as processes on this machine, and the pollers of their queues."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from local.lambdas.execution import InvocationError
from local.lambdas.functions import Function
from local.lambdas.lifeline import Lifeline
from local.lambdas.output import Output
from local.lambdas.pool import FunctionPool
from local.queues.poller import QueuePoller

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_logger = logging.getLogger(__name__)


class RunningFunctions:
    """A pool of execution environments for each function."""

    def __init__(
        self,
        functions: Sequence[Function],
        sizes: Mapping[str, int],
        variables: Mapping[str, str],
        lifeline: Lifeline,
        output: Output,
    ) -> None:
        """Start nothing yet. `sizes`: most environments of each function; `variables` override the template's."""
        self._sizes = sizes
        self.pools = [
            FunctionPool(function, size=sizes[function.name], variables=variables, lifeline=lifeline, output=output)
            for function in functions
        ]
        self._pollers: list[QueuePoller] = []

    def start(self, sqs: SQSClient, before_poll: Callable[[], None]) -> None:
        """Start one environment of each function, then poll; `before_poll` runs before each polled invocation."""
        self._warm()
        for pool in self.pools:
            for source in pool.function.queues:
                poller = QueuePoller(source, pool, sqs, self._sizes[pool.function.name], before_invoke=before_poll)
                poller.start()
                self._pollers.append(poller)

    def stop(self) -> None:
        """Kill every process, then stop polling."""
        for pool in self.pools:
            pool.stop()
        for poller in self._pollers:
            poller.stop()

    def _warm(self) -> None:
        with ThreadPoolExecutor() as threads:
            for pool, warmed in [(pool, threads.submit(pool.warm)) for pool in self.pools]:
                try:
                    warmed.result()
                except InvocationError as error:
                    _logger.warning("%s does not start: %s", pool.function.handler, error.reason)
