"""Values that fit no column: the reason names the field, and Postgres is never asked."""

import random
import re
from collections.abc import Iterator
from copy import deepcopy

import pytest

from tests.integrations.clerk import current_shapes, old_shapes
from tests.integrations.stripe.test_columns import CASES
from tests.worker import stories
from tests.worker.stories import clerk, drained, put, stripe

_DICE = random.Random("a seed that is always the same")
ABSURD = [
    2**63 - 1,
    -(2**63),
    253_402_300_799,
    -62_135_596_800,
    "1e200000",
    "1e-20000",
    "9" * 140_000,
    "".join(chr(_DICE.randint(0x4E00, 0x9FFF)) for _ in range(3000)),
]
INVOICE: stories.Object = {"object": "invoice", "id": "in_1"}
NAMES_THE_FIELD = re.compile(r"Unreadable: _?[A-Z]\w+(\.\w+)+: \S")


def places(value) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of everything in the value that holds nothing itself."""
    if not isinstance(value, dict | list):
        yield ()
        return
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield from ((key, *path) for path in places(value[key]))


def spoilt(object, path, absurd):
    changed = inside = deepcopy(object)
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = absurd
    return changed


def of_stripe(absurd):
    """Yield every object with the value in each place; each has an account, so all are written."""
    for number, case in enumerate(CASES):
        for n, path in enumerate(places(case.object)):
            object = spoilt(case.object, path, absurd)
            yield stripe(f"evt_{number}_{n}", "thing", object, account=f"acct_{n}")


def of_clerk(absurd):
    """Yield the same of Clerk's, with an id for each."""
    shapes = [*current_shapes.SHAPES.values(), *old_shapes.SHAPES.values()]
    for number, (object, _) in enumerate(shapes):
        for n, path in enumerate(places(object)):
            id = f"{number}_{n}"
            yield clerk(f"msg_{id}", "thing", spoilt(object | {"id": id}, path, absurd))


TOLD = [("stripe", of_stripe, 100), ("clerk", of_clerk, 50)]


@pytest.mark.parametrize("absurd", ABSURD, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize(("service", "told", "many"), TOLD)
def test_an_absurd_value_anywhere_is_handled_or_dead_by_the_name_of_its_field(
    service, told, many, absurd, ledger
):
    for sent in told(absurd):
        put(sent)
    ended = drained(service)

    assert ended["left"] == 0
    assert ended["handled"] > many
    dead = [kept["error"] for kept in ledger().values() if kept["status"] == "dead"]
    assert [error for error in dead if not NAMES_THE_FIELD.match(error)] == []


@pytest.mark.parametrize("name", ["total_taxes", "total_tax_amounts"])
@pytest.mark.parametrize("amount", [2**62, -(2**62) - 1])
def test_taxes_that_add_up_to_more_than_fits_are_dead_by_their_name(name, amount, sql, ledger):
    put(stripe("evt_1", "thing", INVOICE | {name: [{"amount": amount}, {"amount": amount}]}))

    assert drained() == {"dead": 1, "left": 0}
    assert ledger()["evt_1"]["error"].startswith(f"Unreadable: Invoice.{name}: ")


def test_taxes_that_just_fit_are_kept(rows):
    put(stripe("evt_1", "thing", INVOICE | {"total_taxes": [{"amount": -(2**62)}] * 2}))
    drained()

    assert rows("stripe_invoices")[0]["tax"] == -(2**63)


END = 253_402_300_799  # the last second of the year 9999


def test_what_is_cut_short_at_the_end_of_time_is_to_be_fetched_then(rows):
    put(stripe("evt_1", "thing", stories.summary("cus_1", "a", has_more=True), END))
    assert drained() == {"handled": 1, "left": 0}

    assert rows("stripe_entitlement_summaries")[0]["refetch_at"].timestamp() == END


@pytest.mark.parametrize("together", [True, False])
def test_a_tie_at_the_end_of_time_is_to_be_fetched_then(together, rows):
    for number, name in enumerate("ab"):
        put(stories.customer_event(f"evt_{number}", END, name=name))
        _ = together or drained()
    drained()

    assert rows("stripe_customers")[0]["refetch_at"].timestamp() == END
