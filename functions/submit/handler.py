"""Lambda entry point of the HTTP API. A sign-up's way is told in `signup.py`."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from functions.submit.deliver_all import DeliverToAll
from functions.submit.idempotency import Idempotency
from functions.submit.routes import Routes
from functions.submit.screening.caller import Callers
from functions.submit.screening.captcha import Captcha
from functions.submit.screening.limits import Limits
from functions.submit.screening.screening import Screening
from functions.submit.screening.signatures import Signatures
from functions.submit.screening.suspects import Suspects
from functions.submit.screening.time_token import TimeTokens
from functions.submit.signup import SignupService
from shared.composition import ENQUEUE_RESERVE_SECONDS, build_adapters, retry_policy
from shared.forms import Forms
from shared.forms.fields import PhoneField
from shared.init_phase import in_init_phase, load_first
from shared.ledger.quarantine import Quarantine
from shared.ledger.signed_requests import SignedRequests
from shared.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API event (payload format 2.0)."""
    return application(Settings.from_environment(os.environ)).handle(event, context)


@lru_cache(maxsize=1)
def application(settings: Settings) -> Routes:
    """Compose the application: once per environment, again only when the settings change."""
    adapters = build_adapters(settings)
    table, people, secrets = adapters.table, adapters.hasher, adapters.secrets
    time_tokens = TimeTokens(people)
    signups = SignupService(
        screening=Screening(
            Callers(people, secrets, settings.trusted_proxy),
            Signatures(secrets, SignedRequests(table, people)),
            time_tokens,
        ),
        limits=Limits(adapters.rate_limit, people),
        suspects=Suspects(Quarantine(table), people),
        idempotency=Idempotency(table.client, table.name, people),
        captcha=Captcha(adapters.delivery.http, secrets),
        deliver_to_all=DeliverToAll(adapters.delivery, adapters.consents, adapters.queues, retry_policy(settings)),
        budget_seconds=settings.delivery_budget_seconds,
        reserve_seconds=ENQUEUE_RESERVE_SECONDS,
    )
    return Routes(Forms(settings.forms_dir), signups, time_tokens, settings.base_path)


def _prepare(settings: Settings) -> None:
    for form in load_first(application(settings).forms):
        if any(isinstance(field, PhoneField) for field in form.fields.values()):
            import_module("shared.forms.phone_numbers")


in_init_phase(_prepare)
