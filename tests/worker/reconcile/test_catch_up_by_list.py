"""What changed since the last time, of a service that keeps no log: Clerk's users, newest first."""

import pytest

from tests.worker import stories
from tests.worker.reconcile.shop import Shop
from tests.worker.stories import T0, drained, put, user
from worker.syncs import listing

DAY = 86400


@pytest.fixture
def shop(clean, sql):
    """Clerk has eight users, the last changed a day after the one before; it told of the first."""
    put(stories.clerk("msg_0", "user.created", user("user_0")))
    drained("clerk")
    sql.execute("UPDATE events SET received_at = to_timestamp(%s)", [T0 + 5 * DAY + 1])
    users = [user(f"user_{n}", T0 + n * DAY) for n in range(8)]
    return Shop("user", *users, service="clerk", newest_first=True)


@pytest.fixture
def again(sql):
    """Let a catch-up be due."""
    return lambda: sql.execute("UPDATE sync_runs SET started_at = started_at - interval '1 day'")


def ids(rows):
    return sorted(row["id"] for row in rows("clerk_users"))


def test_the_first_goes_as_far_back_as_the_ledger(shop, rows, last_run):
    assert listing.catch_up(shop.sync) == "user=complete"

    assert ids(rows) == ["user_0", "user_4", "user_5", "user_6", "user_7"]
    assert (last_run()["gap_from"].timestamp(), last_run()["gap_to"].timestamp()) == (
        T0 + 4 * DAY,
        T0 + 7 * DAY,
    )


def test_the_next_reads_to_known_ground_and_the_top_again(shop, rows, again, sql):
    sql.execute(
        "INSERT INTO sync_cursors (service, name, kind, complete_until)"
        " VALUES ('clerk', 'user', 'catch_up', to_timestamp(%s))",
        [T0 + 8 * DAY],
    )
    shop.now = T0 + 9 * DAY
    shop.change("user_1", updated_at=(T0 + 9 * DAY) * 1000, first_name="Grace")

    assert listing.catch_up(shop.sync) == "user=complete"
    assert ids(rows) == ["user_0", "user_1", "user_7"]
    assert shop.calls == 2
    (until,) = sql.execute("SELECT complete_until FROM sync_cursors").fetchone()
    assert until.timestamp() == T0 + 9 * DAY
    assert listing.catch_up(shop.sync) == "user=not now"
    again()
    assert listing.catch_up(shop.sync) == "user=complete"


def test_what_moves_to_the_top_while_it_reads_is_read(shop, rows, monkeypatch):
    def reach(place):
        if place == "sync.committed" and shop.calls == 1:
            shop.change("user_2", updated_at=(T0 + 10 * DAY) * 1000)

    monkeypatch.setattr("worker.sync.reach", reach)
    listing.catch_up(shop.sync)

    assert "user_2" in ids(rows)


def test_what_has_no_such_order_is_read_all_through(shop, rows):
    shop.options["newest_first"] = False

    assert listing.catch_up(shop.sync) == "user=complete"
    assert len(ids(rows)) == 8
