"""The overview: what is broken stands first, and nothing personal stands there at all."""

import re
from typing import Any

import pytest


def test_what_is_broken_comes_first_with_the_reason_and_the_way_to_mend_it(
    signed_in, event, monkeypatch
):
    from console import cards
    from worker.health import Health, Reason

    reason = Reason(
        code="dead_letters",
        state="failing",
        words="3 dead letters <of> user.created",
        since=None,
        mend="mend the cause, then: tallyman dead-letters redrive --service clerk",
        page="/dead-letters?service=clerk",
    )
    found = [
        Health("stripe", "healthy", (), None, None, None),
        Health("clerk", "failing", (reason,), None, None, None),
        Health("r2", "not configured", (), None, None, None),
    ]
    monkeypatch.setattr(cards, "health", lambda: found)
    page = signed_in.get("/").text
    assert "<h1>No worker is alive; clerk is failing</h1>" in page
    assert page.index('id="of-clerk"') < page.index('id="of-stripe"')
    assert (
        '<a href="/dead-letters?service=clerk">3 dead letters &lt;of&gt; user.created</a>' in page
    )
    assert "<code>tallyman dead-letters redrive --service clerk</code>" in page
    assert "Not configured: r2" in page


def test_the_plot_counts_what_came_and_what_of_it_failed(signed_in, event):
    for number in range(5):
        event(f"evt_{number}", ago=300)
    event("evt_dead", status="dead", ago=300)
    event("evt_old", ago=7200)
    page = signed_in.get("/").text
    assert "Last hour: 6 events, 1 of them failed so far" in page
    (plot,) = [svg for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL) if "6 events" in svg]
    assert plot.count('class="ok"') == plot.count('class="failed"') == 1


def test_the_strip_says_when_nothing_works(signed_in, clean):
    page = signed_in.get("/").text
    assert "no worker is alive, so nothing is applied" in page
    assert "beat: no sign yet, syncs stand still" in page


@pytest.mark.parametrize("url", ["DATABASE_URL", "REDIS_URL"])
def test_a_store_that_is_away_is_named(signed_in, monkeypatch, url):
    from console import cards

    errors = {"DATABASE_URL": _postgres_away(), "REDIS_URL": _redis_away()}

    def away():
        raise errors[url]

    monkeypatch.setattr(cards, "health", away)
    answer = signed_in.get("/")
    assert answer.status_code == 503
    assert ("Postgres" if url == "DATABASE_URL" else "Redis") + " does not answer" in answer.text


def _postgres_away():
    from sqlalchemy.exc import OperationalError

    return OperationalError("SELECT 1", {}, Exception("connection refused"))


def _redis_away():
    from redis.exceptions import ConnectionError as Away

    return Away("refused")


def test_healthz_answers_any_probe(console):
    answer = console().test_client().get("/healthz", headers={"Host": "10.0.0.7:8001"})
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_refused_requests_are_shown_alike_with_what_the_doctor_found(signed_in):
    from worker.inbox import redis
    from worker.refused import REFUSED

    noted: dict[Any, Any] = {
        "service": "stripe",
        "endpoint": "",
        "reason": "signature_mismatch",
        "size": 9,
    }
    noted |= {"address": "192.0.2.1", "headers": "<b>,host", "of": "stripe/connect", "number": 0}
    for finding in ("other_secret", "other_secret", "unheard_of"):
        redis().xadd(REFUSED, noted | {"finding": finding})
    page = signed_in.get("/refused").text
    assert page.count("Signed with the secret of stripe/connect.") == 1
    assert "<b>," not in page
    assert "No request was refused" in signed_in.get("/refused?service=clerk").text
