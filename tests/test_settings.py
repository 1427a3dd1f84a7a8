"""The settings: read from the environment, typed, and never shown where they are secret."""

import pytest
from pydantic import ValidationError

import settings as module
from settings import Inbox, Receiver, Settings, Stores, Stripe
from settings.alerts import Alerts


@pytest.fixture(autouse=True)
def nothing_but_the_environment(monkeypatch):
    """Leave out the developer's own files, and the variables that the tests' run sets."""
    for group in (Stores, Receiver, Inbox, Stripe):
        monkeypatch.setitem(group.model_config, "env_file", None)
    monkeypatch.setattr(module.environment, "__defaults__", ((),))
    for name in module.environment():
        if "WEBHOOK_SECRETS" in name or name in {"DATABASE_URL", "REDIS_URL", "STRIPE_API_KEY"}:
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        (
            "postgres://u:p@host:5/db?sslmode=require",
            "postgresql+psycopg://u:p@host:5/db?sslmode=require",
        ),
        ("postgresql://host/db", "postgresql+psycopg://host/db"),
        ("postgresql+psycopg://host/db", "postgresql+psycopg://host/db"),
    ],
)
def test_a_database_url_names_our_driver_whatever_the_host_of_it_writes(monkeypatch, given, used):
    monkeypatch.setenv("DATABASE_URL", given)
    assert Stores().database_url == used


def test_an_empty_variable_counts_as_none(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("PORT", "")
    assert Stores().database_url == "postgresql+psycopg://127.0.0.1:5432/tallyman"
    assert Receiver().port == 8000


def secrets(service, endpoint=""):
    found = Settings().secrets(service, endpoint)
    return found and [secret.get_secret_value() for secret in found]


@pytest.mark.parametrize(
    ("value", "listed"),
    [
        ("whsec_a", ["whsec_a"]),
        ("whsec_a,whsec_b", ["whsec_a", "whsec_b"]),
        (" whsec_a , whsec_b ,", ["whsec_a", "whsec_b"]),
        ("whsec_a\n", ["whsec_a"]),
    ],
)
def test_secrets_are_a_list_by_commas_without_the_blanks_around_them(monkeypatch, value, listed):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRETS", value)
    assert secrets("stripe") == listed


@pytest.mark.parametrize("value", ["", " ", ",", " , ", "whsec_", " whsec_ , whsec_"])
def test_an_endpoint_without_a_secret_has_none_rather_than_an_empty_one(monkeypatch, value):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRETS", value)
    assert Settings().secrets("stripe") == ()


def test_a_named_endpoint_has_the_secrets_of_its_own_variable(monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRETS__CONNECT", "whsec_c")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRETS", "whsec_a")
    assert secrets("stripe", "connect") == ["whsec_c"]
    assert secrets("stripe") == ["whsec_a"]
    assert secrets("stripe", "other") is None
    assert secrets("clerk") is None


def test_variables_that_only_resemble_these_are_no_endpoints(monkeypatch):
    for name in ("STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRETS_OLD", "WEBHOOK_SECRET"):
        monkeypatch.setenv(name, "whsec_a")
    assert Settings().secrets("stripe") is None


def test_the_environment_wins_over_a_file(monkeypatch, tmp_path):
    file = tmp_path / ".env"
    file.write_text('CLERK_WEBHOOK_SECRETS="whsec_file"\nSTRIPE_WEBHOOK_SECRETS=whsec_file\n')
    monkeypatch.setattr(module.environment, "__defaults__", ((file,),))
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRETS", "whsec_set")
    assert secrets("clerk") == ["whsec_file"]
    assert secrets("stripe") == ["whsec_set"]


@pytest.mark.parametrize(
    ("changed", "in_order"),
    [
        ({}, True),
        ({"SOFT_LIMIT_SECONDS": "5"}, False),
        ({"HARD_LIMIT_SECONDS": "20"}, False),
        ({"RECLAIM_IDLE_SECONDS": "30"}, False),
        ({"VISIBILITY_TIMEOUT_SECONDS": "45"}, False),
        ({"TIME_SLICE_SECONDS": "19.9"}, True),
    ],
)
def test_the_budgets_are_in_order_only_when_each_is_within_the_next(monkeypatch, changed, in_order):
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    assert Inbox().in_order() is in_order


@pytest.mark.parametrize(
    ("group", "name", "value"),
    [
        (Receiver, "PORT", "70000"),
        (Receiver, "PORT", "http"),
        (Receiver, "MAX_BODY_BYTES", "0"),
        (Inbox, "DOORBELLS", "0"),
        (Stores, "DATABASE_SCHEMA", 'x"; DROP TABLE events'),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_setting(monkeypatch, group, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        group()


@pytest.mark.parametrize(
    ("key", "livemode"),
    [("", None), ("sk_live_x", True), ("rk_live_x", True), ("sk_test_x", False)],
)
def test_the_mode_is_that_of_the_configured_key(monkeypatch, key, livemode):
    monkeypatch.setenv("STRIPE_API_KEY", key)
    assert Stripe().livemode is livemode


def test_nothing_secret_is_shown_when_the_settings_are_printed(monkeypatch):
    for name, value in {
        "DATABASE_URL": "postgresql://user:hidden-1@host/db",
        "REDIS_URL": "redis://:hidden-2@host/0",
        "STRIPE_API_KEY": "sk_live_hidden-3",
        "STRIPE_WEBHOOK_SECRETS": "whsec_hidden-4",
        "CLERK_WEBHOOK_SECRETS__APP": "whsec_hidden-5",
        "SENTRY_DSN": "https://hidden-6@sentry.io/1",
        "FLOWER_BASIC_AUTH": "user:hidden-7",
    }.items():
        monkeypatch.setenv(name, value)
    found = Settings()
    assert "hidden" not in repr(found) + str(found)
    assert "hidden" in found.stores.database_url + found.stores.redis_url


@pytest.mark.parametrize("given", ["dead_leters=60", "dead_letters", "silence=soon"])
def test_an_alert_of_what_does_not_exist_is_refused(monkeypatch, given):
    monkeypatch.setenv("ALERT_AFTER", given)
    with pytest.raises(ValidationError, match=r"is none of|is not as|could not convert"):
        Alerts()
