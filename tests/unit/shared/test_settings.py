from __future__ import annotations

import pytest

from shared.errors import ConfigurationError
from shared.settings import Settings
from tests.support.paths import ROOT

REQUIRED = {
    "RETRY_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/retry",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/dead",
    "LEDGER_TABLE": "ledger",
}


def test_three_variables_are_enough_and_the_rest_has_the_documented_defaults() -> None:
    settings = Settings.from_environment({**REQUIRED, "PATH": "/usr/bin"})
    assert settings.delivery_budget_seconds == 8
    assert settings.secret_prefix == "signup-relay/"
    assert settings.forms_dir == ROOT / "forms"
    assert (settings.retry_base_seconds, settings.retry_max_age_seconds) == (60, 259_200)


def test_the_ledgers_key_is_the_secret_that_is_named_else_the_one_below_the_prefix() -> None:
    below = Settings.from_environment({**REQUIRED, "SECRET_PREFIX": "staging/"})
    named = Settings.from_environment({**REQUIRED, "SECRET_PREFIX": "staging/", "LEDGER_KEY_SECRET": "key-of-2026"})

    assert below.ledger_key == "staging/ledger-key"
    assert named.ledger_key == "key-of-2026"


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_missing_variable_is_named(name: str) -> None:
    environment = {key: value for key, value in REQUIRED.items() if key != name}
    with pytest.raises(ConfigurationError, match=f"environment variable {name}: is required"):
        Settings.from_environment(environment)


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_variable_that_is_set_but_empty_counts_as_missing(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"environment variable {name}: is required"):
        Settings.from_environment({**REQUIRED, name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETRY_QUEUE_URL", "my-sentinel-queue"),
        ("DEAD_LETTER_QUEUE_URL", "ftp://sentinel.example.com/queue"),
        *(
            (name.upper(), "sentinel")
            for name, field in Settings.model_fields.items()
            if field.annotation in (int, float)
        ),
        ("DELIVERY_BUDGET_SECONDS", "0"),
        ("DELIVERY_BUDGET_SECONDS", "-1"),
        ("RETRY_MAX_SECONDS", "43201"),
        ("SEARCH_LAG_SECONDS", "-0.5"),
        ("CIRCUIT_FAILURE_THRESHOLD", "0"),
        ("CIRCUIT_RECOVERY_SECONDS", "1.5"),
    ],
)
def test_a_malformed_variable_is_named_and_its_value_is_not_printed(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"environment variable {name}: ") as caught:
        Settings.from_environment({**REQUIRED, name: value})
    assert "sentinel" not in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment({"RETRY_BASE_SECONDS": "x"})
    for name in (*REQUIRED, "RETRY_BASE_SECONDS"):
        assert f"environment variable {name}: " in str(caught.value)
