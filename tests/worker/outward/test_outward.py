"""Loops is to know each user that it should. It lists no contacts, so each is asked for."""

from integrations.targets import TARGETS
from worker.deliver import deliver
from worker.retry import RetryPolicy
from worker.syncs import outward

ADA = {"id": "cm_1", "userId": "user_1", "email": "ada@example.org", "firstName": "Ada"}


def performed():
    return deliver(TARGETS["loops"], RetryPolicy(first=3600))


def test_a_user_whom_loops_lacks_is_written_there_and_is_not_subscribed_by_it(
    loops, user, drift, effects, account
):
    user(last_name="Example")
    assert outward.run().status == "complete"
    assert account() == ("complete", 0, 0, 1, 0)
    ((table, row_id, field, here, there, cause),) = drift()
    assert (table, row_id, field, there) == ("clerk_users", "user_1", "*", None)
    assert here.startswith("sha256:")
    assert cause == "changed there without an event"
    assert effects() == [("user_1", "contact", "waiting", "loops")]

    performed()
    sent = {"userId": "user_1", "email": "ada@example.org", "firstName": "Ada"}
    assert loops.sent == [sent | {"lastName": "Example"}]


def test_a_contact_that_is_as_it_should_be_is_left_alone_and_kept(loops, user, drift, account, sql):
    user()
    loops.contacts.append(ADA | {"email": "Ada@Example.org", "lastName": None, "subscribed": True})
    outward.run()

    assert account() == ("complete", 1, 1, 0, 0)
    assert drift() == []
    kept = sql.execute("SELECT id, user_id, subscribed, source, clock FROM loops_contacts")
    assert kept.fetchall() == [("cm_1", "user_1", True, "fetch", 1_716_579_403_000)]


def test_what_differs_is_told_by_hashes_and_written_as_the_user_is(
    loops, user, drift, effects, account
):
    user(first_name="Ada", last_name="Example")
    loops.contacts.append(ADA | {"email": "old@example.org", "lastName": "Example"})
    outward.run()

    assert account() == ("complete", 1, 0, 1, 0)
    ((_, _, field, here, there, _),) = drift()
    assert field == "primary_email"
    assert here.startswith("sha256:")
    assert there.startswith("sha256:")
    assert here != there
    assert effects() == [("user_1", "contact", "waiting", "loops")]


def test_who_left_is_not_subscribed_again(loops, user, effects):
    user(first_name="Ada", last_name="Example")
    loops.contacts.append(ADA | {"subscribed": False})
    outward.run()
    performed()
    (sent,) = loops.sent
    assert "subscribed" not in sent


def test_a_plan_only_looks(loops, user, drift, sql, account):
    user()
    user("user_2", primary_email="bea@example.org")
    loops.contacts.append(ADA | {"firstName": "Another"})
    outward.run(plan=True)

    assert account() == ("complete", 1, 0, 0, 0)
    assert [row[1:3] for row in drift()] == [("user_1", "first_name"), ("user_2", "*")]
    for table in ("effects", "loops_contacts"):
        assert sql.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_deleted_users_placeholders_and_those_without_an_address_are_not_asked_for(loops, user):
    user("user_1", deleted_at="2026-01-01")
    user("user_2", data=None, clock=0)
    user("user_3", primary_email=None)
    user("user_4")
    outward.run()
    assert loops.asked == ["user_4"]


def test_an_effect_that_waits_explains_the_difference_and_is_not_added_again(
    loops, user, drift, effects, sql
):
    user()
    sql.execute(
        "INSERT INTO effects (target, action, entity) VALUES ('loops', 'contact', 'user_1')"
    )
    outward.run()
    assert [row[5] for row in drift()] == ["waiting event"]
    assert len(effects()) == 1


def test_a_dead_effect_explains_it_too_and_another_is_added(loops, user, drift, effects, sql):
    user()
    sql.execute(
        "INSERT INTO effects (target, action, entity, status, settled_at)"
        " VALUES ('loops', 'contact', 'user_1', 'dead', now())"
    )
    outward.run()
    assert [row[5] for row in drift()] == ["dead letter"]
    assert [row[2] for row in effects()] == ["dead", "waiting"]


def test_where_what_a_run_had_added_is_dead_no_other_one_is(loops, user, drift, effects, sql):
    user()
    outward.run()
    sql.execute("UPDATE effects SET status = 'dead', settled_at = now()")
    sql.execute("TRUNCATE sync_runs, drift")
    outward.run()
    assert [row[5] for row in drift()] == ["dead letter"]
    assert [row[2] for row in effects()] == ["dead"]


def test_users_who_came_with_a_listing_were_there_before_us(loops, user, drift):
    user(source="list")
    outward.run()
    assert [row[5] for row in drift()] == ["created before us"]


def test_whom_the_reactions_make_no_contact_nobody_asks_for(loops, user, monkeypatch):
    from integrations import reactions as ours
    from worker import reactions

    monkeypatch.setattr(ours, "REACTIONS", [])
    reactions.table.cache_clear()
    user()
    outward.run()
    reactions.table.cache_clear()
    assert loops.asked == []
