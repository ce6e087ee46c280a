"""The environment, read once: every variable the functions know, with its unit and default.

Nothing here runs at import. `Settings.from_environment` raises one `ConfigurationError` that names every variable that
is missing or malformed, and never prints a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, DirectoryPath, Field, StringConstraints, ValidationError

from shared.aws.limits import MAX_VISIBILITY_SECONDS
from shared.errors import ConfigurationError
from shared.problems import problems_of

_FORMS_OF_THE_DEPLOYED_CODE = Path(__file__).resolve().parent.parent / "forms"

QueueUrl = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
Name = Annotated[str, StringConstraints(min_length=1)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseModel):
    """What the environment says. Field names are the variables' names in lower case."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    retry_queue_url: QueueUrl
    dead_letter_queue_url: QueueUrl
    ledger_table: Name
    forms_dir: DirectoryPath = _FORMS_OF_THE_DEPLOYED_CODE
    secret_prefix: Name = "signup-relay/"
    ledger_key_secret: Name | None = None
    """Name or ARN of the secret with the key under which people are hashed; `ledger_key` has the default."""

    trusted_proxy: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$")] = ""
    """Header that holds the visitor's address behind a proxy of ours; empty for no proxy."""
    base_path: Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._~-]+)+$")] = ""
    """Path under which a custom domain maps the API, like `/relay`; requests arrive with and without it."""

    delivery_budget_seconds: Seconds = 8
    """Time a submission may spend on vendors before what is left is queued."""
    retry_budget_seconds: Seconds = 20
    """Time one attempt of the retry handler may spend on a vendor."""
    retry_base_seconds: Seconds = 60
    """Delay before the second attempt; later ones double."""
    retry_max_seconds: Annotated[float, Field(gt=0, le=MAX_VISIBILITY_SECONDS)] = 21_600
    """Longest own delay."""
    retry_max_age_seconds: Seconds = 259_200
    """Age at which a transient failure is given up: 3 days."""
    queue_retention_seconds: Seconds = 864_000
    """Retention of the retry queue in `template.yaml`; a held message is dead-lettered shortly before it."""
    search_lag_seconds: Annotated[float, Field(ge=0)] = 60
    """How long a vendor's search may hide a contact that was just created (unknown for all five; assumed)."""
    consent_retention_days: Annotated[int, Field(gt=0)] = 1825
    """How long a consent receipt is kept: 5 years, unless the law of the place asks for other."""
    circuit_failure_threshold: Annotated[int, Field(gt=0)] = 3
    """Consecutive failures of one destination, seen by one environment, that open its circuit."""
    circuit_recovery_seconds: Annotated[int, Field(gt=0)] = 15
    """How long an open circuit waits before it lets one probe through."""

    @property
    def ledger_key(self) -> str:
        """Full name or ARN of the secret that holds the ledger's key."""
        return self.ledger_key_secret or f"{self.secret_prefix}ledger-key"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables; a variable that is set but empty counts as absent.

        Raises:
            ConfigurationError: names each missing or malformed variable.
        """
        values = {name: value for name in cls.model_fields if (value := environment.get(name.upper()))}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigurationError(
                "; ".join(f"environment variable {name.upper()}: {problem}" for name, problem in problems_of(error))
            ) from None
