"""What /metrics tells: counts of all processes and hosts, by conventional names, and few labels."""

import json
import re
from datetime import timedelta

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from console import probes
from local.server import free_port
from tests import handlers
from tests.receiver.deliveries import stripe_body
from tests.receiver.pages import fill, samples
from tests.worker import stories
from worker import measures, state, telling
from worker.inbox import redis
from worker.pulse import ALIVE
from worker.slots import slot


@pytest.fixture
def told(client):
    """Give the value of a metric with these labels, None where it is not on the page."""

    def find(name, **labels):
        found = [s.value for s in samples(client) if s.name == name and s.labels == labels]
        return found[0] if found else None

    return find


def test_what_became_of_deliveries_is_counted(post, told):
    for id in ("evt_1", "evt_2", "evt_1"):
        post(body=stripe_body(id))
    stories.drained()
    assert told("tallyman_events_total", service="stripe", outcome="handled") == 2
    assert told("tallyman_events_total", service="stripe", outcome="duplicate") == 1
    assert told("tallyman_receiver_requests_total", service="stripe", outcome="accepted")


def test_so_is_what_became_of_retries(told, sql):
    handlers.behaviour["invoice.paid"] = stories.fail
    stories.put(stories.invoice())
    stories.drained()
    sql.execute(stories.DUE)
    stories.retried()
    handlers.behaviour.clear()
    assert told("tallyman_events_total", service="stripe", outcome="retrying") == 2


def test_how_long_deliveries_waited_and_batches_took_is_told(post, told):
    post(body=stripe_body("evt_1"))
    post(body=stripe_body("evt_2"))
    stories.drained()
    for name, times in (("wait", 2), ("apply", 1)):
        assert told(f"tallyman_{name}_seconds_count", service="stripe") == times
        assert told(f"tallyman_{name}_seconds_bucket", service="stripe", le="+Inf") == times
        assert told(f"tallyman_{name}_seconds_sum", service="stripe") >= 0


def test_a_histogram_counts_each_time_below_its_bound(clean, told):
    tally = measures.Tally()
    tally.times(measures.APPLY, "stripe", [0.005, 0.006, 3, 60])
    tally.write()
    below = {
        le: told("tallyman_apply_seconds_bucket", service="stripe", le=le)
        for le in ("0.005", "0.01", "2.5", "5.0", "20.0", "+Inf")
    }
    assert [*below.values()] == [1, 2, 2, 3, 3, 4]
    assert told("tallyman_apply_seconds_sum", service="stripe") == 63.011


def test_how_long_answers_take_is_told_of_known_services_only(client, post, told):
    before = told("tallyman_receive_seconds_count", service="stripe") or 0
    post()
    post(secret="whsec_forged")
    client.post("/webhooks/made-up")
    assert told("tallyman_receive_seconds_count", service="stripe") == before + 2
    assert told("tallyman_receive_seconds_count", service="made-up") is None


def test_counts_of_a_redis_that_is_away_cost_the_work_nothing(clean, other_redis):
    other_redis.stop()
    measures.count(measures.EVENTS, "stripe", {"handled": 1})


@pytest.fixture
def full(client, post, sql, setting):
    setting("OAUTH_PUBLIC_URL", "https://x.example")
    setting("OAUTH_LINK_KEY", "x" * 44)
    setting("EVENTS_RETENTION_DAYS", "30")
    fill(post, sql)
    return client


def test_names_and_units_are_conventional_and_nothing_has_many_values(full):
    families = list(text_string_to_metric_families(full.get("/metrics").text))
    ours = [family for family in families if family.name.startswith("tallyman_")]
    assert len(ours) > 25
    for family in ours:
        assert family.documentation
        assert not re.search(r"_(ms|minutes|count|millis|percent)$", family.name), family.name
        values = {s.labels.get(name) for s in family.samples for name in s.labels if name != "le"}
        assert len(values) < 50, family.name
    names = {name for family in ours for s in family.samples for name in s.labels}
    assert names <= {
        *("service", "target", "outcome", "status", "state", "store", "le"),
        *("name", "kind", "pool", "change"),
    }


def test_drift_is_counted_by_objects(full, told):
    assert told("tallyman_drift_open", service="stripe") == 2


def test_a_beat_that_ended_is_counted_no_more(full, told, monkeypatch):
    assert told("tallyman_beats") == 1
    monkeypatch.setattr(state, "BEATS_SEEN", -timedelta(hours=1).total_seconds())
    assert told("tallyman_beats") == 0


def test_workers_of_another_version_are_counted_as_far_as_they_are_understood(clean, told):
    sign = {"queues": ["stripe"], "pool": "threads", "prefetch": 1, "late": True, "budgets": [1]}
    said = {
        "newer": sign | {"colour": "red"},
        "older": {"pool": "threads"},
        "oldest": "1",
        "x": "{",
    }
    for name, what in said.items():
        redis().set(f"{ALIVE}{name}", what if isinstance(what, str) else json.dumps(what))
    assert told("tallyman_workers", pool="threads") == 1
    assert told("tallyman_workers", pool="processes") == 0


def test_a_worker_tells_of_itself_at_a_port_of_its_own(setting):
    port = free_port()
    setting("WORKER_METRICS_PORT", port - 1)
    server = telling.start(threads=True)
    assert server
    try:
        with slot("stripe"):
            page = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    finally:
        server.shutdown()
        server.server_close()
    found = {s.name: s for f in text_string_to_metric_families(page) for s in f.samples}
    assert 'tallyman_slots_held{service="stripe"} 1.0' in page
    assert found["process_resident_memory_bytes"].value > 1e6
    assert found["tallyman_pool_processes"].value == 0


def test_the_console_tells_of_itself_at_a_port_of_its_own(setting):
    assert probes.tell() is None
    port = free_port()
    setting("CONSOLE_METRICS_PORT", port)
    server = probes.tell()
    assert server
    try:
        page = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    finally:
        server.shutdown()
        server.server_close()
    found = {s.name: s for f in text_string_to_metric_families(page) for s in f.samples}
    assert found["process_resident_memory_bytes"].value > 1e6
    assert not [name for name in found if name.startswith("tallyman_")]


def test_a_worker_whose_port_is_taken_works_all_the_same(setting):
    port = free_port()
    setting("WORKER_METRICS_PORT", port)
    first = telling.start(threads=False)
    assert first
    try:
        assert telling.start(threads=False) is None
    finally:
        first.shutdown()
        first.server_close()


def test_a_worker_that_was_not_asked_to_opens_no_port(setting):
    assert telling.start(threads=False) is None
