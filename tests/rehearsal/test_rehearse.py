"""A rehearsal of the whole system, with few customers."""

import pytest

from rehearsal.run import Asked, rehearse

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def rehearsed():
    said: list[str] = []
    return rehearse(
        Asked(60, seed=7, drop=0.1, repeat=0.1, throttle=0.02, behind=70), said.append
    ), said


def test_the_tables_are_as_the_services_are_although_webhooks_were_lost(rehearsed):
    result, _ = rehearsed
    assert result.outcome.differences == {}, result.outcome.shown
    assert result.outcome.objects > 500
    assert result.dropped > 10
    assert result.fetched > 10


def test_it_says_that_the_backfill_was_killed_and_went_on(rehearsed):
    _, said = rehearsed
    killed = next(n for n, words in enumerate(said) if "killed (-9)" in words)
    resumed = next(n for n, words in enumerate(said) if "resumed" in words)
    assert killed < resumed


def test_it_prints_the_account_and_the_drift(rehearsed):
    _, said = rehearsed
    printed = "\n".join(said)
    assert "tallyman sync status" in printed
    assert "changed here" in printed
