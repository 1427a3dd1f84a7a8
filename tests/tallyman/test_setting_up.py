"""`tallyman doctor`, `trigger` and what is said when something is away."""

import os
import subprocess
import sys

import pytest

from settings import ROOT


def tallyman(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process, with these settings on top."""
    return subprocess.run(
        [sys.executable, "-m", "tallyman", *arguments],
        env=os.environ | variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRETS"),
        ("STRIPE_SECRET_KEY", "STRIPE_API_KEY"),
        ("CLERK_WEBHOOK_SIGNING_SECRET", "CLERK_WEBHOOK_SECRETS"),
    ],
)
def test_doctor_knows_the_near_misses_of_setting_names(run, monkeypatch, wrong, meant):
    monkeypatch.setenv(wrong, "whsec_x")
    if meant in os.environ:
        monkeypatch.delenv(meant)
    told = run("doctor")
    assert told.exit_code == 1
    assert f"{wrong} is set" in told.output
    assert f"reads {meant}" in told.output


def test_doctor_is_content_with_the_embedded_stores(run):
    told = run("doctor")
    assert "appendfsync=always" in told.output
    assert told.exit_code == 0, told.output


def test_doctor_says_what_to_run_when_the_application_may_not_read(run, sql):
    from db.reading import READER

    sql.execute(f"REVOKE SELECT ON clerk_users FROM {READER}")
    try:
        told = run("doctor")
    finally:
        sql.execute(f"GRANT SELECT ON clerk_users TO {READER}")
    assert told.exit_code == 1
    assert f"CREATE ROLE {READER} NOLOGIN" in told.output


def test_doctor_says_that_everysec_can_lose_what_was_accepted(run):
    from worker.inbox import redis

    redis().config_set("appendfsync", "everysec")
    try:
        told = run("doctor")
    finally:
        redis().config_set("appendfsync", "always")
    assert told.exit_code == 1
    assert "set appendonly yes and appendfsync always" in told.output


def test_a_store_that_is_away_is_named_with_the_next_step():
    told = tallyman("status", REDIS_URL="redis://127.0.0.1:1/0")
    assert told.returncode == 1
    assert "Redis does not answer" in told.stderr
    assert "REDIS_URL" in told.stderr
    told = tallyman("events", "list", DATABASE_URL="postgresql://127.0.0.1:1/x")
    assert "Postgres does not answer (OperationalError: " in told.stderr
    assert "refused" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_setting_that_is_wrong_is_named():
    told = tallyman("status", PORT="many")
    assert told.returncode == 1
    assert "PORT" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "http://:hidden@127.0.0.1/"),
        ("DATABASE_URL", "mysql://me:hidden@127.0.0.1/x"),
        ("DATABASE_URL", "postgresql+asyncpg://me:hidden@127.0.0.1/x"),
    ],
)
def test_a_url_of_another_kind_is_named_and_not_shown(name, url):
    told = tallyman("status", **{name: url})
    assert told.returncode == 1
    assert f"the setting {name} is wrong" in told.stderr
    assert "must begin with" in told.stderr
    assert "hidden" not in told.stderr
    assert "Traceback" not in told.stderr


def test_a_redis_that_refuses_is_not_called_away():
    wrong = os.environ["REDIS_URL"].replace("redis://:", "redis://:wrong")
    told = tallyman("status", REDIS_URL=wrong)
    assert "error: Redis refused: AuthenticationError" in told.stderr


def test_a_command_that_redis_refuses_is_told_as_it_says_it(run):
    from worker.inbox import redis

    redis().set("tallyman:paused", "no set")
    try:
        told = tallyman("status")
    finally:
        redis().delete("tallyman:paused")
    assert told.returncode == 1
    assert "error: Redis refused: ResponseError: WRONGTYPE" in told.stderr
    assert "does not answer" not in told.stderr


def test_missing_tables_are_answered_with_migrate(tables):
    told = tallyman("status", DATABASE_SCHEMA="nobody_migrated_this")
    assert "tallyman migrate" in told.stderr


def test_trigger_without_a_receiver_says_how_to_start_one(run):
    told = tallyman("trigger", "stripe", "customer.created", PORT="1")
    assert "no receiver at http://127.0.0.1:1" in told.stderr
    assert "tallyman up" in told.stderr


def test_trigger_of_an_unknown_type_names_those_that_there_are(run):
    told = run("trigger", "stripe", "customer.exploded")
    assert "customer.subscription.updated" in told.output
