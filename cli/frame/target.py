"""Which deployment a command works on: a stack's, the one of `make run`, or the one that the environment names."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from shared.errors import ConfigurationError

ENV_FILE = Path(__file__).resolve().parents[2] / ".local" / "relay.env"
"""Written by `make run` for as long as it runs."""

VARIABLES = {
    "RetryQueueUrl": "RETRY_QUEUE_URL",
    "DeadLetterQueueUrl": "DEAD_LETTER_QUEUE_URL",
    "LedgerTableName": "LEDGER_TABLE",
    "LedgerKeySecret": "LEDGER_KEY_SECRET",
    "SecretPrefix": "SECRET_PREFIX",
    "ConsentRetentionDays": "CONSENT_RETENTION_DAYS",
    "ApiUrl": "RELAY_URL",
}
"""Output of `template.yaml` → the variable that it is for."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the words before the command say. They take the place of environment variables, in this process only."""

    stack: str | None = None
    local: bool = False
    profile: str | None = None
    region: str | None = None

    def as_typed(self) -> str:
        """Return how this program was called and what names the deployment: the beginning of a command in a hint."""
        named = (("--profile", self.profile), ("--region", self.region), ("--stack", self.stack))
        words = [word for option, value in named if value for word in (option, shlex.quote(value))]
        return " ".join([program(), *words, *(["--local"] if self.local else [])])

    def name_account(self) -> None:
        """Set what needs no call: profile and region, or everything about the stack of `make run`.

        Raises:
            ConfigurationError: `make run` does not run, or both stacks are named.
        """
        if self.local and self.stack:
            raise ConfigurationError("--local and --stack name different deployments: give one of them")
        if self.local:
            _read_env_file(ENV_FILE)
        if self.profile:
            os.environ["AWS_PROFILE"] = self.profile
        if self.region:
            os.environ["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"] = self.region

    def name_deployment(self) -> None:
        """Set what the stack's outputs say; one call to CloudFormation.

        Raises:
            ConfigurationError: there is no such stack, or it is none of ours.
        """
        if self.stack:
            os.environ.update(stack_variables(self.stack))


def program() -> str:
    """Return how this program was called: by a relative path where it was given one."""
    called = sys.argv[0]
    return called if Path(called).name == "relay" and not Path(called).is_absolute() else "relay"


def stack_variables(stack: str) -> dict[str, str]:
    """Return the variables that a stack's outputs hold."""
    import boto3
    from botocore.exceptions import ClientError

    try:
        answer = boto3.client("cloudformation").describe_stacks(StackName=stack)
    except ClientError as error:
        # That is how it says that there is none ("DescribeStacks").
        if error.response["Error"].get("Code") == "ValidationError":
            raise ConfigurationError(f"there is no stack {stack} in this account and region") from None
        raise
    outputs = {each["OutputKey"]: each["OutputValue"] for each in answer["Stacks"][0].get("Outputs", [])}
    missing = sorted(VARIABLES.keys() - outputs.keys())
    if missing:
        raise ConfigurationError(f"stack {stack} is no Signup Relay, or not deployed yet: no output {missing[0]}")
    return {variable: outputs[output] for output, variable in VARIABLES.items()}


def _read_env_file(path: Path) -> None:
    """Set and unset what a shell would that reads the file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise ConfigurationError("no stack runs on this machine; `make run` starts one") from None
    for line in lines:
        match shlex.split(line, comments=True):
            case ["export", setting]:
                name, _, value = setting.partition("=")
                os.environ[name] = value
            case ["unset", *names]:
                for name in names:
                    os.environ.pop(name, None)
