from __future__ import annotations

import pytest

from shared.delivery.late_write import Recency, compare_with_newest, stale
from shared.person_record import PersonRecord
from shared.submission import Stamp

EARLY = Stamp(1_000, "b")
LATE = Stamp(2_000, "a")


def test_stamps_compare_as_text_as_they_do_as_numbers() -> None:
    moments = [Stamp(9, "z"), Stamp(10, "a"), Stamp(10, "b"), Stamp(1_800_000_000_000, "a")]
    assert [str(stamp) for stamp in moments] == sorted(str(stamp) for stamp in moments)


@pytest.mark.parametrize(
    ("stamp", "newest", "expected"),
    [
        (EARLY, None, Recency.NEWER),
        (LATE, EARLY, Recency.NEWER),
        (EARLY, EARLY, Recency.SAME),
        (EARLY, LATE, Recency.OLDER),
        (Stamp(1_000, "a"), Stamp(1_000, "b"), Recency.OLDER),
        (Stamp(1_000, "c"), Stamp(1_000, "b"), Recency.NEWER),
    ],
)
def test_sign_ups_of_one_form_are_ordered_by_their_time_and_then_by_their_id(
    stamp: Stamp, newest: Stamp | None, expected: Recency
) -> None:
    assert compare_with_newest(str(stamp), str(newest or "")) is expected


def test_only_fields_that_a_newer_sign_up_wrote_are_stale() -> None:
    written = {"first_name": str(LATE), "last_name": str(EARLY), "city": str(Stamp(1_000, "a"))}
    assert stale(["first_name", "last_name", "city", "company"], str(EARLY), written) == {"first_name"}


def test_a_stamp_never_goes_back() -> None:
    record = PersonRecord(stamp=str(EARLY), fields={"first_name": str(LATE), "company": "x"})
    record.stamp_fields(["first_name", "city"])
    assert record.fields == {"first_name": str(LATE), "city": str(EARLY), "company": "x"}
