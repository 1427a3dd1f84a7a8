"""Logs and error reports: structured, and without anything secret or personal."""

import io
import json
import logging

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

import telemetry
from settings import settings
from telemetry import REDACTED, describe, redact, sentry

SECRETS = [
    "sk_live_51Habc",
    "sk_test_51Habc",
    "rk_live_51Habc",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "phc_abcDEF123",
    "phx_abcDEF123",
    "xoxb-123456-abcDEF",
    "Bearer eyJhbGciOi",
    "v1=3bfab77baf5f7b6991a46c9b53b6547d7afc56148b10468fcad9f35c1992ffbd",
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "ada.lovelace+test@mail.example.org",
    "ada.lovelace%2Btest%40mail.example.org",
]


@pytest.fixture
def lines():
    """Give what was logged since, one dict a line."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    telemetry.configure()
    (handler,) = root.handlers
    written = handler.stream = io.StringIO()  # type: ignore[attr-defined]
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers, root.level = before, level


@pytest.fixture
def configured(lines, monkeypatch):
    """Set up the logs anew, with another level."""

    def configure(level):
        monkeypatch.setenv("LOG_LEVEL", level)
        settings.cache_clear()
        telemetry.configure()

    yield configure
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", "refused {} here", "key={}", "({})", "'{}'", "a\n{}\nb"])
def test_a_secret_or_an_address_is_taken_out_wherever_it_stands(secret, around):
    redacted = redact(around.format(secret))
    assert redacted == around.format(REDACTED)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_taken_out_of_a_text_that_was_quoted_before(secret):
    assert secret not in redact(repr(f"a\n{secret}\n"))


@pytest.mark.parametrize(
    ("url", "redacted"),
    [
        ("redis://:pass@host:1/0", f"redis://{REDACTED}@host:1/0"),
        ("postgresql+psycopg://user:p%40ss@host/db", f"postgresql+psycopg://{REDACTED}@host/db"),
        ("postgres://user:p@ss@host/db", f"postgres://{REDACTED}@host/db"),
        ("http://127.0.0.1:8000/webhooks/stripe", "http://127.0.0.1:8000/webhooks/stripe"),
    ],
)
def test_a_password_is_taken_out_of_an_address(url, redacted):
    assert redact(f"no answer from {url}!") == f"no answer from {redacted}!"


@pytest.mark.parametrize(
    "said",
    [
        "evt_1 of cus_123 is handled=87",
        "task_ask_me",
        "v1 of 3",
        "constraint pk_stripe_customers",
        "sub_1,si_2",
        "at@once",
    ],
)
def test_what_is_no_secret_stays(said):
    assert redact(said) == said


def test_a_text_is_cut_only_after_the_secrets_are_out():
    assert redact("x" * 495 + " sk_live_51Habc") == "x" * 495 + " [red"
    assert len(redact("x" * 9999)) == 500


def test_an_error_is_described_in_one_line_without_secrets():
    error = ValueError("no customer ada@example.org\nwith sk_live_51Habc")
    assert describe(error) == f"ValueError: no customer {REDACTED}"
    assert describe(KeyError()) == "KeyError"


def test_a_database_error_is_described_without_the_row_that_failed():
    engine = create_engine(settings().stores.database_url)
    statement = text("SELECT CAST(:a AS int), :b").bindparams(a="not a number", b="private")
    with pytest.raises(SQLAlchemyError) as raised, engine.connect() as connection:
        connection.execute(statement)
    engine.dispose()
    assert "private" in str(raised.value)
    described = describe(raised.value)
    assert "invalid input syntax for type integer" in described
    assert "private" not in described


def test_a_log_line_tells_what_when_and_who(lines):
    telemetry.log("tests").info("drained", service="stripe", handled=3)
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "drained",
        "level": "info",
        "logger": "tests",
        "service": "stripe",
        "handled": 3,
    }


@pytest.mark.parametrize(
    "key", ["body", "signature", "Stripe-Signature", "payload", "email", "api_key", "access_token"]
)
def test_what_a_secret_name_holds_is_not_logged_at_any_depth(lines, key):
    telemetry.log("tests").warning("x", **{key: "hidden"}, more={"deep": [{key: {"a": "hidden"}}]})
    (line,) = lines()
    assert line[key] == line["more"]["deep"][0][key] == REDACTED


@pytest.mark.parametrize("secret", SECRETS)
def test_a_logged_exception_shows_no_secret_of_its_message(lines, secret):
    def fail():
        raise RuntimeError(f"could not use {secret}")

    try:
        fail()
    except RuntimeError:
        telemetry.log("tests").exception("failed", reason=f"with {secret}")
        logging.getLogger("some.library").exception("failed with %s", secret)
    ours, theirs = lines()
    assert secret not in json.dumps([ours, theirs])
    for line in (ours, theirs):
        assert f"RuntimeError: could not use {REDACTED}" in line["exception"]


def test_a_logged_exception_shows_no_local_variables(lines):
    def fail(private):
        raise RuntimeError(len(private))

    try:
        fail("hidden " * 3)
    except RuntimeError:
        telemetry.log("tests").exception("failed")
    assert "hidden hidden" not in json.dumps(lines())


@pytest.mark.parametrize(
    "library",
    ["botocore.endpoint", "boto3", "urllib3", "httpx", "httpcore", "cloudflare", "posthog"],
)
@pytest.mark.parametrize("level", ["DEBUG", "INFO", "ERROR"])
def test_what_a_library_that_calls_sends_and_hears_is_not_logged_at_any_level(
    library, level, capsys, configured
):
    configured(level)
    for said in ("debug", "info", "warning", "error"):
        getattr(logging.getLogger(library), said)("%s: ada, aged 36", said)
    logged = capsys.readouterr().err
    assert ("debug:" in logged, "info:" in logged) == (False, False)
    assert ("warning:" in logged, "error:" in logged) == (level != "ERROR", True)


def test_a_report_to_sentry_has_no_request_no_arguments_and_no_secrets():
    report = {
        "request": {"data": "hidden", "headers": {"Stripe-Signature": "hidden"}},
        "extra": {"celery-job": {"args": ["hidden"]}},
        "exception": {"values": [{"type": "E", "value": "sk_live_hidden of hidden@example.org"}]},
        "breadcrumbs": {"values": [{"message": "x", "data": {"payload": "hidden"}}]},
    }
    sent = sentry.before_send(report, {})
    assert "hidden" not in json.dumps(sent)
    assert sent["exception"]["values"][0]["type"] == "E"
