from __future__ import annotations

from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError, TransformParameterError
from botocore.exceptions import ClientError

from shared.aws.secrets import CACHE_SECONDS, FRESH_SECONDS, Secrets
from shared.errors import CredentialsMissing, SecretsUnavailable
from tests.support.clock import Clock


class FakeProvider:
    """Answers with `value`, or raises it; counts the calls."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.asked: list[str] = []

    def get(self, name: str, *, transform: str, force_fetch: bool) -> Any:
        assert (transform, force_fetch) == ("json", True)
        self.asked.append(name)
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


def _failed(code: str) -> GetParameterError:
    error = GetParameterError("sentinel")
    error.__cause__ = ClientError({"Error": {"Code": code, "Message": "sentinel"}}, "GetSecretValue")
    return error


def _secrets(provider: FakeProvider, clock: Clock) -> Secrets:
    return Secrets(cast("Any", provider), "relay/", clock)


def test_a_secret_is_read_once_and_again_when_minutes_have_passed(clock: Clock) -> None:
    provider = FakeProvider({"api_key": "a"})
    secrets = _secrets(provider, clock)
    assert secrets.fetch("pulse-us") == {"api_key": "a"}
    provider.value = {"api_key": "b"}
    clock.advance(CACHE_SECONDS - 1)
    assert secrets.fetch("pulse-us") == {"api_key": "a"}
    clock.advance(1)
    assert secrets.fetch("pulse-us") == {"api_key": "b"}
    assert provider.asked == ["relay/pulse-us"] * 2


def test_a_fresh_look_bypasses_the_cache_but_a_flood_of_them_does_not(clock: Clock) -> None:
    provider = FakeProvider({"api_key": "wrong"})
    secrets = _secrets(provider, clock)
    secrets.fetch("pulse-us")
    clock.advance(FRESH_SECONDS)
    for _ in range(50):
        secrets.fetch("pulse-us", fresh=True)
    assert len(provider.asked) == 2


def test_a_value_once_read_outlives_an_outage(clock: Clock) -> None:
    provider = FakeProvider({"api_key": "a"})
    secrets = _secrets(provider, clock)
    secrets.fetch("pulse-us")
    provider.value = _failed("InternalServiceError")
    clock.advance(CACHE_SECONDS * 100)
    assert secrets.fetch("pulse-us") == {"api_key": "a"}


def test_without_an_earlier_value_an_outage_is_told_apart_from_a_missing_secret(clock: Clock) -> None:
    with pytest.raises(SecretsUnavailable, match="secret relay/pulse-us could not be read"):
        _secrets(FakeProvider(_failed("ThrottlingException")), clock).fetch("pulse-us")
    with pytest.raises(SecretsUnavailable):
        _secrets(FakeProvider(GetParameterError("no cause")), clock).fetch("pulse-us")
    with pytest.raises(CredentialsMissing, match="secret relay/pulse-us does not exist"):
        _secrets(FakeProvider(_failed("ResourceNotFoundException")), clock).fetch("pulse-us")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (TransformParameterError("sentinel"), "is not JSON"),
        (["sentinel"], "is not a JSON object"),
        ("sentinel", "is not a JSON object"),
        (None, "is not a JSON object"),
    ],
)
def test_a_secret_that_is_no_object_is_refused_without_being_quoted(value: Any, text: str, clock: Clock) -> None:
    with pytest.raises(CredentialsMissing) as caught:
        _secrets(FakeProvider(value), clock).fetch("pulse-us")
    assert str(caught.value) == f"secret relay/pulse-us {text}"
    assert caught.value.__cause__ is None
