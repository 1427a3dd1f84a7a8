"""Events in the console: found by what people know of them, and shown without what is personal."""

import json
import re

from tests.console.conftest import token

ONE = {"service": "stripe", "id": "evt_1"}


def _found(answer):
    """Return the ids that a page lists, in its order."""
    return [part.partition("<")[0] for part in answer.text.split("id=evt_")[1:]]


def ids(client, **asked):
    answer = client.get("/events", query_string=asked)
    assert answer.status_code == 200
    return [found.partition('">')[2] for found in _found(answer)]


def _many(sql, count):
    """Fill the ledger with events of the last minutes."""
    sql.execute(
        "INSERT INTO events (service, event_id, endpoint, account, type, status, received_at)"
        " SELECT 'stripe', 'evt_' || lpad(n::text, 3, '0'), '', '', 'x', 'handled',"
        " now() - n * interval '1 second' FROM generate_series(0, %s) AS n",
        [count - 1],
    )


def test_events_are_found_by_what_people_know_of_them(signed_in, event):
    event("evt_a", type="invoice.paid", entity="cus_1", ago=10)
    event("evt_b", status="dead", error="Timeout: no answer", ago=20)
    event("evt_b2", service="clerk", type="user.created", ago=30)
    event("evt_c", ago=86400, body=b'{"name": "Grace", "city": "K\\u00f6ln"}')
    all_of_them = ["evt_a", "evt_b", "evt_b2", "evt_c"]
    for asked, expected in [
        ({}, all_of_them),
        ({"service": "clerk"}, ["evt_b2"]),
        ({"status": "dead"}, ["evt_b"]),
        ({"type": "invoice.*"}, ["evt_a"]),
        ({"type": "invoice_*"}, []),
        ({"q": "evt_b"}, ["evt_b"]),
        ({"q": "evt_"}, all_of_them),
        ({"q": "no answer"}, ["evt_b"]),
        ({"entity": "cus_1"}, ["evt_a"]),
        ({"q": "%"}, []),
        ({"q": "Grace"}, []),
        ({"q": "Grace", "bodies": "1"}, []),
        ({"until": "2020-01-01"}, []),
        ({"since": "2020-01-01T00:00"}, all_of_them),
    ]:
        assert ids(signed_in, **asked) == expected, asked


def test_payloads_are_searched_by_a_form_which_is_kept_without_its_words(signed_in, event, actions):
    event("evt_a", ago=10, body=b'{"name": "Ada"}')
    event("evt_b", service="clerk", ago=20, body=b'{"name": "Grace", "city": "K\\u00f6ln"}')
    csrf = token(signed_in.get("/events"))

    def found(words, **more):
        page = signed_in.post("/events/payloads", data={"words": words, "csrf": csrf, **more})
        return [found.partition('">')[2] for found in _found(page)]

    assert found("Grace") == ["evt_b"]
    assert found("K\u00f6ln") == ["evt_b"]
    assert found("Grace", service="stripe") == []
    assert found("name", service="stripe", status="handled") == ["evt_a"]
    assert found("Gr") == []
    kept = [("ann", "search in payloads", service, "") for service in ("", "", "stripe", "stripe")]
    assert actions()[1:] == kept


def test_pages_of_a_search_in_payloads_follow_each_other(signed_in, event):
    for number in range(70):
        event(f"evt_{number:03}", ago=number, body=b'{"x": "Grace"}')
    form = {"words": "Grace", "csrf": token(signed_in.get("/events"))}
    page = signed_in.post("/events/payloads", data=form)
    assert "evt_049" in page.text
    assert "evt_050" not in page.text
    older = page.text.partition('<div class="more">')[2]
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', older))
    assert "evt_069" in signed_in.post("/events/payloads", data=form).text


def test_pages_follow_each_other_without_a_gap_however_alike_the_times(signed_in, event, sql):
    for number in range(120):
        event(f"evt_{number:03}", service=("stripe", "clerk")[number % 2])
    sql.execute("UPDATE events SET received_at = '2026-01-01' WHERE event_id < 'evt_090'")
    seen, address = [], "/events"
    while address:
        page = signed_in.get(address)
        seen += [found.partition('">')[2] for found in _found(page)]
        _, _, older = page.text.partition('class="button quiet" href="')
        address = older.partition('"')[0].replace("&amp;", "&")
    assert len(seen) == 120
    assert sorted(seen) == [f"evt_{number:03}" for number in range(120)]


