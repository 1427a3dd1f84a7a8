"""The folder of a team: a package with handlers, tests of it, and how their pytest is run."""

import os
import subprocess
import sys

PYTEST_INI = """
[pytest]
addopts = -p tallyman.testing
tallyman_handlers = billing.webhooks
"""
WEBHOOKS = """
from sqlalchemy import text
from tallyman import Effect, Event, Permanent, Transient


def start_plan(session, event: Event):
    customer = event.snapshot.object["customer"]
    if customer == "cus_nobody":
        raise Permanent("nobody has this customer")
    if event.attempt == 1 and customer == "cus_later":
        raise Transient("the team is being made")
    session.execute(text("INSERT INTO plans VALUES (:c, :f)"), {"c": customer, "f": event.fresh})
    if customer == "cus_told":
        return [Effect(target="app", action="deliver", payload={"customer": customer})]


HANDLERS = {"stripe": {"customer.subscription.created": start_plan}}
"""
TESTS = """
import pytest


@pytest.fixture(autouse=True)
def plans(tallyman):
    tallyman.sql("DROP TABLE IF EXISTS plans")
    tallyman.sql("CREATE TABLE plans (customer text, fresh boolean)")
    yield
    tallyman.sql("DROP TABLE plans")


def subscribed(tallyman, customer, **how):
    subscription = {"object": "subscription", "id": "sub_1", "customer": customer}
    return tallyman.deliver("stripe", "customer.subscription.created", subscription, **how)


def test_a_subscription_starts_the_plan(tallyman):
    outcome = subscribed(tallyman, "cus_1")
    assert outcome.status == "handled", outcome.error
    assert tallyman.sql("SELECT * FROM plans") == [("cus_1", True)]
    assert tallyman.sql("SELECT id, customer FROM stripe_subscriptions") == [("sub_1", "cus_1")]


def test_an_event_that_comes_again_starts_no_second_plan(tallyman):
    for _ in range(2):
        assert subscribed(tallyman, "cus_1", event_id="evt_same").status == "handled"
    assert tallyman.sql("SELECT count(*) FROM plans") == [(1,)]


def test_an_older_event_is_handled_and_is_not_fresh(tallyman):
    subscribed(tallyman, "cus_new", at=2000)
    subscribed(tallyman, "cus_old", at=1000)
    assert tallyman.sql("SELECT customer FROM stripe_subscriptions") == [("cus_new",)]
    assert tallyman.sql("SELECT * FROM plans WHERE NOT fresh") == [("cus_old", False)]


def test_what_fails_at_first_is_handled_at_the_second_attempt(tallyman):
    outcome = subscribed(tallyman, "cus_later")
    assert (outcome.status, outcome.error) == ("retrying", "Transient: the team is being made")
    assert tallyman.sql("SELECT count(*) FROM stripe_subscriptions") == [(0,)]
    outcome = tallyman.retry("stripe", outcome.event_id)
    assert (outcome.status, outcome.attempts) == ("handled", 2)


def test_what_cannot_succeed_is_dead(tallyman):
    assert subscribed(tallyman, "cus_nobody").error == "Permanent: nobody has this customer"


def test_the_effects_of_an_event_are_seen(tallyman):
    (effect,) = subscribed(tallyman, "cus_told").effects
    assert (effect.target, effect.payload) == ("app", {"customer": "cus_told"})
    assert subscribed(tallyman, "cus_1").effects == []


def test_a_user_of_clerk_is_kept(tallyman):
    user = {"object": "user", "id": "user_1", "first_name": "Ada", "updated_at": 1_700_000_000_000}
    assert tallyman.deliver("clerk", "user.created", user, at=1_700_000_000).status == "handled"
    named = "SELECT first_name FROM clerk_users WHERE id = %s"
    assert tallyman.sql(named, ["user_1"]) == [("Ada",)]


def test_what_nobody_handles_is_ignored(tallyman):
    outcome = tallyman.deliver("stripe", "balance.available", {"object": "balance"})
    assert (outcome.status, outcome.reason) == ("ignored", "nothing handles balance.available")


def test_an_event_that_cannot_be_read_is_dead_with_the_reason(tallyman):
    subscribed(tallyman, "cus_1", event_id="evt_same")
    outcome = subscribed(tallyman, "cus_1", event_id="evt_same", at=10**15)
    assert outcome.status == "dead"
    assert outcome.error.startswith("Unreadable: Envelope.created: ")
    assert outcome.event_id.startswith("sha256:")


def test_an_event_that_was_never_delivered_is_named(tallyman):
    with pytest.raises(LookupError, match="^no event evt_nobody of stripe was delivered"):
        tallyman.retry("stripe", "evt_nobody")
"""


def make(folder):
    """Write them."""
    (folder / "billing").mkdir()
    (folder / "billing" / "webhooks.py").write_text(WEBHOOKS)
    (folder / "pytest.ini").write_text(PYTEST_INI)
    (folder / "test_billing.py").write_text(TESTS)
    return folder


def run_pytest(folder, *arguments, **variables):
    """Return the code and the words of a run with these variables, empty ones left out."""
    given = {name: v for name, v in os.environ.items() if name not in {"HANDLERS", "PYTHONPATH"}}
    given = {name: v for name, v in (given | variables).items() if v}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=folder,
        env=given,
        check=False,
        text=True,
        timeout=250,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, done.stdout
