"""Lambda entry point of the hourly schedule."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import boto3

from functions.silence.watch import Watch
from shared.aws.fail_fast import AWS_CALLS
from shared.forms import Forms
from shared.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Look at every form once; fails when CloudWatch does, so that the function's `Errors` ring."""
    watch(Settings.from_environment(os.environ)).look()


@lru_cache(maxsize=1)
def watch(settings: Settings) -> Watch:
    """Compose the watch: once per environment, again only when the settings change."""
    return Watch(Forms(settings.forms_dir), boto3.client("cloudwatch", config=AWS_CALLS))
