"""A population: what was before, and the lives that follow."""

from collections import Counter
from itertools import groupby, pairwise

import pytest

from simulator.population import ROUNDS, Thrown, before, lives

NOW = 1_700_000_000


def population(customers, thrown):
    return before(customers, thrown), lives(customers, thrown)


@pytest.fixture(scope="module")
def told():
    return population(300, Thrown(7, NOW, NOW))


def test_the_same_seed_tells_the_same(told):
    assert population(300, Thrown(7, NOW, NOW)) == told
    assert population(300, Thrown(8, NOW, NOW)) != told


def test_what_was_before_is_the_same_whenever_life_begins(told):
    earlier, life = population(300, Thrown(7, NOW, NOW + 100))
    assert earlier == told[0]
    assert {step.at for step in life} == {step.at + 100 for step in told[1]}


def test_no_event_tells_of_what_was_before(told):
    earlier, life = told
    assert {step.event for step in earlier} == {None}
    assert all(step.at < NOW for step in earlier)
    assert all(NOW <= step.at < NOW + ROUNDS for step in life)
    assert all(one.at <= next_.at for one, next_ in pairwise(life))


def test_everything_happens_that_a_rehearsal_needs(told):
    earlier, life = told
    silent = Counter((step.of, step.gone) for step in life if step.event is None)
    assert silent["customer", True]
    assert silent["customer", False]
    assert silent["payment_method", False]
    assert silent["user", False]
    assert {"customer", "invoice", "organization_membership"} <= {s.of for s in life if s.gone}
    assert {step.of for step in earlier} >= {"customer", "price", "invoice", "user", "refund"}
    assert {step.of for step in life} >= {"dispute", "checkout.session", "organization"}


def test_nothing_happens_to_what_is_gone(told):
    for _, steps in groupby(sorted([*told[0], *told[1]], key=_who), key=_who):
        assert not any(step.gone for step in list(steps)[:-1])


def _who(step):
    return step.service, step.of, step.object["id"]


def test_few_objects_change_twice_in_one_second(told):
    own_clock = {"product"}
    seconds = Counter(
        (*_who(step), step.at)
        for step in told[1]
        if step.service == "stripe" and step.event and step.of not in own_clock
    )
    ties = sum(count > 1 for count in seconds.values())
    assert 0 < ties < len(seconds) / 50


def test_whatever_an_object_names_is_there(told):
    there = {(step.of, step.object["id"]) for part in told for step in part}
    named = {
        (of, step.object[of])
        for part in told
        for step in part
        for of in ("customer", "invoice", "charge", "payment_intent", "payment_method")
        if step.object.get(of)
    }
    assert named <= there
