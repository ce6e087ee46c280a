"""Lambda entry point of the HTTP API. A sign-up's way is told in `signup.py`."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
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
from shared.forms import FormBroken, Forms
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


def prepare() -> None:
    """Build in Lambda's INIT phase what the first sign-up needs, if the environment tells how.

    Never fails: the first invocation tells what is wrong. Opens no connection: without credentials in the environment
    botocore would look for them over the network, so nothing is built then. SnapStart is the exception: its INIT has
    credentials from an agent inside the environment only ("Improving startup performance with Lambda SnapStart").
    """
    if "AWS_ACCESS_KEY_ID" in os.environ or os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        with suppress(Exception):
            forms = application(Settings.from_environment(os.environ)).forms
            for form_id in forms.ids():
                with suppress(FormBroken):
                    forms.get(form_id)


prepare()
