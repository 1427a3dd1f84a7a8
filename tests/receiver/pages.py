"""A /metrics page on which every metric has a sample."""

from prometheus_client.parser import text_string_to_metric_families

from integrations.outbound.keeper import Finding, Question
from integrations.outbound.keepers import KEEPERS
from tests.receiver.deliveries import stripe_body
from tests.worker.stories import drained
from worker import measures, standing, sync, upkeep

_ONE_STEP = sync.Step(write=lambda _: sync.Counts(), cursor=None, over=True)


def samples(client):
    """Return the samples of the page."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return [sample for family in families for sample in family.samples]


def fill(post, sql):
    """Have something happen of all that is counted, as far as that needs no second service."""
    post(body=stripe_body("evt_1"))
    post(secret="whsec_forged")
    drained()
    _called(Finding(health="well", outcome="ok", seconds=0.2))
    _called(Finding(health="sick", outcome="transient", seconds=9))
    measures.count(measures.EFFECTS, "loops", {"sent": 1})
    sync.run("stripe", "x", "catch_up", lambda _: _ONE_STEP, task=None)
    standing.keep({"stripe": "healthy"})
    upkeep.mark_beat("host:1")
    _ledger(sql)


def _called(found):
    question = Question(
        service="loops",
        operation="x",
        token="t",
        limits=(),
        failures=1,
        open=30,
        lease=5,
        patience=0,
    )
    KEEPERS.ask(lambda keeper: keeper.settle(question, found))


def _ledger(sql):
    """Enter what else would take days to come about."""
    sql.execute("INSERT INTO effects (target, action, entity, key) VALUES ('loops', 'x', 'e', 'x')")
    sql.execute(
        "INSERT INTO events (service, event_id, endpoint, account, status, attempts, received_at,"
        " body, headers) VALUES ('stripe', 'dead', '', '', 'dead', 1, now(), '{}', '{}'),"
        " ('stripe', 'old', '', '', 'handled', 1, now() - interval '40 days', '{}', '{}')"
    )
    who = "'stripe', 'customer', 'reconcile'"
    (run,) = sql.execute(
        "INSERT INTO sync_runs (service, name, kind, status, started_at, finished_at)"
        f" VALUES ({who}, 'complete', now(), now()) RETURNING id"
    ).fetchone()
    sql.execute(f"INSERT INTO sync_cursors (service, name, kind, run_id) VALUES ({who}, {run})")
    sql.execute(
        "INSERT INTO drift (run_id, service, table_name, row_id, field, cause) SELECT"
        f" {run}, 'stripe', 'stripe_customers', id, 'name', 'our defect'"
        " FROM unnest(ARRAY['a', 'a', 'b']) AS id"
    )
    sql.execute(
        "INSERT INTO shapes (service, of, path, types, change, reported_at)"
        " VALUES ('stripe', 'x', 'y', '{string}', 'new', now())"
    )
    sql.execute(
        "INSERT INTO oauth_connections (service, account, status, external_id, scopes, expires_at,"
        " failures) VALUES ('stripe', 'a', 'expiring', 'x', '{}', now() + interval '1 h', 2)"
    )
