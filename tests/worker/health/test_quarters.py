"""The history: counted once a quarter of an hour is over, and again for what came late."""

from worker.signals import quarters
from worker.tasks import upkeep

KEPT = "SELECT type, sum(events), sum(failed) FROM event_quarters GROUP BY type ORDER BY type"
PAUSED = """
    INSERT INTO events (service, event_id, endpoint, account, status, received_at)
    SELECT 'stripe', 'evt_paused_' || n, '', '', 'received', now() - n * interval '1 hour'
    FROM generate_series(1, 6) AS n
"""
LATE = """
    INSERT INTO events (service, event_id, endpoint, account, type, status, received_at)
    SELECT 'stripe', 'evt_late_' || n, '', '', 'late', 'handled', now() - n * interval '16 min'
    FROM generate_series(1, 3) AS n
"""


def test_what_came_in_is_counted_by_type_and_as_a_whole(past, sql):
    past("1 day", every="1 hour", until="1 hour", type="invoice.paid")
    past("1 day", every="1 hour", until="1 hour", status="dead", each=2)
    assert sql.execute(KEPT).fetchall() == [
        ("", 72, 48),
        ("customer.updated", 48, 48),
        ("invoice.paid", 24, 0),
    ]


def test_the_quarter_that_is_not_over_is_not_counted(past, sql):
    past("0 s", until="0 s")
    assert sql.execute(KEPT).fetchall() == []


def test_what_waited_in_the_inbox_is_counted_with_the_next_quarter(past, sql):
    past("35 min", until="35 min")
    sql.execute(LATE)
    quarters.count(["stripe"])
    assert ("late", 3, 0) in sql.execute(KEPT).fetchall()


def test_what_a_pause_left_unread_is_counted_by_its_type_when_it_is_read(sql):
    sql.execute(PAUSED)
    quarters.count(["stripe"])
    assert sql.execute(KEPT).fetchall() == []
    sql.execute("UPDATE events SET status = 'handled', type = 'invoice.paid'")
    quarters.count(["stripe"])
    assert sql.execute(KEPT).fetchall() == [("", 6, 0), ("invoice.paid", 6, 0)]


def test_nothing_is_counted_twice(past, sql):
    past("2 days", until="20 min")
    before = sql.execute(KEPT).fetchall()
    assert upkeep.history() == "days=0 forgotten=0"
    assert sql.execute(KEPT).fetchall() == before


def test_a_year_without_an_event_is_one_step(past, sql):
    past("34 days", until="34 days")
    past("20 min", until="20 min")
    sql.execute("TRUNCATE event_quarters")
    assert quarters.count(["stripe"]) == 2


def test_what_is_older_than_the_weeks_that_are_compared_is_forgotten(past, sql):
    past("34 days", until="20 min", every="1 day")
    sql.execute(
        "UPDATE event_quarters SET slot = slot - 672 WHERE slot < (SELECT max(slot) - 3000"
        " FROM event_quarters)"
    )
    assert quarters.forget() > 0
    assert quarters.forget() == 0
