"""What `tallyman doctor` says of secrets, clocks, beats and workers, and what to do about it."""

import json
import time
from types import SimpleNamespace

import pytest

from settings import settings
from worker import inbox, store_checks, upkeep
from worker.pulse import ALIVE
from worker.worker_checks import _queues

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SIGN = {
    "queues": ["upkeep"],
    "pool": "processes",
    "prefetch": 1,
    "late": False,
    "budgets": [20, 30, 90],
}


@pytest.fixture
def doctor(run, monkeypatch):
    """Run `tallyman doctor` with these settings on top; return {finding: what to do}."""

    def told(**given):
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        found = json.loads(run("doctor", "--json").output)
        return {one["what"]: one["mend"] for one in found if one["level"] in {"warn", "fail"}}

    yield told
    monkeypatch.undo()
    settings.cache_clear()
    settings()


def test_a_set_up_that_is_sound_is_not_found_fault_with(doctor):
    assert doctor() == {}


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (
            {"LOOPS_WEBHOOK_SECRETS": f"{SECRET[:-1]}x,whsec_"},
            "LOOPS_WEBHOOK_SECRETS: 1 of 2 empty, or nothing but a prefix",
        ),
        (
            {"LOOPS_WEBHOOK_SECRETS": SECRET, "CLERK_WEBHOOK_SECRETS": SECRET},
            "the same secret is in CLERK_WEBHOOK_SECRETS and LOOPS_WEBHOOK_SECRETS",
        ),
        (
            {"STRIPE_API_KEY": "sk_live_x", "CLERK_SECRET_KEY": "sk_test_x"},
            "STRIPE_API_KEY is live, CLERK_SECRET_KEY is for testing",
        ),
        ({"STRIPE_API_KEY": "pk_test_x"}, "STRIPE_API_KEY holds a publishable key"),
        ({"POSTHOG_PROJECT_KEY": "phx_x"}, "POSTHOG_PROJECT_KEY holds a personal key"),
        (
            {"STRIPE_WEBHOOK_SECRETS": "sk_test_xxxxxxxxxxxxxxxxxxxx"},
            "STRIPE_WEBHOOK_SECRETS holds a secret key",
        ),
    ],
)
def test_a_secret_that_cannot_be_right_is_told_but_never_shown(doctor, given, what):
    found = doctor(**given)
    assert found[what]
    for secret in given.values():
        assert secret not in json.dumps(found)


@pytest.mark.parametrize(("ahead", "way"), [(60, "behind"), (-60, "ahead of")])
def test_a_clock_that_is_wrong_is_told(doctor, monkeypatch, ahead, way):
    clock = SimpleNamespace(time=lambda: time.time() + ahead)
    monkeypatch.setattr(store_checks, "time", clock)
    found = doctor()
    assert "NTP" in found[f"the clock of Redis is 60 s {way} ours"]
    assert "NTP" in found[f"the clock of Postgres is 60 s {way} ours"]


def test_two_beats_are_told_and_one_that_was_started_again_is_not(doctor):
    upkeep.mark_beat("a:1")
    assert doctor() == {}
    upkeep.mark_beat("b:1")
    assert list(doctor()) == ["2 beats run: a:1, b:1"]


@pytest.fixture
def works():
    """Have workers live that say this of themselves."""

    def live(**workers):
        for name, sign in workers.items():
            inbox.redis().set(f"{ALIVE}{name}", json.dumps(SIGN | sign), ex=60)

    return live


def test_workers_that_fit_are_not_found_fault_with(doctor, works):
    queues = sorted(_queues())
    drains = [queue for queue in queues if not queue.endswith(".work")]
    threads = {"queues": sorted({*queues} - {*drains}), "pool": "threads"}
    works(drain={"queues": drains}, work=threads)
    assert doctor() == {}


@pytest.mark.parametrize(
    ("sign", "what"),
    [
        ({"queues": ["stripe"], "pool": "threads"}, "w takes stripe in threads"),
        ({"prefetch": 4}, "w takes 4 tasks ahead"),
        ({"late": True}, "w acknowledges late"),
        (
            {"budgets": [20, 30, 3600]},
            "w runs by limits of 20 < 30 < 3600 s, which are not those that are set",
        ),
    ],
)
def test_a_worker_that_fits_ill_is_told(doctor, works, sign, what):
    works(w=sign)
    assert doctor()[what]


def test_a_queue_that_no_worker_takes_is_told(doctor, works):
    works(w={"queues": sorted(_queues() - {"loops", "stripe.work"})})
    assert doctor()["no worker takes loops, stripe.work"]


def test_a_table_that_is_never_vacuumed_is_told(doctor, sql):
    sql.execute("ALTER TABLE events SET (autovacuum_enabled = false)")
    try:
        (what,) = doctor()
    finally:
        sql.execute("ALTER TABLE events RESET (autovacuum_enabled)")
    assert what == "Postgres autovacuum=on, off for 1 table(s) of ours"
