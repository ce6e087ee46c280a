"""Lambda entry point of the retry queue."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from functions.retry.batch import consume_all
from functions.retry.consumer import Consumer
from functions.retry.waiting import Waiting
from shared.composition import build_adapters, retry_policy
from shared.forms import Forms
from shared.init_phase import in_init_phase, load_first
from shared.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Try every record of one SQS event; answer which of them stay in the queue."""
    return consume_all(consumer(Settings.from_environment(os.environ)), event, context)


@lru_cache(maxsize=1)
def consumer(settings: Settings) -> Consumer:
    """Compose the consumer: once per environment, again only when the settings change."""
    adapters = build_adapters(settings)
    return Consumer(
        forms=Forms(settings.forms_dir),
        delivery=adapters.delivery,
        consents=adapters.consents,
        hasher=adapters.hasher,
        gates=adapters.gates,
        table=adapters.table,
        queues=adapters.queues,
        policy=retry_policy(settings),
        budget=settings.retry_budget_seconds,
        waiting=Waiting(),
    )


in_init_phase(lambda settings: load_first(consumer(settings).forms))
