"""What the listing of a service is held against: reported, and repaired where that is asked for."""

import pytest

from tests.worker import stories
from tests.worker.batches import at
from tests.worker.reconcile.shop import NOW, Shop
from tests.worker.stories import T0, customer, drained, put
from worker import reconcile

CUSTOMERS = "stripe_customers"
MISSED, HERE = "missed event", "changed here"


def told(*customers, **options):
    """Stripe has these customers, and has told of them."""
    put(*[stories.stripe(f"evt_{c['id']}", "customer.updated", c) for c in customers])
    drained()
    return Shop("customer", *customers, **options)


def kept_user(rows):
    (row,) = rows("clerk_users")
    return row


def clerk(*users):
    """Clerk has these users, and has told of them."""
    put(*[stories.clerk(f"msg_{u['id']}", "user.updated", u) for u in users])
    drained("clerk")
    return Shop("user", *users, service="clerk")


def test_a_plan_reports_what_is_not_as_there_and_changes_nothing(clean, mirrored, drift, last_run):
    shop = told(customer(), customer("cus_2"), customer("cus_3"))
    shop.change("cus_2", currency="eur")
    before = mirrored()

    outcomes = reconcile.run(shop.sync, apply=False)

    assert str(outcomes["customer"]) == "complete"
    assert drift() == [("cus_2", "currency", MISSED, False)]
    assert mirrored() == before
    run = last_run()
    assert (run["there"], run["here"], run["fetched"], run["gone"]) == (3, 2, 1, 0)


def test_a_difference_is_repaired_with_the_time_of_the_listing(clean, rows, drift, last_run):
    shop = told(customer(), customer("cus_2"))
    shop.change("cus_2", currency="eur")

    reconcile.run(shop.sync, apply=True)

    _, row = sorted(rows(CUSTOMERS), key=lambda r: r["id"])
    assert (row["currency"], row["clock"], row["source"]) == ("eur", NOW * 1000, "list")
    assert drift() == [("cus_2", "currency", MISSED, True)]
    assert (last_run()["fetched"], last_run()["applied"]) == (1, 1)
    reconcile.run(shop.sync, apply=True)
    assert len(drift()) == 1


def test_a_column_that_was_edited_by_hand_is_repaired(sql, rows, drift):
    shop = told(customer(), customer("cus_2"), customer("cus_3"))
    sql.execute("UPDATE stripe_customers SET balance = 7 WHERE id = 'cus_1'")

    reconcile.run(shop.sync, apply=True)

    assert drift() == [("cus_1", "balance", HERE, True)]
    assert {row["balance"] for row in rows(CUSTOMERS)} == {None}


@pytest.mark.parametrize(
    "edit", ["first_name = 'Eve'", "data = jsonb_set(data, '{object}', '\"x\"')"]
)
def test_an_edit_of_the_very_version_that_is_there_is_repaired(sql, rows, drift, edit):
    shop = clerk(stories.user())
    before = kept_user(rows)
    sql.execute(f"UPDATE clerk_users SET {edit}")

    reconcile.run(shop.sync, apply=True)

    assert [(id, *rest) for id, _, *rest in drift()] == [("user_1", HERE, True)]
    row = kept_user(rows)
    assert (row["first_name"], row["data"], row["clock"]) == (None, before["data"], T0 * 1000)
    assert row["refetch_at"] is None


def test_what_came_while_it_was_compared_stands(sql, rows, drift):
    """The edited row is lowered only if it is what was compared."""
    shop = clerk(stories.user(), stories.user("user_2"))
    sql.execute("UPDATE clerk_users SET first_name = 'Eve' WHERE id = 'user_1'")
    sql.execute("UPDATE clerk_users SET deleted_at = now() WHERE id = 'user_2'")  # it is asked for
    newer = stories.user(at=T0 + 5, first_name="Grace")

    def tell():
        put(stories.clerk("msg_new", "user.updated", newer))
        drained("clerk")

    shop.meanwhile = tell
    reconcile.run(shop.sync, apply=True)

    first, second = sorted(rows("clerk_users"), key=lambda r: r["id"])
    assert (first["first_name"], first["clock"]) == ("Grace", (T0 + 5) * 1000)
    assert second["deleted_at"] is None
    assert drift() == [
        ("user_1", "first_name", HERE, False),
        ("user_2", "deleted_at", "changed there without an event", True),
    ]


