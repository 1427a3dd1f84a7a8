"""What cannot be kept in the audit log is not done, whatever it is."""

import pytest

from tests.console.conftest import NAME, PASSWORD, sign_in, token

DEAD = (
    "INSERT INTO events (service, event_id, endpoint, account, type, status, attempts, received_at,"
    " settled_at, error, body, headers) SELECT 'stripe', 'evt_' || n, '', '', 'invoice.paid',"
    """ 'dead', 3, now(), now(), 'KeyError', '{"email":"ada@example.org"}', '{}'"""
    " FROM generate_series(1, 3) AS n"
)


@pytest.fixture
def unkept(sql):
    """Let the audit log refuse what is written to it: `unkept()`."""
    began = []

    def refuse():
        began.append(1)
        sql.execute("ALTER TABLE console_actions ADD CONSTRAINT shut CHECK (false) NOT VALID")

    yield refuse
    if began:
        sql.execute("ALTER TABLE console_actions DROP CONSTRAINT shut")


def _forms(cause):
    return {
        "/events/one/reveal": {"service": "stripe", "id": "evt_1"},
        "/events/payloads": {"words": "ada@"},
        "/dead-letters/redrive": {"id": cause, "per_second": "2", "halt_percent": "20"},
        "/dead-letters/discard": {"id": cause, "count": "3", "reason": "not ours"},
        "/services/pause": {"service": "stripe"},
        "/services/resume": {"service": "clerk"},
        "/syncs/reconcile": {"service": "stripe", "how": "apply"},
        "/syncs/forget": {"service": "stripe"},
    }


def test_an_action_that_cannot_be_kept_is_not_done(console, sql, unkept):
    from worker import causes, inbox, pausing, reconcile_asked

    sql.execute(DEAD)
    client = sign_in(console(STRIPE_API_KEY="sk_test_x"))
    pausing.pause("clerk")
    (cause,) = causes.causes()
    csrf = token(client.get("/events"))
    unkept()
    for path, form in _forms(cause.id).items():
        answer = client.post(path, data={**form, "csrf": csrf})
        assert answer.status_code == 500, path
        assert "ada@" not in answer.text
        assert "evt_" not in answer.text
    assert sql.execute("SELECT count(*) FROM dead_letters").fetchone() == (3,)
    assert sql.execute("SELECT count(*) FROM redrives").fetchone() == (0,)
    assert inbox.paused() == {"clerk"}
    assert reconcile_asked.asked() == {}


def test_every_form_that_acts_is_among_those(console):
    rules = console().url_map.iter_rules()
    acts = {rule.rule for rule in rules if "POST" in (rule.methods or ())}
    elsewhere = {"/login", "/logout", "/dead-letters/redrives/<int:id>/halt"}
    assert acts - elsewhere == set(_forms(""))


def test_who_cannot_be_kept_does_not_get_in(console, unkept):
    client = console().test_client()
    form = {"user": NAME, "password": PASSWORD, "csrf": token(client.get("/login"))}
    unkept()
    assert client.post("/login", data=form).status_code == 500
    assert client.get("/events").status_code == 303


def test_whom_a_proxy_names_does_not_either(console, unkept):
    behind = {"CONSOLE_TRUSTED_HEADER": "X-User", "CONSOLE_TRUSTED_PROXIES": "127.0.0.1"}
    client = console(**behind).test_client()
    unkept()
    for _ in range(2):
        assert client.get("/events", headers={"X-User": "ben"}).status_code == 500


def test_who_leaves_is_out_though_it_cannot_be_kept(console, unkept):
    client = sign_in(console())
    csrf = token(client.get("/events"))
    unkept()
    assert client.post("/logout", data={"csrf": csrf}).status_code == 500
    assert client.get("/events").status_code == 303
