"""`tallyman.testing`, as a team uses it: from a folder of theirs, in their own pytest."""

import os
import re
import subprocess
import sys

import pytest

from settings import ROOT

PYTEST_INI = """
[pytest]
addopts = -p tallyman.testing
tallyman_handlers = billing.webhooks
"""
WEBHOOKS = """
from sqlalchemy import text
from tallyman import Event, Permanent, Transient


def start_plan(session, event: Event):
    customer = event.snapshot.object["customer"]
    if customer == "cus_nobody":
        raise Permanent("nobody has this customer")
    if event.attempt == 1 and customer == "cus_later":
        raise Transient("the team is being made")
    session.execute(text("INSERT INTO plans VALUES (:c, :f)"), {"c": customer, "f": event.fresh})


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


def test_a_user_of_clerk_is_kept(tallyman):
    user = {"object": "user", "id": "user_1", "first_name": "Ada", "updated_at": 1_700_000_000_000}
    assert tallyman.deliver("clerk", "user.created", user, at=1_700_000_000).status == "handled"
    named = "SELECT first_name FROM clerk_users WHERE id = %s"
    assert tallyman.sql(named, ["user_1"]) == [("Ada",)]


def test_what_nobody_handles_is_ignored(tallyman):
    outcome = tallyman.deliver("stripe", "balance.available", {"object": "balance"})
    assert (outcome.status, outcome.reason) == ("ignored", "nothing handles balance.available")
"""
CONFORMANCE = """
from integrations import INTEGRATIONS
from simulator.lives import SOURCES
from tallyman.testing.conformance import Conformance, Said, Story, Subject

USER = {"object": "user", "id": "user_Example", "updated_at": 1_700_000_000_000}
LATER = USER | {"first_name": "Bea", "updated_at": 1_700_000_001_000}


class TestClerk(Conformance):
    subjects = [
        Subject(
            INTEGRATIONS["clerk"],
            SOURCES["clerk"],
            {
                name: Story(
                    [Said("user.created", USER, 0), Said("user.updated", LATER, 1)],
                    {"clerk_users": {"user_Example": {"first_name": first_name}}},
                )
                for name, first_name in [("true", "Bea"), ("false", "Ada")]
            },
        )
    ]
"""


@pytest.fixture
def team(tmp_path):
    """A second folder, with a package and tests of its own."""
    (tmp_path / "billing").mkdir()
    (tmp_path / "billing" / "webhooks.py").write_text(WEBHOOKS)
    (tmp_path / "pytest.ini").write_text(PYTEST_INI)
    (tmp_path / "test_billing.py").write_text(TESTS)
    return tmp_path


def run_pytest(folder, *arguments, **variables):
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


def test_a_team_delivers_events_in_its_own_pytest(clean, team):
    code, words = run_pytest(team)
    assert code == 0, words
    assert "7 passed" in words


def test_an_inbox_in_which_deliveries_wait_is_left_alone(clean, team):
    from worker import inbox

    inbox.redis().xadd(inbox.stream("stripe"), {"body": "{}"})
    code, words = run_pytest(team)
    assert code != 0
    assert "deliveries wait there" in words
    assert inbox.backlog("stripe").waiting == 1


def test_the_stores_are_started_where_none_are_named(team):
    one = "test_billing.py::test_a_subscription_starts_the_plan"
    code, words = run_pytest(team, one, DATABASE_URL="", REDIS_URL="")
    assert code == 0, words
    assert "1 passed" in words


def test_a_package_beside_names_of_ours_is_refused_before_any_test(team):
    (team / "settings.py").touch()
    code, words = run_pytest(team)
    assert code == 4
    assert f"{team / 'settings.py'} beside billing" in words
    assert "move billing into a folder where it is alone" in words


def test_the_plugin_says_so_when_it_was_loaded_too_late(clean, team):
    (team / "pytest.ini").write_text("[pytest]\ntallyman_handlers = billing.webhooks\n")
    (team / "conftest.py").write_text("import db.base\npytest_plugins = ['tallyman.testing']\n")
    code, words = run_pytest(team, DATABASE_SCHEMA="tallyman")
    assert code != 0
    assert "load the plugin before all else: addopts = -p tallyman.testing" in words


def test_the_conformance_suite_runs_elsewhere_and_fails_a_story_that_ends_otherwise(clean, team):
    (team / "test_conformance.py").write_text(CONFORMANCE)
    code, words = run_pytest(team, "test_conformance.py", "-rf", "-k", "story")
    assert code == 1
    failed = re.findall(r"^FAILED \S+::(\w+\[.*?\])", words, re.MULTILINE)
    of = "test_a_story_ends_as_it_should_in_every_order_and_with_every_repetition"
    assert failed == ["test_every_mirrored_object_has_a_story[clerk]", f"{of}[clerk false]"]
    assert "first_name is 'Bea', not 'Ada'" in words


def test_the_public_face_imports_no_library_that_takes_long():
    code = (
        "import sys, tallyman, tallyman.testing\n"
        "print({'sqlalchemy', 'redis', 'pydantic', 'celery', 'stripe'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert told.stdout == "set()\n"