def test_a_newer_version_here_is_no_drift(clean, rows, drift):
    shop = told(customer(currency="eur"))
    shop.now = T0 - 5
    shop.change("cus_1", currency="usd")

    reconcile.run(shop.sync, apply=True)

    assert drift() == []
    assert rows(CUSTOMERS)[0]["currency"] == "eur"


def test_of_an_own_clock_the_version_that_is_newer_here_stands(clean, rows, drift):
    shop = clerk(stories.user(at=T0 + 9, first_name="Grace"))
    shop.change("user_1", updated_at=T0 * 1000, first_name="Ada")

    reconcile.run(shop.sync, apply=True)

    assert drift() == []
    assert kept_user(rows)["first_name"] == "Grace"


def test_nothing_personal_is_in_the_report(clean, dicts):
    shop = told(customer(email="ada@example.com"))
    shop.change("cus_1", email="eve@example.com", address={"city": "Paris"}, balance=3, extra="Rue")

    reconcile.run(shop.sync, apply=False)

    found = {d["field"]: (d["here"], d["there"]) for d in dicts("SELECT * FROM drift")}
    assert found["balance"] == (None, "3")
    assert found["email"] == ("sha256:b5fc85e5", "sha256:d0574c49")
    assert all(x in str(found) for x in ("address", "email"))
    assert not any(x in str(found) for x in ("ada@", "eve@", "Paris", "Rue"))


def test_an_object_that_was_deleted_while_we_were_away_is_gone(clean, rows, drift, last_run):
    shop = told(customer(), customer("cus_2"), customer("cus_3"))
    del shop.objects["cus_2"]

    reconcile.run(shop.sync, apply=True)

    gone = {row["id"]: row["deleted_at"] for row in rows(CUSTOMERS)}
    assert gone == {"cus_1": None, "cus_2": at(NOW), "cus_3": None}
    assert drift() == [("cus_2", "deleted_at", MISSED, True)]
    assert (last_run()["there"], last_run()["gone"], last_run()["fetched"]) == (2, 1, 0)
    assert shop.asked == ["cus_2"]


def test_an_object_from_before_our_first_event_is_taken(clean, rows, drift, last_run):
    shop = told(customer())
    shop.objects["cus_0"] = customer("cus_0", created=T0 - 999)

    reconcile.run(shop.sync, apply=True)

    assert drift() == [("cus_0", "*", "created before us", True)]
    assert {row["id"] for row in rows(CUSTOMERS)} == {"cus_0", "cus_1"}
    assert (last_run()["here"], last_run()["fetched"]) == (1, 1)


def test_an_object_that_was_seen_only_in_another_is_taken(clean, rows, drift):
    put(stories.stripe("evt_1", "customer.subscription.updated", stories.subscription()))
    drained()
    shop = Shop("customer", customer(created=T0 - 999))

    reconcile.run(shop.sync, apply=True)

    assert drift() == [("cus_1", "*", "created before us", True)]
    assert rows(CUSTOMERS)[0]["name"] == "Ada"


def test_what_cannot_be_read_is_counted_and_does_not_go(clean, rows, last_run):
    shop = told(customer(), customer("cus_2"))
    shop.change("cus_1", created="yesterday")
    shop.change("cus_2", currency="eur")

    outcomes = reconcile.run(shop.sync, apply=True)

    assert str(outcomes["customer"]) == "failed: 1 could not be read or written"
    assert [row["deleted_at"] for row in rows(CUSTOMERS)] == [None, None]
    assert (last_run()["failed"], last_run()["fetched"]) == (1, 1)
