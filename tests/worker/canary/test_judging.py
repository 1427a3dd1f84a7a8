"""When a redrive in steps goes on, halts or is over; and how many it may send."""

import pytest

from worker.canary_steps import UNSETTLED, Tally, allowance, judge


def tally(**of_step):
    return Tally(of_step, of_step)


@pytest.mark.parametrize(
    ("step", "of_step", "more", "what"),
    [
        (1, {}, True, "go on"),
        (1, {"sent": 1}, True, "go on"),
        (1, {"mended": 1}, True, "next"),
        (1, {"mended": 1}, False, "complete"),
        (1, {"failing": 1}, False, "halt"),
        # one of ten is what may fail, whichever has its outcome first
        (2, {"sent": 9, "died": 1}, True, "go on"),
        (2, {"sent": 8, "died": 1, "failing": 1}, True, "halt"),
        (2, {"mended": 9, "died": 1}, True, "next"),
        # of fewer than ten that is all there were
        (2, {"mended": 2, "died": 1}, False, "halt"),
        (3, {"sent": 5, "died": 1}, True, "go on"),
        (3, {"mended": 89, "died": 10}, True, "halt"),
        (3, {"mended": 90, "died": 10}, False, "complete"),
        (3, {"sent": 1, "mended": 90}, False, "go on"),
        (3, {}, False, "complete"),
    ],
)
def test_a_step_is_judged_by_the_share_that_failed(step, of_step, more, what):
    assert judge(step, tally(**of_step), 10, more=more).what == what


@pytest.mark.parametrize(
    ("step", "of_step", "per_second", "seconds", "count"),
    [
        (1, {}, 10, 0, 1),
        (1, {"sent": 1}, 10, 60, 0),
        (2, {"mended": 4}, 10, 0, 6),
        (3, {}, 10, 2.5, 25),
        (3, {}, 10, 3600, 100),
        (3, {}, 0.05, 25, 1),
        (3, {"sent": UNSETTLED - 1}, 10, 5, 1),
    ],
)
def test_the_rest_is_sent_at_the_rate_and_never_more_than_somebody_tries(
    step, of_step, per_second, seconds, count
):
    assert allowance(step, tally(**of_step), per_second, seconds) == count
