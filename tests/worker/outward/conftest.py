"""Users, and a Loops that is asked for them.

This file is read before the stores run, so it imports what reads the settings only when it is used.
"""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from settings import settings

API = "https://app.loops.so/api/v1"
DATE = "Fri, 24 May 2024 19:36:44 GMT"


class Loops:
    """The contacts that there are, and what was asked; answers of `instead` come first.

    It is away once `away_after` were asked for.
    """

    def __init__(self):
        self.contacts, self.asked, self.sent, self.instead = [], [], [], []
        self.away_after = None

    def find(self, request):
        if len(self.asked) == self.away_after:
            return 503, {"date": DATE}, ""
        if self.instead:
            return self.instead.pop(0)
        (user_id,) = parse_qs(urlsplit(request.url).query)["userId"]
        self.asked.append(user_id)
        found = [one for one in self.contacts if one["userId"] == user_id]
        return 200, {"date": DATE}, json.dumps(found)

    def update(self, request):
        self.sent.append(json.loads(request.body))
        return 200, {}, '{"success": true}'


@pytest.fixture
def loops(clean, monkeypatch):
    monkeypatch.setenv("LOOPS_API_KEY", "loops_key")
    monkeypatch.setenv("CALL_LIMITS", "loops=1000")
    settings.cache_clear()
    fake = Loops()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback("GET", f"{API}/contacts/find", fake.find)
        mock.add_callback("PUT", f"{API}/contacts/update", fake.update)
        yield fake
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def user(sql):
    """Keep a user as the mirror has it."""

    def keep(id="user_1", **more):
        row = {"primary_email": "ada@example.org", "first_name": "Ada", "source": "webhook"}
        known = {"id": id, "data": json.dumps({"id": id}), "clock": 1} | row | more
        marks = ", ".join(["%s"] * len(known))
        sql.execute(
            f"INSERT INTO clerk_users ({', '.join(known)}) VALUES ({marks})", list(known.values())
        )

    return keep


@pytest.fixture
def drift(sql):
    query = "SELECT table_name, row_id, field, here, there, cause FROM drift ORDER BY row_id, field"
    return lambda: sql.execute(query).fetchall()


@pytest.fixture
def effects(sql):
    query = "SELECT entity, action, status, service FROM effects ORDER BY id"
    return lambda: sql.execute(query).fetchall()


@pytest.fixture
def account(sql):
    query = "SELECT status, there, here, applied, failed FROM sync_runs ORDER BY id DESC LIMIT 1"
    return lambda: sql.execute(query).fetchone()
