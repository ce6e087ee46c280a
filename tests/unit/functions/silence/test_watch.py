"""For how long a form is looked back on, and in which steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from functions.silence.watch import Watch, seconds_of
from shared.forms import Forms

NOW = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)
HOUR, DAY = 3600, 86_400


@dataclass
class FakeCloudWatch:
    """Answers each metric with its values, in pages; keeps what it was asked."""

    pages: dict[str, list[list[float]]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def get_paginator(self, operation: str) -> FakeCloudWatch:
        assert operation == "get_metric_data"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(request)
        (query,) = request["MetricDataQueries"]
        for values in self.pages.get(query["MetricStat"]["Metric"]["MetricName"], [[]]):
            yield {"MetricDataResults": [{"Id": query["Id"], "Values": values}]}


def looked(folder: Path, expect_every: str, **pages: list[list[float]]) -> FakeCloudWatch:
    """Look once at a form that expects sign-ups so often."""
    (folder / "news.toml").write_text(
        f'title = "News"\nallowed_origins = ["*"]\nexpect_every = "{expect_every}"\n'
        '[fields.email]\ntype = "email"\nrequired = true\n'
        '[[destinations]]\nname = "pulse-us"\nvendor = "pulse"\naction = "upsert"\noptions = { source = 7 }\n'
    )
    cloudwatch = FakeCloudWatch({"Watched": [[1.0]], **pages})
    Watch(Forms(folder), cast("Any", cloudwatch), wall_clock=NOW.timestamp).look()
    return cloudwatch


@pytest.mark.parametrize(
    ("interval", "seconds"), [("90m", 5400), ("6h", 21_600), ("1d", 86_400), ("9999d", 863_913_600)]
)
def test_an_interval_is_minutes_hours_or_days(interval: str, seconds: int) -> None:
    assert seconds_of(interval) == seconds


@pytest.mark.parametrize(
    ("interval", "seconds_back", "period"),
    [("5m", 300, 300), ("1d", DAY, 300), ("90d", 90 * DAY, HOUR), ("9999d", 450 * DAY, HOUR)],
)
def test_sign_ups_are_counted_over_the_interval_as_far_and_as_finely_as_cloudwatch_remembers(
    tmp_path: Path, interval: str, seconds_back: int, period: int
) -> None:
    watched, accepted = looked(tmp_path, interval).asked

    start, end = (accepted[key].timestamp() for key in ("StartTime", "EndTime"))
    assert NOW.timestamp() - seconds_back - period < start <= NOW.timestamp() - seconds_back
    assert end > NOW.timestamp(), "the sum that is still growing counts"
    assert accepted["MetricDataQueries"][0]["MetricStat"]["Period"] == period
    assert start % period == 0
    assert watched["EndTime"] == accepted["StartTime"], "the form was there before the interval"


def test_a_sign_up_on_a_later_page_of_the_answer_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    looked(tmp_path, "1d", Accepted=[[], [0.0, 1.0]])
    assert '"Silent"' not in capsys.readouterr().out

    looked(tmp_path, "1d", Accepted=[[], [0.0]])
    assert '"Silent"' in capsys.readouterr().out


def test_a_form_that_expects_nothing_costs_no_call(tmp_path: Path) -> None:
    assert looked(tmp_path, "off").asked == []
