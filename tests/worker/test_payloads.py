"""What an effect said goes when it is long done; its row and key stay."""

import pytest

from settings import settings
from worker import archive

INSERT = """
    INSERT INTO effects (target, action, payload, entity, key, status, settled_at)
    VALUES ('loops', 'tell', %s, %s, %s, %s, now() - %s::interval)
"""


@pytest.fixture
def retention(monkeypatch):
    """Have what is older than 30 days go."""
    monkeypatch.setenv("EVENTS_RETENTION_DAYS", "30")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def effects(sql):
    """Insert effects that got their status so long ago; return their payloads by key."""
    payload = '{"email": "ada@example.org"}'
    for status in ("sent", "merged", "discarded", "held", "dead"):
        sql.execute(INSERT, [payload, None, f"old {status}", status, "31 d"])
    sql.execute(INSERT, [payload, None, "new", "sent", "29 d"])
    sql.execute(INSERT, [None, "user_1", "entity", "sent", "31 d"])
    return lambda: dict(sql.execute("SELECT key, payload FROM effects").fetchall())


def test_what_was_said_goes_when_it_is_long_done(retention, effects):
    assert archive.run("upkeep.retire", []) == "left=0 payloads=3"
    gone, told = ("old sent", "old merged", "old discarded"), {"email": "ada@example.org"}
    assert effects() == {
        **{key: {} for key in gone},
        **dict.fromkeys(["old held", "old dead", "new"], told),
        "entity": None,
    }
    assert archive.run("upkeep.retire", []) == "left=0"


def test_nothing_goes_where_no_retention_is_set(effects):
    before = effects()
    archive.run("upkeep.retire", [])
    assert effects() == before
