"""From POST to row through the real receiver, Redis, Celery workers and Postgres."""

import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import psycopg
import pytest
import requests
from celery import Celery
from redis import Redis

from local.supervisor import Supervisor
from settings import ROOT
from simulator import stripe
from simulator.sender import Sender
from tallyman.system import System
from tests.e2e.conftest import Until
from worker import bell, inbox, pulse

pytestmark = pytest.mark.e2e
Ledger = Callable[[], dict[str, str]]


@pytest.fixture(scope="module", autouse=True)
def _ready(whole: System, processes: Supervisor, until: Until) -> None:
    def answers() -> bool:
        try:
            return requests.get(f"{whole.receiver}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    until("the receiver is ready", answers)


@pytest.fixture
def send(whole: System) -> Callable[[str, int], int]:
    """Send `count` subscription events whose ids begin so; return how many were accepted."""
    sender = Sender(whole.receiver, "stripe", whole.variables["STRIPE_WEBHOOK_SECRETS"])

    def post(prefix: str, count: int = 1) -> int:
        created = int(time.time())
        answers = [
            sender.send(
                stripe.event(
                    "customer.subscription.updated",
                    stripe.subscription(created, id=f"sub_{prefix}_{n}"),
                    created,
                    f"evt_{prefix}_{n}",
                )
            ).status_code
            for n in range(count)
        ]
        return answers.count(202)

    return post


def _handled(ledger: Ledger, prefix: str) -> int:
    found = ledger()
    return sum(s == "handled" for id, s in found.items() if id.startswith(f"evt_{prefix}_"))


def test_a_signed_webhook_becomes_a_row(send, until: Until, ledger: Ledger, whole: System):
    assert send("simple") == 1
    until("it is handled", lambda: _handled(ledger, "simple") == 1)
    with psycopg.connect(whole.variables["DATABASE_URL"]) as connection:
        query = "SELECT status FROM tallyman.stripe_subscriptions WHERE id = 'sub_simple_0'"
        assert connection.execute(query).fetchone() == ("active",)


def test_nothing_is_lost_when_a_pool_child_is_killed_under_load(
    send, until: Until, ledger: Ledger, processes: Supervisor
):
    accepted = send("child", 100)
    main = psutil.Process(processes.pid("worker"))
    for child in main.children(recursive=True):
        child.send_signal(signal.SIGKILL)
    accepted += send("child2", 100)
    until(
        "all are handled",
        lambda: _handled(ledger, "child") + _handled(ledger, "child2") == accepted == 200,
    )


def test_nothing_is_lost_when_all_workers_are_killed_under_load(
    send, until: Until, ledger: Ledger, processes: Supervisor
):
    accepted = send("killed", 150)
    for name in ("worker", "work", "beat"):
        os.kill(processes.pid(name), signal.SIGKILL)  # type: ignore[arg-type]  # they run
    accepted += send("killed2", 50)
    until(
        "all are handled",
        lambda: _handled(ledger, "killed") + _handled(ledger, "killed2") == accepted == 200,
    )


def test_a_worker_told_to_stop_ends_by_itself_and_loses_nothing(
    send, until: Until, ledger: Ledger, processes: Supervisor
):
    accepted = send("stopped", 100)
    os.kill(processes.pid("worker"), signal.SIGTERM)  # type: ignore[arg-type]  # it runs
    ended = "[worker ended with exit code 0"
    until("it ends by itself", lambda: ended in processes.log("worker").read_text())
    until("all are handled", lambda: _handled(ledger, "stopped") == accepted == 100)


def test_the_upkeep_goes_on_without_beat(
    send, until: Until, ledger: Ledger, processes: Supervisor, whole: System
):
    environment = {**os.environ, **whole.variables}
    tallyman = [sys.executable, "-m", "tallyman"]
    subprocess.run([*tallyman, "pause", "stripe"], env=environment, check=True, cwd=ROOT)
    os.kill(processes.pid("beat"), signal.SIGSTOP)  # type: ignore[arg-type]  # it runs
    try:
        until(
            "deliveries go to the ledger",
            lambda: send("paused") and "received" in ledger().values(),
        )
        with Redis.from_url(whole.variables["REDIS_URL"]) as redis:
            redis.srem(inbox.PAUSED, "stripe")  # without the bell that `resume` would ring
        until("they are handled", lambda: _handled(ledger, "paused") == 1)
    finally:
        os.kill(processes.pid("beat"), signal.SIGCONT)  # type: ignore[arg-type]  # it runs


def test_flower_wants_a_login_and_changes_nothing(whole: System, until: Until):
    user, _, password = whole.variables["FLOWER_BASIC_AUTH"].partition(":")

    def answers() -> bool:
        try:
            return requests.get(whole.flower, timeout=5).status_code == 401
        except requests.RequestException:
            return False

    until("Flower asks who we are", answers)
    assert requests.get(f"{whole.flower}/workers", auth=(user, password), timeout=5).ok
    shutdown = f"{whole.flower}/api/worker/shutdown/all"
    assert requests.post(shutdown, auth=(user, password), timeout=5).status_code == 403


def test_flower_shows_counts_and_no_bodies(
    send, until: Until, ledger: Ledger, whole: System, processes: Supervisor
):
    user, _, password = whole.variables["FLOWER_BASIC_AUTH"].partition(":")
    send("shown", 3)
    until("they are handled", lambda: _handled(ledger, "shown") == 3)

    def tasks() -> str:
        answer = requests.get(f"{whole.flower}/api/tasks", auth=(user, password), timeout=5)
        return answer.text

    until("Flower has seen a drain's counts", lambda: "handled=" in tasks())
    assert "sub_shown" not in tasks()
    assert "evt_shown" not in tasks()


def test_a_worker_hears_its_own_question_and_one_that_hangs_would_not(
    whole: System, until: Until, monkeypatch: pytest.MonkeyPatch
):
    app = Celery(broker=whole.variables["REDIS_URL"], set_as_current=False)
    monkeypatch.setattr(bell, "app", lambda: app)  # that of the running system, not of the tests
    node = f"drain@{platform.node()}"
    until("the worker answers", lambda: pulse.hears(node))
    assert not pulse.hears("nobody@nowhere")


def test_status_names_the_workers_that_live(whole: System, until: Until):
    environment = {**os.environ, **whole.variables}
    command = [sys.executable, "-m", "tallyman", "status", "--json"]

    def told() -> str:
        return subprocess.run(
            command, env=environment, check=True, cwd=ROOT, capture_output=True, text=True
        ).stdout

    until("both workers are named", lambda: '"drain@' in told() and '"work@' in told())


def test_the_receiver_counts_the_workers_and_the_beat_that_live(whole: System, until: Until):
    alive = (
        'tallyman_workers{pool="processes"} 1.0',
        'tallyman_workers{pool="threads"} 1.0',
        "tallyman_beats 1.0",
    )

    def page() -> str:
        return requests.get(f"{whole.receiver}/metrics", timeout=10).text

    until("all three are counted", lambda: set(alive) <= set(page().splitlines()))
