"""Ten nights are played; state, reason and alerts must be as they were labelled beforehand."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.incidents.labels import LABELS, Label
from tests.incidents.nights import Nights
from tests.receiver.conftest import app, client, post  # noqa: F401  fixtures
from tests.worker.conftest import forgetful_handlers  # noqa: F401  it acts for each test
from worker.signals.reason import WORSE

Post = Callable[..., Any]
ORDER = (*WORSE, "paused", "healthy", "not configured")


def test_five_are_broken_and_five_are_not():
    assert sorted(label.broken for label in LABELS) == [False] * 5 + [True] * 5
    assert [label.alerts for label in LABELS] == [int(label.broken) for label in LABELS]


@pytest.mark.parametrize("label", LABELS, ids=lambda label: label.night)
def test_a_night_is_told_as_it_was(label: Label, night, stripe_api, sql, post):  # noqa: F811
    getattr(Nights(night, stripe_api, sql, post), label.night)()

    stood = night.stood[label.service]
    state, codes = min(stood, key=lambda one: ORDER.index(one[0]))
    assert (state, len(night.alerts())) == (label.state, label.alerts), night.told
    assert label.reason in codes if label.reason else not codes
    assert len(night.recoveries()) == label.alerts, night.told
    if label.broken:
        assert f"{label.service} is {label.state}" in night.alerts()[0]
    assert {label.reason} <= night.followed | {None}
