"""The proof of convergence: nothing is found in what is sound, and what is not is found."""

from dataclasses import replace

import pytest

from integrations import INTEGRATIONS
from integrations.clerk import CLERK
from integrations.stripe import STRIPE
from proof.context import Context
from proof.convergence import run
from proof.convergence.run import CannotProve, check, is_told, prove
from simulator.life import Life, Source, to
from simulator.lives import SOURCES

USERS = replace(CLERK, mirrors={"user": CLERK.mirrors["user"]})
OF_USERS = replace(SOURCES["clerk"], lives={"user": SOURCES["clerk"].lives["user"]})


@pytest.fixture
def context(clean):
    """The least that may be tried: one story about each mirror."""
    return Context(seed=5, seconds=0, say=lambda _: None)


FEW = ("price", "product")
OF_FEW = replace(SOURCES["stripe"], lives={of: SOURCES["stripe"].lives[of] for of in FEW})


def few(**changed):
    """Stripe with prices and products alone, some of their mirrors changed."""
    return replace(STRIPE, mirrors={of: STRIPE.mirrors[of] for of in FEW} | changed)


def prices(rows):
    """The same, with what becomes of a price changed."""
    mirror = STRIPE.mirrors["price"]
    return few(price=replace(mirror, rows=lambda price: rows(mirror, price)))


@pytest.mark.parametrize(
    "service", [s for s in INTEGRATIONS.values() if is_told(s)], ids=lambda s: s.name
)
def test_nothing_diverges(service, context):
    part = prove(context, service)

    assert part.findings == []
    assert part.counts["divergent"] == 0
    assert part.counts["orders_tried"] >= 120 * len(service.mirrors)
    assert [row[:2] for row in part.tables[0].rows] == [[of, 1] for of in service.mirrors]
    assert column(part, "all orders of") == [5] * len(service.mirrors)
    assert (
        f"6 deliveries: not told in all 720 orders for {', '.join(service.mirrors)}: "
        in (part.notes[1])
    )


def column(part, name):
    (table,) = part.tables
    return [row[list(table.heads).index(name)] for row in table.rows]


def test_with_a_real_budget_all_orders_of_six_are_tried_whatever_they_take(context, monkeypatch):
    monkeypatch.setattr(run, "REAL", 0)
    part = prove(context, USERS, OF_USERS)
    assert column(part, "all orders of") == [6]
    assert column(part, "orders tried") == [840]
    assert part.findings == []
    assert not any("not told in all" in note for note in part.notes)
    assert any("1920 ways" in note for note in part.notes)


def test_the_tables_are_empty_afterwards(context, sql):
    prove(context, USERS, OF_USERS)
    assert sql.execute("SELECT count(*) FROM events").fetchone() == (0,)
    assert sql.execute("SELECT count(*) FROM clerk_users").fetchone() == (0,)


def test_a_clock_that_tells_versions_badly_is_found(context):
    def read(delivery):
        event = CLERK.read(delivery)
        return replace(event, snapshot=replace(event.snapshot, clock=1))

    part = prove(context, replace(USERS, read=read), OF_USERS)
    assert part.counts["divergent"] > 0
    assert part.findings[0].kind == "divergent"
    for word in ("user.created", "told", "clerk_users user_ExampleUser.clock is 1"):
        assert word in part.findings[0].what


def test_content_that_depends_on_the_order_is_found_in_a_short_story(context):
    """The rows of a price say how many were projected before it."""
    seen = []

    def counted(mirror, price):
        seen.append(price.id)
        row, *others = mirror.rows(price)
        yield replace(row, values=row.values | {"nickname": str(len(seen))})
        yield from others

    part = prove(context, prices(counted), OF_FEW)
    assert "stripe_prices price_ExamplePrice.nickname is" in part.findings[0].what
    assert "1: " not in part.findings[0].what  # one event is enough: the story was reduced


def test_a_pointer_without_a_row_is_found(context):
    def forgetful(mirror, price):
        return (row for row in mirror.rows(price) if not isinstance(row.of, str))

    part = prove(context, prices(forgetful), OF_FEW)
    assert any("stripe_products prod_ExampleProduct is missing" in f.what for f in part.findings)


def test_a_row_with_an_id_of_no_copy_is_found(context):
    """Beside each price that is written another one is, whose id was cut off."""

    def cut(mirror, price):
        row, *others = mirror.rows(price)
        yield from (row, replace(row, of="price_Exam"), *others)

    part = prove(context, prices(cut), OF_FEW)
    assert any("stripe_prices price_Exam is of no copy" in f.what for f in part.findings)


def test_what_every_copy_mentions_under_one_id_is_not_a_stray(context):
    price = OF_FEW.lives["price"]
    life = replace(
        price,
        made=lambda at: price.made(at) | {"product": "prod_everybodys"},
        names=lambda _: [("product", "prod_everybodys")],
    )
    source = replace(OF_FEW, lives={**OF_FEW.lives, "price": life})
    assert prove(context, few(), source).findings == []


def test_what_is_not_handled_is_found(context):
    def read(delivery):
        raise ValueError("never")

    part = prove(context, replace(USERS, read=read), OF_USERS)
    assert any("the ledger holds {'retrying':" in f.what for f in part.findings)
    assert part.counts["divergent"] > 0


def test_it_refuses_tables_that_are_in_use(context, sql):
    sql.execute(
        "INSERT INTO events (service, event_id, endpoint, account, status, received_at)"
        " VALUES ('acme', 'evt_1', '', '', 'handled', now())"
    )
    with pytest.raises(CannotProve, match="is in use"):
        prove(context, CLERK)
    assert sql.execute("SELECT event_id FROM events").fetchall() == [("evt_1",)]


def test_it_names_the_mirrors_that_have_no_life():
    source = SOURCES["stripe"]
    lives = {of: life for of, life in source.lives.items() if of not in {"price", "customer"}}
    with pytest.raises(CannotProve, match="no life is given for customer, price"):
        check(STRIPE, replace(source, lives=lives))


def test_it_refuses_ids_that_cannot_be_copied():
    life = replace(SOURCES["clerk"].lives["user"], made=lambda _: {"id": "user_1"})
    with pytest.raises(CannotProve, match="user makes does not hold Example"):
        check(USERS, replace(SOURCES["clerk"], lives={"user": life}))


def test_it_names_a_service_that_nothing_tells_of(context):
    with pytest.raises(CannotProve, match="nothing tells stories of acme"):
        prove(context, replace(CLERK, name="acme"))


def test_a_service_of_ones_own_gives_its_source(context):
    """It looks like Clerk, and needs no more than an example, its events and a change."""
    life = Life(
        made=lambda at: {"id": "user_Example", "object": "user", "updated_at": at * 1000},
        created="user.created",
        updated="user.updated",
        deleted="user.deleted",
        changes=[to(username="ada")],
        stamped=lambda user, at: user | {"updated_at": at * 1000},
    )
    source = Source({"user": life}, SOURCES["clerk"].wrap)
    part = prove(context, replace(USERS, name="acme"), source)
    assert (part.title, part.findings) == ("Convergence: acme", [])


@pytest.mark.parametrize("service", INTEGRATIONS.values(), ids=INTEGRATIONS)
def test_every_mirror_has_a_life(service):
    check(service, SOURCES[service.name])
