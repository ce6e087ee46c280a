"""Tells silence: a form with `expect_every` that got no sign-up for so long.

CloudWatch keeps the count of sign-ups, `Accepted`, so looking costs a sign-up nothing. An alarm cannot look by itself:
a metric that nobody emits is in no query (docs/adr/0016).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.forms import Form, FormBroken, FormNotFound, Forms
from shared.telemetry import NAMESPACE, count, dimensions_of, logger

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

HOUR_SECONDS, DAY_SECONDS = 3600, 86_400

FIRST_LOOK_SECONDS = 3 * HOUR_SECONDS
"""A look so shortly before the interval shows that the form is as old. Looks are an hour apart, and one may fail."""

LONGEST_SECONDS = 450 * DAY_SECONDS
"""CloudWatch forgets after 455 days ("Metrics concepts", metrics retention)."""

FINE_SECONDS = 60 * DAY_SECONDS
"""For 63 days CloudWatch has five-minute sums, then hourly ones (the same page)."""

_UNIT_SECONDS = {"m": 60, "h": HOUR_SECONDS, "d": DAY_SECONDS}


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks at every form that expects sign-ups."""

    forms: Forms
    cloudwatch: CloudWatchClient
    wall_clock: Callable[[], float] = time.time

    def look(self) -> None:
        """Emit `Silent` for each form that got no sign-up for as long as its `expect_every` says.

        Raises:
            BotoCoreError, ClientError: CloudWatch does not answer, or refuses.
        """
        for form_id in self.forms.ids():
            form = self._form(form_id)
            if form and form.expect_every != "off":
                self._look_at(form)

    def _form(self, form_id: str) -> Form | None:
        try:
            return self.forms.get(form_id)
        except FormNotFound:  # a file whose name is no form's id
            return None
        except FormBroken as broken:
            broken.report(form_id)
            return None

    def _look_at(self, form: Form) -> None:
        now = self.wall_clock()
        start = now - min(seconds_of(form.expect_every), LONGEST_SECONDS)
        was_there = self._counted("Watched", form.id, start - FIRST_LOOK_SECONDS, start)
        # To the end of the hour, so that the sum that is still growing counts.
        if was_there and not self._counted("Accepted", form.id, start, now + HOUR_SECONDS):
            logger.warning("no sign-up for as long as the form expects one", form=form.id)
            count("Silent", form=form.id)
        count("Watched", form=form.id)

    def _counted(self, metric: str, form_id: str, start: float, end: float) -> bool:
        """Tell whether a metric of the form counted anything between two moments, each rounded down to a period."""
        period = 300 if self.wall_clock() - start < FINE_SECONDS else HOUR_SECONDS
        pages = self.cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=[_sum_of(metric, form_id, period)],
            StartTime=datetime.fromtimestamp(start // period * period, UTC),
            EndTime=datetime.fromtimestamp(end // period * period, UTC),
        )
        return any(sum(result["Values"]) > 0 for page in pages for result in page["MetricDataResults"])


def seconds_of(interval: str) -> int:
    """Return the seconds of an interval like "90m", "6h" or "1d"."""
    return int(interval[:-1]) * _UNIT_SECONDS[interval[-1]]


def _sum_of(metric: str, form_id: str, period: int) -> MetricDataQueryTypeDef:
    return {
        "Id": "counted",
        "MetricStat": {
            "Metric": {
                "Namespace": NAMESPACE,
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions_of(form=form_id).items()],
            },
            "Period": period,
            "Stat": "Sum",
        },
    }
