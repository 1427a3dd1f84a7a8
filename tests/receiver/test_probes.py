"""What others ask of the receiver, and what it counts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.receiver.deliveries import stripe_body
from worker import inbox
from worker.pulse import BEAT


@pytest.fixture
def count(client):
    """Give the counted requests of a service by outcome."""

    def count(service, outcome):
        answer = client.get("/metrics")
        assert answer.status_code == 200
        return sum(
            sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
            if sample.name == "tallyman_receiver_requests_total"
            and sample.labels == {"service": service, "outcome": outcome}
        )

    return count


@pytest.fixture
def gauge(client):
    def gauge(name, /, **labels):
        families = text_string_to_metric_families(client.get("/metrics").text)
        samples = [sample for family in families for sample in family.samples]
        return [s.value for s in samples if s.name == name and s.labels == labels]

    return gauge


def test_the_process_says_that_it_lives(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_readiness_names_both_stores(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (
        200,
        {
            "status": "ready",
            "redis": "ok",
            "postgres": "ok",
            "beat": "away: nothing is synced",
            "beat_seconds_ago": None,
        },
    )


@pytest.mark.parametrize(("ago", "told"), [(5, "ok"), (60, "away: nothing is synced")])
def test_readiness_says_whether_beat_ticks(client, gauge, ago, told):
    inbox.redis().set(BEAT, (datetime.now(UTC) - timedelta(seconds=ago)).isoformat())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["beat"]) == (200, told)
    (seconds,) = gauge("tallyman_beat_age_seconds")
    assert ago <= seconds < ago + 20


def test_it_is_counted_since_when_a_sync_was_complete(client, gauge, sql):
    who = "'stripe', 'events', 'catch_up'"
    sql.execute(
        "INSERT INTO sync_runs (service, name, kind, status, started_at, finished_at)"
        f" VALUES ({who}, 'complete', now() - interval '1 h', now() - interval '10 min'),"
        f" ({who}, 'stopped', now(), now())"
    )
    age = partial(gauge, "tallyman_sync_age_seconds", service="stripe", name="events")
    assert age(kind="catch_up") == []
    sql.execute(f"INSERT INTO sync_cursors (service, name, kind) VALUES ({who})")
    (seconds,) = age(kind="catch_up")
    assert 600 <= seconds < 620


def test_readiness_is_told_even_when_redis_fails_between_two_of_its_answers(client):
    inbox.redis().rpush(BEAT, "not what is read there")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ready")
    assert answer.json["redis"] != "ok"


@pytest.mark.parametrize(
    ("outcome", "how"),
    [
        ("accepted", {}),
        ("signature_mismatch", {"secret": "whsec_forged"}),
        ("timestamp_too_old", {"age": 400}),
        ("missing_header", {"headers": {}}),
    ],
)
def test_every_request_is_counted_by_its_outcome(post, count, outcome, how):
    before = count("stripe", outcome)
    post(**how)
    post(**how)
    assert count("stripe", outcome) == before + 2


def test_what_fell_back_is_counted_as_such(post, count):
    inbox.pause("clerk")
    before = count("clerk", "fallen_back"), count("clerk", "accepted")
    post("clerk", b"{}")
    assert (count("clerk", "fallen_back"), count("clerk", "accepted")) == (before[0] + 1, before[1])


def test_what_nobody_took_is_counted_as_unavailable(
    post, count, other_redis, elsewhere, no_postgres
):
    other_redis.stop()
    elsewhere(DATABASE_URL=no_postgres)
    before = count("stripe", "unavailable")
    post()
    assert count("stripe", "unavailable") == before + 1


def test_unknown_services_do_not_become_labels(client, post):
    client.post("/webhooks/made-up-by-a-scanner")
    assert "made-up" not in client.get("/metrics").text


def test_the_backlog_of_each_service_is_told(post, gauge):
    assert gauge("tallyman_inbox_entries", service="stripe") == [0]
    post()
    assert gauge("tallyman_inbox_entries", service="stripe") == [1]
    assert gauge("tallyman_inbox_entries", service="clerk") == [0]
    assert gauge("tallyman_inbox_oldest_seconds", service="stripe")[0] >= 0


def test_what_is_unsettled_in_the_ledger_is_told(post, gauge):
    inbox.pause("stripe")
    post(body=stripe_body("evt_1"))
    post(body=stripe_body("evt_2"))
    assert gauge("tallyman_events_unsettled", service="stripe", status="received") == [2]


def test_the_age_of_a_body_that_should_have_left_is_told(post, gauge, setting, sql):
    setting("EVENTS_RETENTION_DAYS", "30")
    inbox.pause("stripe")
    post(body=stripe_body("evt_1"))
    sql.execute("UPDATE events SET status = 'handled', received_at = now() - interval '31 days'")
    (seconds,) = gauge("tallyman_bodies_overdue_seconds", service="stripe")
    assert seconds // 3600 == 24
    assert gauge("tallyman_bodies_overdue_seconds", service="clerk") == []


def test_a_store_that_is_away_is_told_and_the_rest_still_counted(
    gauge, other_redis, elsewhere, no_postgres
):
    assert gauge("tallyman_store_up", store="redis") == [1]
    assert gauge("tallyman_store_up", store="postgres") == [1]
    other_redis.stop()
    assert gauge("tallyman_store_up", store="redis") == [0]
    assert gauge("tallyman_store_up", store="postgres") == [1]
    elsewhere(DATABASE_URL=no_postgres)
    assert gauge("tallyman_store_up", store="postgres") == [0]


def test_a_scrape_that_waits_for_postgres_does_not_make_it_away_for_a_probe(client, sql, until):
    waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass"
    with ThreadPoolExecutor() as pool, sql.transaction(force_rollback=True):
        sql.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        scrape = pool.submit(client.application.test_client().get, "/metrics")
        until(lambda: sql.execute(waits).fetchone())
        answer = client.get("/readyz")
    assert scrape.result().status_code == 200
    assert answer.json["postgres"] == "ok"
