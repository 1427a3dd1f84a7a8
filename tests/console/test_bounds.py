"""Pages do a bounded amount of work, and say where that is not all there is."""

import pytest

EFFECTS = (
    "INSERT INTO effects (target, action, payload, status, created_at, settled_at, error)"
    " SELECT 'posthog', 'capture', '{}', %s, now() - n * interval '1 min', now(), %s || n"
    " FROM generate_series(%s::int, %s::int) AS n"
)
RUN = (
    "INSERT INTO sync_runs (service, name, kind, status) VALUES ('stripe', 'product', 'reconcile',"
    " 'complete') RETURNING id"
)
CURSOR = (
    "INSERT INTO sync_cursors (service, name, kind, run_id) VALUES ('stripe', 'product',"
    " 'reconcile', %s)"
)
DRIFT = (
    "INSERT INTO drift (run_id, service, table_name, row_id, field, cause) SELECT %s, 'stripe',"
    " 'stripe_products', 'prod_' || n, 'name', 'missed event' FROM generate_series(1, 10100) AS n"
)


@pytest.fixture
def outbox(sql):
    """One that is held and one that was sent, both older than 21,000 others."""
    sql.execute(EFFECTS, ["sent", "sent ", 1, 21_000])
    sql.execute(EFFECTS, ["sent", "old ", 30_000, 30_000])
    sql.execute(EFFECTS, ["held", "held ", 30_001, 30_001])
    sql.execute(EFFECTS, ["dead", "dead ", 30_002, 30_002])


def test_effects_that_were_given_up_are_found_however_old_they_are(signed_in, outbox):
    page = signed_in.get("/effects?status=held&target=posthog").text
    assert "held 30001" in page
    assert "dead 30002" not in page
    assert "No effect is like that" in signed_in.get("/effects?status=held&target=loops").text


def test_others_are_looked_for_among_the_newest_and_the_page_says_so(signed_in, outbox):
    page = signed_in.get("/effects?status=sent").text
    assert page.index("sent 1<") < page.index("sent 2<")
    none = signed_in.get("/effects?status=merged").text
    assert "among the newest 20,000" in none


def test_differences_are_counted_up_to_a_bound_and_the_page_says_so(signed_in, sql):
    (run,) = sql.execute(RUN).fetchone()
    sql.execute(CURSOR, [run])
    sql.execute(DRIFT, [run])
    page = signed_in.get("/syncs?service=stripe").text
    assert "at most 10,000 are counted" in page
    assert "prod_1, prod_2, prod_3" in page


def test_of_many_connections_the_first_are_shown(signed_in, sql):
    sql.execute(
        "INSERT INTO oauth_connections (service, account)"
        " SELECT 'slack', 'team_' || lpad(n::text, 4, '0') FROM generate_series(1, 501) AS n"
    )
    page = signed_in.get("/connections").text
    assert "team_0500" in page
    assert "team_0501" not in page
    assert "The first 500; all of them" in page


def test_a_page_that_postgres_is_too_slow_for_gives_up_and_says_so(signed_in, sql, monkeypatch):
    from console import hurry

    monkeypatch.setattr(hurry, "MOST", 100)
    with sql.transaction():
        sql.execute("LOCK TABLE tallyman_test.effects")
        answer = signed_in.get("/effects")
    assert answer.status_code == 503
    assert "Ask for less" in answer.text


def test_the_limit_of_a_page_is_nobody_elses(signed_in):
    from sqlalchemy import text

    from db.session import transaction

    signed_in.get("/effects")
    with transaction() as session:
        assert session.execute(text("SHOW statement_timeout")).scalar() == "25s"
