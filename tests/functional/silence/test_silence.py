"""A form that expects sign-ups and gets none rings; what CloudWatch is asked for is what was emitted."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.functional.submit.form_texts import newsletter
from tests.support.cloudwatch import CloudWatch
from tests.support.outages import gone
from tests.support.relay import Relay

EXPECTING = 'expect_every = "1d"\ndedupe_seconds = 0'


@pytest.fixture
def cloudwatch(relay: Relay, capsys: pytest.CaptureFixture[str]) -> CloudWatch:
    """Two forms, of which one expects sign-ups, have been there for more than a day."""
    relay.twin("pulse", "pulse-us")
    relay.form("quiet", newsletter(EXPECTING))
    relay.form("free", newsletter())
    relay.look_for_silence()
    taken = CloudWatch(capsys)
    assert taken.take(hours_ago=25) == [("Watched", "quiet")]
    return taken


def looked(relay: Relay, cloudwatch: CloudWatch) -> list[tuple[str, str]]:
    relay.look_for_silence()
    return cloudwatch.take(hours_ago=0)


def test_a_form_that_got_no_sign_up_for_as_long_as_it_says_is_silent(relay: Relay, cloudwatch: CloudWatch) -> None:
    assert looked(relay, cloudwatch) == [("Silent", "quiet"), ("Watched", "quiet")]


def test_a_silent_form_is_named_in_the_log(
    relay: Relay, cloudwatch: CloudWatch, caplog: pytest.LogCaptureFixture
) -> None:
    relay.look_for_silence()

    told = [record for record in caplog.records if record.message.startswith("no sign-up for as long")]
    assert [vars(record)["form"] for record in told] == ["quiet"]


def test_a_sign_up_within_the_interval_ends_the_silence(relay: Relay, cloudwatch: CloudWatch) -> None:
    relay.post("quiet", {"email": "ada@example.com"})
    assert ("Accepted", "quiet") in cloudwatch.take(hours_ago=23)

    assert looked(relay, cloudwatch) == [("Watched", "quiet")]


def test_a_sign_up_before_the_interval_does_not_count(relay: Relay, cloudwatch: CloudWatch) -> None:
    relay.post("quiet", {"email": "ada@example.com"})
    cloudwatch.take(hours_ago=25)

    assert ("Silent", "quiet") in looked(relay, cloudwatch)


def test_a_sign_up_of_another_form_or_of_another_stack_does_not_count(
    relay: Relay, cloudwatch: CloudWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.post("free", {"email": "ada@example.com"})
    with monkeypatch.context() as other:
        other.setenv("POWERTOOLS_SERVICE_NAME", "another-relay")
        relay.post("quiet", {"email": "ada@example.com"})
    assert {("Accepted", "free"), ("Accepted", "quiet")} <= set(cloudwatch.take(hours_ago=1))

    assert ("Silent", "quiet") in looked(relay, cloudwatch)


def test_a_form_is_not_silent_before_it_has_existed_for_as_long_as_it_says(
    relay: Relay, cloudwatch: CloudWatch
) -> None:
    relay.form("young", newsletter(EXPECTING))
    relay.look_for_silence()
    cloudwatch.take(hours_ago=23)

    assert ("Silent", "young") not in looked(relay, cloudwatch)


def test_a_broken_form_is_counted_and_harms_no_other(relay: Relay, cloudwatch: CloudWatch) -> None:
    relay.form("broken", "title = ")

    assert looked(relay, cloudwatch) == [("FormBroken", "broken"), ("Silent", "quiet"), ("Watched", "quiet")]


def test_a_look_fails_when_cloudwatch_does_so_that_the_functions_alarm_rings(
    relay: Relay, cloudwatch: CloudWatch
) -> None:
    with gone("cloudwatch"), pytest.raises(EndpointConnectionError):
        relay.look_for_silence()

    assert cloudwatch.take(hours_ago=0) == []
