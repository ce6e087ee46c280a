"""`docs/cost.md`: its sums are right, and its counts are the template's."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.packaging.emitted_metrics import emitted_metrics
from tests.support.alarms import alarms
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
TABLES = ["One million sign-ups", "Fixed, for a month"]


def table(heading: str) -> list[list[str]]:
    """Cells of the table below a heading, without its head."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [re.split(r"\s*\|\s*", line.strip("| ")) for line in section.splitlines() if line.startswith("|")][2:]


def how_many(heading: str, what: str) -> float:
    (row,) = (row for row in table(heading) if row[0].startswith(what))
    return float(row[1])


@pytest.mark.parametrize("heading", TABLES)
def test_each_row_is_its_count_times_its_price(heading: str) -> None:
    for what, count, price, cost in table(heading)[:-1]:
        assert float(cost) == pytest.approx(float(count) * float(price), abs=0.0051), what


@pytest.mark.parametrize("heading", TABLES)
def test_a_sum_is_that_of_its_rows(heading: str) -> None:
    *rows, (_, _, _, total) = table(heading)
    assert float(total.strip("*")) == pytest.approx(sum(float(row[3]) for row in rows), abs=0.001)


def test_the_alarms_are_those_of_the_template() -> None:
    queried = [alarm for alarm in alarms().values() if "SELECT" in str(alarm.get("Metrics"))]
    of_aws = [alarm for alarm in alarms().values() if alarm not in queried]
    watched = sum(
        len([each for each in alarm.get("Metrics", [0]) if each == 0 or "MetricStat" in each]) for alarm in of_aws
    )

    assert how_many("Fixed, for a month", "alarms on metrics of ours") == len(queried)
    assert how_many("Fixed, for a month", "metrics that alarms of AWS's metrics watch") == watched


def test_no_form_and_no_destination_has_more_metrics_than_the_page_says() -> None:
    by_dimension = Counter(
        dimension for sets in emitted_metrics().values() for one in sets for dimension in one if len(one) == 2
    )
    told = re.search(r"a form can count are (\d+) metrics\s.*?a destination can, (\d+) ", PAGE, re.DOTALL)
    assert told is not None
    watched = 1  # told apart: only a form with expect_every has it
    assert (by_dimension["form"] - watched, by_dimension["destination"]) == (int(told[1]), int(told[2]))
