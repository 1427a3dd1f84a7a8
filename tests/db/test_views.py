"""What the views show, and that they are as docs/tables.md describes them."""

import pytest
from sqlalchemy.dialects import postgresql

from db.tables import PAGE, page
from db.views import VIEWS
from tests.worker import stories
from tests.worker.stories import T0, clerk, customer_event, drained, put, stripe

SUBSCRIBED = "customer.subscription.updated"
ORGANIZATION = {"object": "organization", "id": "org_1", "name": "Abacus", "updated_at": T0}
MEMBERSHIP = stories.membership()


def shown(sql, columns, view):
    return sorted(sql.execute(f"SELECT {columns} FROM {view}").fetchall())


@pytest.mark.parametrize("view", VIEWS.sorted_tables, ids=lambda view: view.name)
def test_a_view_has_the_columns_that_are_described(view, sql):
    found = sql.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
        [view.name],
    ).fetchall()
    dialect = postgresql.dialect()
    assert found == [(c.name, c.type.compile(dialect).lower()) for c in view.columns]


def test_the_page_of_tables_is_up_to_date():
    assert PAGE.read_text() == page(), "run: ./run tables"


def test_an_active_subscription_is_shown_with_its_customer_items_and_prices(sql):
    items = [stories.item("si_1"), stories.item("si_2", "price_2", quantity=3)]
    put(
        stripe("evt_1", SUBSCRIBED, stories.subscription(items=items)),
        customer_event("evt_2", email="ada@example.org"),
        stripe("evt_3", "price.created", stories.price("price_2", unit_amount=1200)),
        stripe("evt_4", "product.created", stories.product()),
    )
    drained()

    columns = "subscription, customer_email, item, quantity, price, unit_amount, product_name"
    assert shown(sql, columns, "active_subscriptions") == [
        ("sub_1", "ada@example.org", "si_1", None, "price_1", None, "Basic"),
        ("sub_1", "ada@example.org", "si_2", 3, "price_2", 1200, "Basic"),
    ]


@pytest.mark.parametrize("shape", [stories.subscription, stories.old_subscription])
def test_the_period_is_shown_in_both_shapes(shape, sql):
    put(stripe("evt_1", SUBSCRIBED, shape()))
    drained()

    columns = "extract(epoch FROM current_period_end)::int"
    assert shown(sql, columns, "active_subscriptions") == [(T0 + 86400,)]


def test_only_what_is_active_or_on_trial_is_shown_even_without_items(sql):
    for number, status in enumerate(["trialing", "past_due", "canceled", "incomplete", "paused"]):
        sub = stories.subscription(f"sub_{number}", [], status=status)
        put(stripe(f"evt_{number}", SUBSCRIBED, sub))
    drained()

    assert shown(sql, "subscription, status, item", "active_subscriptions") == [
        ("sub_0", "trialing", None)
    ]


def test_accounts_do_not_mix(sql):
    put(
        stripe("evt_1", SUBSCRIBED, stories.subscription()),
        stripe("evt_2", SUBSCRIBED, stories.subscription(), account="acct_1"),
        customer_event("evt_3", email="ada@example.org"),
    )
    drained()

    columns = "account, customer_email"
    assert sql.execute(f"SELECT {columns} FROM active_subscriptions ORDER BY 1").fetchall() == [
        ("", "ada@example.org"),
        ("acct_1", None),
    ]


def members(sql):
    columns = "organization_id, organization_name, user_id, primary_email, role"
    return shown(sql, columns, "organization_members")


def test_a_member_is_shown_with_the_organization_and_the_user(sql):
    put(
        clerk("msg_1", "organizationMembership.created", MEMBERSHIP),
        clerk("msg_2", "organization.created", ORGANIZATION),
        clerk("msg_3", "user.created", stories.user()),
    )
    drained("clerk")

    assert members(sql) == [("org_1", "Abacus", "user_1", "ada@example.com", "org:member")]


def test_a_member_is_shown_before_more_is_known(sql):
    put(clerk("msg_1", "organizationMembership.created", MEMBERSHIP))
    drained("clerk")

    assert members(sql) == [("org_1", None, "user_1", None, "org:member")]


@pytest.mark.parametrize(
    ("type", "gone"),
    [
        ("organizationMembership.deleted", MEMBERSHIP),
        ("organization.deleted", {"object": "organization", "id": "org_1", "deleted": True}),
        ("user.deleted", {"object": "user", "id": "user_1", "deleted": True}),
    ],
)
def test_nobody_is_a_member_when_one_of_the_three_is_deleted(type, gone, sql):
    put(clerk("msg_1", "organizationMembership.created", MEMBERSHIP), clerk("msg_2", type, gone))
    drained("clerk")

    assert members(sql) == []
