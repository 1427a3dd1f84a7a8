"""`tallyman simulate`, and the lives that it tells."""

import json
import signal
import subprocess
import sys
from collections import Counter
from random import Random
from typing import Any

import pytest
import requests
import stripe
from click.testing import CliRunner

from settings import ROOT
from simulator.living import Living
from simulator.world import world
from tallyman.cli import tallyman
from tests.simulator.conftest import NOW


@pytest.fixture
def living(services):
    life = Living(services, Random(1))
    life.begin(customers=30, seed=1)
    return life


def test_those_who_are_there_at_first_were_told_by_no_event(services, living):
    kept = services.stripe.store.objects
    assert {"customer", "subscription", "invoice", "price"} <= kept.keys()
    assert services.clerk.store.objects["user"]
    assert services.posthog.flags
    assert services.stripe.store.events == services.clerk.store.events == []


def test_life_goes_on_and_events_tell_of_it(services, living):
    happened = Counter(living.go_on() for _ in range(200))
    told = Counter(event["type"] for store in services.stores.values() for event in store.events)
    assert set(happened) == {
        "customer.created",
        "customer.updated",
        "customer.deleted",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "user.created",
        "user.updated",
        "user.deleted",
    }
    assert told == happened + Counter(
        {"customer.subscription.created": happened["customer.created"]}
    )


def test_equal_seeds_lead_equal_lives(services, living):
    with world(seed=7) as other:
        other.clock.at = NOW
        twin = Living(other, Random(1))
        twin.begin(customers=30, seed=1)
        for _ in range(20):
            assert living.go_on() == twin.go_on()
        assert other.stripe.store.objects == services.stripe.store.objects
        assert other.clerk.store.events == services.clerk.store.events


@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_ended(ends):
    command = [sys.executable, "-m", "tallyman", "simulate", "--port", "0", "--customers", "5"]
    running = subprocess.Popen(
        [*command, "--pace", "50"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said_first = iter(running.stdout or ())
    try:
        lines = [next(said_first).strip() for _ in range(17)]
        told = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
        bases: Any = {"api": told["STRIPE_API_BASE"]}
        asked = stripe.StripeClient(told["STRIPE_API_KEY"], base_addresses=bases).v1
        assert asked.customers.list({"limit": 3}).data
        url = told["CLERK_API_BASE"].removesuffix("/clerk/v1")
        assert requests.get(f"{url}/_dials", timeout=5).json()["dials"]["drop"] == 0
    finally:
        running.send_signal(ends)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 0, said
    assert "stripe calls 1" in said


def test_the_settings_and_the_end_can_be_read_by_programs():
    run = CliRunner().invoke(tallyman, ["simulate", "--port", "0", "--for", "0", "--json"])
    read = json.JSONDecoder()
    told, end = read.raw_decode(run.stdout)
    ended, _ = read.raw_decode(run.stdout[end:].lstrip())
    assert told["STRIPE_API_KEY"].startswith("sk_test_")
    assert (ended["happened"], ended["dials"]["drop"]) == (0, 0)


def test_things_happen_no_quicker_than_the_pace_says():
    how = ["--port", "0", "--for", "0.3", "--pace", "0.5", "--json"]
    run = CliRunner().invoke(tallyman, ["simulate", *how])
    assert '"happened": 0' in run.stdout


def test_a_port_that_is_taken_is_said_in_a_line(services):
    port = services.url.rpartition(":")[2]
    run = CliRunner().invoke(tallyman, ["simulate", "--port", port, "--for", "0"])
    assert (run.exit_code, f"port {port} is in use" in run.stderr) == (1, True)


def test_webhooks_go_to_a_url_only():
    run = CliRunner().invoke(tallyman, ["simulate", "--webhooks-to", "127.0.0.1:8000"])
    assert (run.exit_code, "no URL" in run.stderr) == (2, True)


def test_a_dial_that_cannot_be_turned_so_far_is_refused():
    run = CliRunner().invoke(tallyman, ["simulate", "--port", "0", "--drop", "3"])
    assert run.exit_code == 2
    assert "--drop: Input should be less than or equal to 1" in run.stderr