def test_a_search_that_takes_long_says_how_far_it_looked(signed_in, sql, monkeypatch):
    from worker import browse

    monkeypatch.setattr(browse, "_SECONDS", 0)
    _many(sql, 230)
    page = signed_in.get("/events?q=evt_001")  # no whole id but of one: found by its key at once
    assert "evt_001" in page.text
    page = signed_in.get("/events?type=never")
    assert "None among the newest 200 events" in page.text
    assert "Older" in page.text


def test_dead_and_retrying_events_are_found_behind_many_others(signed_in, event, sql, monkeypatch):
    from worker import browse

    monkeypatch.setattr(browse, "_SECONDS", 0)
    event("evt_dead", status="dead", ago=90_000)
    event("evt_later", status="retrying", ago=90_000, retry_at="2030-01-01")
    _many(sql, 210)
    assert ids(signed_in, status="dead") == ["evt_dead"]
    assert ids(signed_in, status="retrying") == ["evt_later"]


BODY = {
    "id": "evt_1",
    "type": "customer.updated",
    "livemode": True,
    "data": {
        "object": {
            "id": "cus_NffrFeUfNV2Hib",
            "email": "ada@example.org",
            "name": "Ada",
            "phone": 4915112345678,
            "address": {"city": "london", "line1": "12 St James's Square", "postal_code": "7"},
            "status": "past_due",
            "balance": -120,
            "nickname": "ada",
            "unforeseen": "Countess of Lovelace",
            "invoice_url": "https://pay.example/i/secret",
            "by": {"ada@example.org": "x"},
        }
    },
}
PERSONAL = ("ada@", "Ada", "4915112345678", "london", "James", "Countess", "pay.example", '"7"')


def test_personal_values_are_masked_until_they_are_revealed_and_that_is_kept(
    signed_in, event, actions
):
    event(body=json.dumps(BODY).encode())
    page = signed_in.get("/events/one", query_string=ONE)
    for plain in ("cus_NffrFeUfNV2Hib", "past_due", "-120", "true"):
        assert plain in page.text
    assert [value for value in PERSONAL if value in page.text] == []
    revealed = signed_in.post("/events/one/reveal", data={**ONE, "csrf": token(page)})
    assert "ada@example.org" in revealed.text
    assert "Countess of Lovelace" in revealed.text
    assert actions()[-1] == ("ann", "reveal", "stripe", "evt_1")
    assert "evt_1" in signed_in.get("/audit").text


def test_htmx_gets_only_the_part_that_it_asked_for(signed_in, event):
    event()
    part = signed_in.get("/events", headers={"HX-Request": "true"}).text
    assert "evt_1" in part
    assert "<html" not in part


def test_what_is_no_json_is_masked_whole(signed_in, event):
    event(body=b"\xff\x00 ada@example.org")
    page = signed_in.get("/events/one", query_string=ONE)
    assert "ada@" not in page.text
    assert "Reveal 1 masked value" in page.text


def test_an_event_is_told_in_the_order_of_time_with_its_effects(signed_in, event, sql):
    event(status="dead", attempts=16, error="Unreadable: data: is missing", endpoint="connect")
    sql.execute(
        "INSERT INTO effects (target, action, key, status, error, service, event_id, payload)"
        " VALUES ('loops', 'upsert', 'k', 'waiting', 'Timeout', 'stripe', 'evt_1', '{}')"
    )
    page = signed_in.get("/events/one", query_string=ONE).text
    told = ["Received", "<b>Dead</b>", "loops upsert", "Its effects"]
    assert sorted(told, key=page.index) == told
    assert "after 16 attempts: Unreadable: data: is missing" in page


def test_a_body_that_left_for_the_archive_is_fetched_on_demand(signed_in, event, sql):
    event(body=None)
    assert "not kept any more" in signed_in.get("/events/one", query_string=ONE).text
    sql.execute("UPDATE events SET archive_key = 'k', archive_offset = 0, archive_length = 9")
    assert "Fetch it" in signed_in.get("/events/one", query_string=ONE).text
    away = signed_in.get("/events/one/payload", query_string=ONE)
    assert "The archive did not give it" in away.text


def test_who_reveals_nothing_is_told_so(signed_in):
    form = {**ONE, "csrf": token(signed_in.get("/events"))}
    assert signed_in.post("/events/one/reveal", data=form).status_code == 404
