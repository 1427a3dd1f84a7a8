"""What mends things in the console: redrives, discards, repairs, pauses; all are in the audit log.

Who is asking is told by a trusted proxy here: of passwords other tests tell.
"""

import json
import re

import pytest

ENTER = (
    "INSERT INTO events (service, event_id, endpoint, account, type, status, attempts, received_at,"
    " settled_at, error, body, headers) SELECT 'stripe', 'evt_' || n, '', '', 'invoice.paid',"
    " 'dead', 3, now(), now(), 'KeyError: ' || n, '{}', '{}' FROM generate_series(1, %s) AS n"
)


@pytest.fixture
def browser(set_to):
    """Somebody who is called Ann; `browser.act` sends a form as the page has it."""
    from console.app import create_app

    set_to(
        CONSOLE_SECRET="s" * 40,
        CONSOLE_TRUSTED_HEADER="X-User",
        CONSOLE_TRUSTED_PROXIES="127.0.0.1/32",
        STRIPE_API_KEY="sk_test_x",
    )
    return Browser(create_app().test_client())


class Browser:
    """A client with a session, and the token of its pages."""

    def __init__(self, client):
        """Take Flask's client."""
        self.client = client

    def look(self, path, **headers):
        """Return a page's text."""
        answer = self.client.get(path, headers={"X-User": "ann"} | headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    def act(self, path, **form):
        """Send a form; return where it leads, and what it told there."""
        (csrf, *_) = re.findall(r'name="csrf" value="([^"]+)"', self.look("/audit"))
        answer = self.client.post(path, data=form | {"csrf": csrf}, headers={"X-User": "ann"})
        if answer.status_code != 303:
            return str(answer.status_code)
        return answer.headers["Location"]


@pytest.fixture
def noted(sql):
    """Return what the audit log has."""
    query = (
        'SELECT "by", action, service, target, count FROM console_actions'
        " WHERE action <> 'login by proxy' ORDER BY id"
    )
    return lambda: sql.execute(query).fetchall()


@pytest.fixture
def cause(sql):
    from worker import causes

    sql.execute(ENTER, [3])
    (found,) = causes.causes()
    return found


def test_a_cause_is_seen_redriven_watched_and_halted(browser, cause, noted):
    from worker import canary

    assert f"/dead-letters/cause?id={cause.id}" in browser.look("/dead-letters")
    assert "Redrive 3 in steps" in browser.look(f"/dead-letters/cause?id={cause.id}")
    begin = {"id": cause.id, "per_second": "2", "halt_percent": "20"}
    watched = browser.act("/dead-letters/redrive", **begin)
    canary.advance()

    part = browser.look(watched, **{"HX-Request": "true"})
    assert part.startswith('<div id="progress"')
    assert "Halt: 2 wait yet" in part
    assert "is running" in browser.look(f"/dead-letters/cause?id={cause.id}")
    assert browser.act("/dead-letters/redrive", **begin) == "/dead-letters"

    assert browser.act(f"{watched}/halt") == watched
    assert "halted by ann. What waits stays dead." in browser.look(watched)
    assert [one[:2] for one in noted()] == [
        ("ann", "redrive in steps"),
        ("ann", "redrive in steps"),
        ("ann", "halt a redrive"),
    ]
    assert noted()[0][2:] == ("stripe", cause.id, 3)


def test_only_as_many_as_were_confirmed_are_discarded_and_for_a_reason(browser, cause, noted, sql):
    given = {"id": cause.id, "count": "2"}
    assert browser.act("/dead-letters/discard", reason=" ", **given).startswith("/dead-letters/c")
    assert noted() == []
    assert browser.act("/dead-letters/discard", reason="not ours", **given) == "/dead-letters"

    kept = sql.execute("SELECT status, reason FROM events ORDER BY 1 DESC, 2").fetchall()
    assert kept == [
        ("discarded", "not ours (ann)"),
        ("discarded", "not ours (ann)"),
        ("dead", None),
    ]
    assert noted() == [("ann", "discard", "stripe", cause.id, 2)]


def test_a_cause_of_which_nothing_is_dead_any_more_leads_to_those_that_are(browser):
    answer = browser.client.get("/dead-letters/cause?id=zz", headers={"X-User": "ann"})
    assert answer.headers["Location"] == "/dead-letters"
    assert "any more" in browser.look("/dead-letters")


def test_effects_are_shown_by_target_and_status_without_what_they_say(browser, sql):
    sql.execute(
        "INSERT INTO effects (target, action, payload, status, error) VALUES"
        """ ('posthog', 'capture', '{"who": "ada"}', 'waiting', 'Transient: busy')"""
    )
    page = browser.look("/effects?target=posthog&status=waiting")
    assert "Transient: busy" in page
    assert "ada" not in page
    assert "No effect is like that" in browser.look("/effects?status=dead")


@pytest.mark.parametrize("wrong", [{"per_second": "0"}, {"halt_percent": "x"}, {"id": "zz"}])
def test_nonsense_begins_nothing(wrong, browser, cause, sql):
    given = {"id": cause.id, "per_second": "1", "halt_percent": "1"} | wrong
    assert browser.act("/dead-letters/redrive", **given) in {"400", "404"}
    assert sql.execute("SELECT count(*) FROM redrives").fetchone() == (0,)


def test_without_the_token_of_the_page_nothing_is_done(browser, cause, sql, noted):
    for path in ("/dead-letters/discard", "/services/pause", "/syncs/reconcile"):
        form = {"id": cause.id, "count": "3", "reason": "x", "service": "stripe"}
        answer = browser.client.post(path, data=form, headers={"X-User": "ann"})
        assert answer.status_code == 403
    assert noted() == []
    assert sql.execute("SELECT count(*) FROM dead_letters").fetchone() == (3,)


def test_a_service_is_paused_and_goes_on(browser, noted):
    from worker import inbox

    assert browser.act("/services/pause", service="stripe") == "/services"
    assert inbox.paused() == {"stripe"}
    assert "Go on with stripe? 0 wait for it now." in browser.look("/services")
    browser.act("/services/resume", service="stripe")
    assert inbox.paused() == set()
    assert [one[1:3] for one in noted()] == [("pause", "stripe"), ("resume", "stripe")]
    assert browser.act("/services/pause", service="nobody") == "404"


def test_a_repair_is_left_to_a_worker(browser, noted):
    from worker import inbox, reconcile_asked

    browser.look("/syncs?service=stripe")
    assert browser.act("/syncs/reconcile", service="stripe", how="apply") == "/syncs?service=stripe"
    assert reconcile_asked.asked()["stripe"].apply
    (bell,) = inbox.redis().lrange("stripe.work", 0, -1)
    assert json.loads(bell)["headers"]["task"] == "stripe.sync.asked"
    assert "as ann asked" in browser.look("/syncs?service=stripe")

    browser.act("/syncs/forget", service="stripe")
    assert reconcile_asked.asked() == {}
    assert noted()[0][:4] == ("ann", "reconcile and repair", "stripe", "")


def test_connections_are_shown_without_their_tokens(browser, sql):
    sql.execute(
        "INSERT INTO oauth_connections (service, account, access_token, last_error_code, failures)"
        " VALUES ('slack', 'team_1', 'the-token', 'invalid_grant', 2)"
    )
    page = browser.look("/connections")
    assert "team_1" in page
    assert "invalid_grant" in page
    assert "the-token" not in page


def test_open_incidents_are_shown_with_what_mends_them(browser, cause, sql):
    from worker.alerts.look import look

    look()
    sql.execute("UPDATE incident_reasons SET first_seen_at = first_seen_at - interval '1 day'")
    look()
    page = browser.look("/alerts")
    assert "3 dead letters of invoice.paid" in page
    assert "To mend:" in page
    assert "Nobody is told" in page
