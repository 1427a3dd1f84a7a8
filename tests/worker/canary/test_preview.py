"""What a preview shows is what a redrive takes, and a discard: the oldest, by one rule."""

import pytest

from worker import causes, preview, redrives

# the last of these happened first, and died first
ENTER = (
    "INSERT INTO events (service, event_id, endpoint, account, type, status, attempts, received_at,"
    " settled_at, error) SELECT 'stripe', 'evt_' || n, '', '', 'invoice.paid', 'dead', 3,"
    " now() - n * interval '1 s', now() - n * interval '1 s', %s"
    " FROM generate_series(%s::int, %s::int) AS n"
)


@pytest.fixture
def dead(sql):
    """The cause of 12,000 dead events: of more than are grouped."""
    sql.execute(ENTER, ["KeyError: 'plan'", 1, 12_000])
    sql.execute(ENTER, ["ValueError: no", 12_001, 12_100])
    return next(one for one in causes.causes() if one.error.startswith("KeyError"))


def test_the_oldest_of_all_are_shown_also_where_more_are_dead_than_are_grouped(dead, advance, sql):
    met = preview.preview(dead)
    assert (met.looked_at, met.oldest[0]) == (100, "evt_12000")

    id = redrives.start(dead)
    advance(id)
    listed = "SELECT count(*), min(letter) FILTER (WHERE position = 1) FROM redrive_letters"
    assert sql.execute(listed).fetchone() == (12_000, "evt_12000")
    redrives.halt(id, "seen")

    assert redrives.discard(dead, "not ours", 2) == 2
    gone = sql.execute("SELECT event_id FROM events WHERE status = 'discarded' ORDER BY 1")
    assert gone.fetchall() == [("evt_11998",), ("evt_11999",)]


def test_what_begins_alike_is_another_cause(sql):
    for n, error in enumerate(("no plan 'a' here", "no plan 'b' there", "no plan `c` here", "no")):
        sql.execute(ENTER, [error, n, n])
    here = next(one for one in causes.causes() if one.error == "no plan '..' here")
    assert set(preview.preview(here).oldest) == {"evt_0", "evt_2"}
    assert redrives.discard(here, "not ours", 10) == 2
