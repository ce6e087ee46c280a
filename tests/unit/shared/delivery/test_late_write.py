from __future__ import annotations

import pytest

from shared.delivery.late_write import Standing, stale, stamped, standing
from shared.submission import Stamp

EARLY = Stamp(1_000, "b")
LATE = Stamp(2_000, "a")


def test_stamps_compare_as_text_as_they_do_as_numbers() -> None:
    moments = [Stamp(9, "z"), Stamp(10, "a"), Stamp(10, "b"), Stamp(1_800_000_000_000, "a")]
    assert [str(stamp) for stamp in moments] == sorted(str(stamp) for stamp in moments)


@pytest.mark.parametrize(
    ("stamp", "newest", "expected"),
    [
        (EARLY, None, Standing.NEWER),
        (LATE, EARLY, Standing.NEWER),
        (EARLY, EARLY, Standing.SAME),
        (EARLY, LATE, Standing.OLDER),
        (Stamp(1_000, "a"), Stamp(1_000, "b"), Standing.OLDER),
        (Stamp(1_000, "c"), Stamp(1_000, "b"), Standing.NEWER),
    ],
)
def test_sign_ups_of_one_form_stand_in_the_order_of_their_time_and_then_of_their_id(
    stamp: Stamp, newest: Stamp | None, expected: Standing
) -> None:
    assert standing("news", stamp, {"news": str(newest)} if newest else {}) is expected


def test_what_another_form_delivered_does_not_make_a_sign_up_old() -> None:
    assert standing("news", EARLY, {"contact": str(LATE)}) is Standing.NEWER


def test_only_fields_that_a_newer_sign_up_wrote_are_stale() -> None:
    written = {"first_name": str(LATE), "last_name": str(EARLY), "city": str(Stamp(1_000, "a"))}
    assert stale(["first_name", "last_name", "city", "company"], EARLY, written) == {"first_name"}


def test_a_stamp_never_goes_back() -> None:
    written = stamped(["first_name", "city"], EARLY, {"first_name": str(LATE), "company": "x"})
    assert written == {"first_name": str(LATE), "city": str(EARLY), "company": "x"}
