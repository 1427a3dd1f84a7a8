"""The task that looks: from the tables to who is told, and when a store is away."""

import pytest
from sqlalchemy.exc import OperationalError

from integrations.slack.messages import escaped


@pytest.fixture
def silent(sql):
    """Stripe is silent, and nobody was told."""
    sql.execute(
        "INSERT INTO incidents (service, code, state, worst, opened_at, changed_at)"
        " VALUES ('stripe', 'silence', 'silent', 'silent', now(), now())"
    )
    sql.execute(
        "INSERT INTO incident_reasons (incident_id, service, code, status, state, words,"
        " first_seen_at, last_seen_at) SELECT id, 'stripe', 'silence', 'open', 'silent',"
        " 'nothing came', now(), now() FROM incidents"
    )


def test_a_look_asks_the_health_model_and_rings_for_what_is_to_be_told(hook, silent):
    from worker import inbox
    from worker.alerts.look import look
    from worker.alerts.tell import tell

    assert look() == "open=1"
    assert hook.said == []
    assert inbox.redis().llen("alerts.work") == 1
    assert tell() == "told=1"
    assert "nothing came" in hook.said[0][1]


def test_who_looks_tells_too_where_nobody_does(hook, silent, sql):
    from worker.alerts.look import look

    look()
    sql.execute("UPDATE incident_tellings SET retry_at = now() - interval '2 min'")
    look()
    assert len(hook.said) == 1


def test_who_looks_leaves_old_news_to_who_tells_where_that_one_is_there(hook, silent, sql):
    from worker import inbox
    from worker.alerts.look import look
    from worker.tasks import alerts

    alerts.watch()
    sql.execute("UPDATE incident_tellings SET retry_at = now() - interval '1 day'")
    look()
    assert hook.said == []
    assert inbox.redis().llen("alerts.work")


def test_who_tells_looks_where_nobody_does(hook, silent):
    from worker import inbox
    from worker.tasks import alerts

    assert alerts.watch() == "open=1"
    assert alerts.watch() == "looked lately"
    inbox.redis().delete("tallyman:looked")
    assert alerts.watch() == "open=1"


GONE = "SELECT gone_at FROM incident_reasons WHERE status = 'open'"


def test_a_store_that_is_away_closes_nothing(silent, monkeypatch, sql):
    from worker import inbox
    from worker.alerts import look

    def away():
        raise OperationalError("SELECT", {}, Exception("away"))

    with monkeypatch.context() as patch:
        patch.setattr(look, "health", away)
        assert look.look() == "a store is away"
    assert sql.execute(GONE).fetchall() == [(None,)]
    assert not inbox.redis().exists(look.LOOKED)  # so the other worker looks, too
    look.look()
    assert sql.execute(GONE).fetchone() != (None,)


def test_alerts_do_not_wait_for_beat(clean, sql):
    from worker.tasks import upkeep

    assert "watch" in upkeep.tick()
    assert "watch" not in upkeep.tick()
    assert ("watch",) in sql.execute("SELECT schedule FROM schedule_slots").fetchall()


def test_what_slack_would_take_for_markup_is_escaped():
    assert escaped("<!channel> & co") == "&lt;!channel&gt; &amp; co"
