"""Dead letters are grouped by what they died of, whatever varies in their errors."""

import pytest

from tests.worker.canary.dying import customers
from tests.worker.stories import invoice
from worker import causes

ENTER = (
    "INSERT INTO events (service, event_id, endpoint, account, type, status, attempts, received_at,"
    " settled_at, error) VALUES (%s, %s, '', '', %s, 'dead', 3, now(), now() - %s::interval, %s)"
)


@pytest.fixture
def errors(sql):
    def group(*errors):
        for n, error in enumerate(errors):
            sql.execute(ENTER, ("stripe", f"evt_{n}", "invoice.paid", f"{n} min", error))
        return {one.error: one.count for one in causes.causes()}

    return group


def test_numbers_ids_and_quoted_values_do_not_part_what_is_one_cause(errors):
    assert errors(
        "KeyError: 'plan_1'",
        'KeyError: "plan_2"',
        "Permanent: no customer cus_9s8AbC since 2026-11-23 for user_aBcDeFgHiJ",
        "Permanent: no customer cus_77 since 2025-01-02 for user_zYxWvUtSrQ",
        "UniqueViolation: duplicate key in 0b1c9f1e-62c8-4f0e-8d7e-0d5c1a1b2c3d",
        "UniqueViolation: duplicate key in 77",
        "Transient: posthog answered 503 after 404 ms",
        "Transient: posthog answered 503 after 12 ms",
    ) == {
        "KeyError: '..'": 2,
        "Permanent: no customer # since # for #": 2,
        "UniqueViolation: duplicate key in #": 2,
        "Transient: posthog answered 503 after # ms": 2,
    }


ODD = (
    "KeyError: no plan plan_12 in version 3",
    "Transient: status foo12-ab3 and code x77, 12.5,7b",
    "no 'a1b22' nor \"x9\" nor user_aBcDeFgHiJ1 nor a_1_22B nor é55x",
    "HTTP: 404e12 503 ab404 4x04 x" + "1" * 300,
    "x" * 199 + "123",
)


def test_numbers_that_are_left_out_first_change_no_cause(sql):
    for error in ODD:
        rough, normal = causes._rough("%(e)s::text"), causes._normal("%(e)s::text")
        twice = causes._normal(f"({rough})")
        (first, second) = sql.execute(f"SELECT {normal}, {twice}", {"e": error}).fetchone()
        assert first == second


def test_statuses_and_words_do_part_them(errors):
    told = [
        "Permanent: stripe answered 404",
        "Permanent: stripe answered 422",
        "Permanent: it can't be read, and won't",
        "Permanent: null in plan_name of stripe_prices",
        "",
    ]
    assert errors(*told) == dict.fromkeys(told, 1)


def test_a_cause_tells_since_when_how_many_and_which_died_last(errors):
    errors("KeyError: 'a'", "KeyError: 'b'", "KeyError: 'c'")
    (found,) = causes.causes()
    assert (found.kind, found.service, found.type) == ("event", "stripe", "invoice.paid")
    assert (found.count, found.sample) == (3, "evt_0")
    assert round((found.last - found.first).total_seconds()) == 120


def test_services_types_and_effects_are_causes_apart(sql, died):
    died(invoice("evt_1"), *customers(2))
    sql.execute(ENTER, ("clerk", "msg_1", "user.created", "0", "Permanent: no"))
    sql.execute(
        "INSERT INTO effects (target, action, payload, status, settled_at, error)"
        " VALUES ('posthog', 'capture', '{}', 'dead', now(), 'Permanent: no')"
    )
    found = {(one.kind, one.service, one.type) for one in causes.causes()}
    assert found == {
        ("event", "stripe", "invoice.paid"),
        ("event", "stripe", "customer.updated"),
        ("event", "clerk", "user.created"),
        ("effect", "posthog", "capture"),
    }
    assert {one.service for one in causes.causes("clerk")} == {"clerk"}


def test_a_cause_is_found_by_the_beginning_of_its_id(errors):
    errors("KeyError: 'a'")
    (found,) = causes.causes()
    assert causes.cause(found.id[:4]) == found
    assert causes.cause("") is None
    assert causes.cause("zz") is None
