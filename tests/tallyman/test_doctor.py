"""What `tallyman doctor` says of each service: how it is set up, and how it stands."""

import pytest
import responses

from settings import settings

LOOPS = "LOOPS_WEBHOOK_SECRETS"
NO_STRIPE = {"STRIPE_WEBHOOK_SECRETS": "", "STRIPE_WEBHOOK_SECRETS__CONNECT": ""}
NOBODY = NO_STRIPE | {
    "CLERK_WEBHOOK_SECRETS": "",
    "LOOPS_WEBHOOK_SECRETS": "",
    "POSTHOG_WEBHOOK_SECRETS": "",
    "POSTHOG_WEBHOOK_SECRETS__SHARED": "",
    "R2_WEBHOOK_SECRETS": "",
}
QUEUE = {f"CLOUDFLARE_{name}": "x" for name in ("QUEUE_ID", "ACCOUNT_ID", "API_TOKEN")}


@pytest.fixture
def doctor(run, monkeypatch):
    """Run `tallyman doctor` with these settings on top; return its lines and its exit code."""

    def told(given, *options):
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        answer = run("doctor", *options)
        return answer.output.splitlines(), answer.exit_code

    yield told
    monkeypatch.undo()
    settings.cache_clear()
    settings()  # now: the next test may have changed the environment when it asks


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({LOOPS: ""}, "off   loops: not set up"),
        ({}, "ok    loops: 1 webhook secret(s); not called, as LOOPS_API_KEY is not set"),
        ({"LOOPS_API_KEY": "x"}, "ok    loops: 1 webhook secret(s)"),
        (
            {"LOOPS_API_KEY": "x", LOOPS: ""},
            f"ok    loops: called; what it sends is refused, as {LOOPS} is not set",
        ),
        ({"APP_WEBHOOK_URL": "http://x", "APP_WEBHOOK_SECRET": "whsec_x"}, "ok    app: called"),
        (NOBODY | QUEUE, "ok    cloudflare: called"),
    ],
)
def test_what_nobody_asked_for_is_no_mistake(doctor, given, line):
    lines, code = doctor(given)
    assert line in lines
    assert code == 0, lines


@pytest.mark.parametrize(
    ("given", "line", "mend"),
    [
        (NOBODY, "warn  nobody may send us anything", "set a webhook secret: .env.example"),
        (
            NO_STRIPE | {"STRIPE_API_KEY": "sk_test_x"},
            "warn  stripe: called; what it sends is refused, as STRIPE_WEBHOOK_SECRETS is not set",
            "set it: else nothing is heard of it",
        ),
        (
            {"R2_ENDPOINT_URL": "http://x", "R2_BUCKET": "x"},
            "warn  r2: half set up",
            "set R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY",
        ),
        (
            {"CLERK_WEBHOOK_SECRETS": "whsec_a"},
            "FAIL  clerk: 1 of 1 webhook secret(s) mistyped",
            "copy CLERK_WEBHOOK_SECRETS again",
        ),
    ],
)
def test_what_is_half_set_up_is_to_be_mended(doctor, given, line, mend):
    lines, code = doctor(given)
    assert lines[lines.index(line) + 1] == f"      -> {mend}"
    assert code == 1


@pytest.mark.parametrize(
    ("status", "line", "code"),
    [
        (200, "ok    loops: takes our key", 0),
        (401, "FAIL  loops: Permanent: loops api-key answered 401", 1),
    ],
)
def test_a_service_is_asked_about_our_key_on_request_only(doctor, status, line, code):
    with responses.RequestsMock() as loops:
        loops.get("https://app.loops.so/api/v1/api-key", status=status, json={})
        asked = doctor({"LOOPS_API_KEY": "x"}, "--calls")
        unasked = doctor({})
        assert len(loops.calls) == 1
    assert (line in asked[0], asked[1]) == (True, code), asked
    assert line not in unasked[0]


@pytest.mark.parametrize(("there", "code"), [(True, 0), (False, 1)])
def test_r2_takes_our_key_where_the_bucket_is_there(doctor, bucket, there, code):
    lines, exit_code = doctor({} if there else {"R2_BUCKET": "nobody-made-this"}, "--calls")
    assert ("ok    r2: takes our key" in lines, exit_code) == (there, code), lines


def test_a_breaker_that_is_open_is_said(doctor):
    assert "ok    no service's breaker is open" in doctor({})[0]
    away = {"LOOPS_API_KEY": "x", "LOOPS_API_BASE": "http://127.0.0.1:1", "BREAKER_FAILURES": "1"}
    asked, _ = doctor(away, "--calls")
    assert any(line.startswith("FAIL  loops: Transient: ") for line in asked)
    lines, code = doctor({})
    assert "warn  loops: its breaker is open after 1 failure(s)" in lines
    assert code == 1
