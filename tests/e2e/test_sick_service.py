"""A Loops that accepts connections and never answers takes nothing from the other services."""

import sys
import time
from pathlib import Path

import psycopg
import pytest
import requests

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from local.program import Program
from local.supervisor import running
from simulator import clerk, stripe
from simulator.loops_api import Fault, loops_api
from simulator.posthog_api import posthog_api
from simulator.sender import Sender
from tallyman.system import system

pytestmark = pytest.mark.e2e

USERS, SUBSCRIPTIONS = 8, 30
QUEUES = [*INTEGRATIONS, *(f"{name}.work" for name in {*INTEGRATIONS, *TARGETS}), "upkeep"]
# the longest that may be set: all of Stripe's must be there before the first time-out
PATIENT = {"CALL_READ_SECONDS": "25", "HARD_LIMIT_SECONDS": "40", "DATABASE_SCHEMA": "tallyman"}
LANDED = """SELECT count(*) FROM tallyman.events
    WHERE service = 'stripe' AND status = 'handled' AND attempts = 1"""
LOOPS = "SELECT status, attempts, error FROM tallyman.effects WHERE target = 'loops'"


@pytest.fixture(scope="module")
def loops():
    with loops_api() as api:
        api.faults += [Fault(hangs=True)] * 1000
        yield api


@pytest.fixture(scope="module")
def posthog():
    with posthog_api() as api:
        yield api


@pytest.fixture(scope="module")
def whole(loops, posthog):
    others = {
        "LOOPS_API_KEY": "loopback",
        "LOOPS_API_BASE": loops.url,
        "POSTHOG_PROJECT_KEY": "phc_loopback",
        "POSTHOG_HOST": posthog.url,
    }
    with system(None, PATIENT | others, alone=True) as made:
        yield made


@pytest.fixture(scope="module")
def processes(whole, loops, tmp_path_factory):
    """The receiver, and one worker of two slots for everything."""
    [web] = [program for program in whole.programs if program.name == "web"]
    celery = [str(Path(sys.executable).with_name("celery")), "-A", "worker", "worker"]
    shape = ["--queues", ",".join(QUEUES), "--pool", "threads", "--concurrency", "2"]
    worker = Program("worker", [*celery, *shape], whole.variables)
    with running([web, worker], tmp_path_factory.mktemp("logs")) as supervisor:
        yield supervisor
        loops.end()


@pytest.fixture
def until(processes):
    """Wait for a condition, with a bound that only a failure reaches."""

    def wait(what, condition):
        end = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < end, f"not within two minutes: {what}"
            processes.poll()
            time.sleep(0.05)

    return wait


@pytest.fixture
def send(whole, processes, until):
    """Post an event once the receiver is there."""

    def post(service, body, id=None):
        secret = whole.variables[f"{service.upper()}_WEBHOOK_SECRETS"]
        assert Sender(whole.receiver, service, secret).send(body, event_id=id).status_code == 202

    until("the receiver answers", lambda: _listens(whole.receiver))
    return post


def _listens(receiver):
    try:
        return requests.get(f"{receiver}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def _rows(whole, query):
    with psycopg.connect(whole.variables["DATABASE_URL"]) as connection:
        return connection.execute(query).fetchall()


def _customer(now):
    obj = stripe.customer(now, metadata={"user_id": "user_0"})
    return stripe.event("customer.created", obj, now, "evt_customer")


def test_all_of_stripes_events_land_and_none_waits_for_a_time_out_of_loops(
    whole, send, until, loops, posthog
):
    now = int(time.time())
    send("stripe", _customer(now))
    until("it is known who the customer is", lambda: _rows(whole, LANDED) == [(1,)])
    for number in range(USERS):
        user = clerk.user(now * 1000, id=f"user_{number}")
        send("clerk", clerk.event("user.created", user, now * 1000), f"msg_{number}")
    until("Loops hangs", lambda: loops.requests)
    for number in range(SUBSCRIPTIONS):
        obj = stripe.subscription(now, id=f"sub_{number}")
        send("stripe", stripe.event("customer.subscription.created", obj, now, f"evt_{number}"))

    until("all have landed", lambda: _rows(whole, LANDED) == [(1 + SUBSCRIPTIONS,)])
    until("PostHog was told of all", lambda: len(_captures(posthog)) == SUBSCRIPTIONS)

    assert set(_captures(posthog)) == {f"sub_{number}" for number in range(SUBSCRIPTIONS)}
    assert len(loops.requests) == 1, "no other slot went to Loops"
    found = _rows(whole, LOOPS)
    assert len(found) == USERS
    assert {(status, error) for status, _, error in found} == {("waiting", None)}, "no time-out yet"
    assert sorted(attempts for _, attempts, _ in found) == [0] * (USERS - 1) + [1]


def _captures(posthog):
    told = [event for event in posthog.events if event["event"] == "subscription created"]
    return [event["properties"]["id"] for event in told]
