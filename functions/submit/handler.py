"""Lambda entry point of the HTTP API."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from functions.submit.deliver_all import Dispatch
from functions.submit.idempotency import Idempotency
from functions.submit.routes import Application
from functions.submit.screening.captcha import Captcha
from functions.submit.screening.screening import Screening
from functions.submit.screening.time_token import TimeTokens
from functions.submit.signup import Reception
from shared.composition import ENQUEUE_RESERVE_SECONDS, build_adapters, retry_policy
from shared.forms import Forms
from shared.ledger.quarantine import Quarantine
from shared.ledger.signed_requests import SignedRequests
from shared.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API event (payload format 2.0)."""
    return application(Settings.from_environment(os.environ)).handle(event, context)


@lru_cache(maxsize=1)
def application(settings: Settings) -> Application:
    """Compose the application: once per environment, again only when the settings change."""
    adapters = build_adapters(settings)
    table, people, secrets = adapters.table, adapters.hasher, adapters.secrets
    time_tokens = TimeTokens(people)
    return Application(
        forms=Forms(settings.forms_dir),
        time_tokens=time_tokens,
        reception=Reception(
            screening=Screening(people, secrets, adapters.rate_limit, SignedRequests(table, people), time_tokens),
            captcha=Captcha(adapters.delivery.http, secrets),
            quarantine=Quarantine(table),
            once=Idempotency(table.client, table.name, people),
            people=people,
            dispatch=Dispatch(adapters.delivery, adapters.consents, adapters.queues, retry_policy(settings)),
            budget=settings.delivery_budget_seconds,
            reserve=ENQUEUE_RESERVE_SECONDS,
        ),
    )
