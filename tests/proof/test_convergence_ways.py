"""In how many ways a story is told."""

from itertools import chain, permutations
from math import factorial
from random import Random

import pytest

from proof.convergence.ways import natural, ways


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5])
def test_120_ways_hold_all_deliveries_and_all_splits_of_up_to_five(length):
    found = ways(length, 120, Random(1))
    assert len(found) == min(120, factorial(length) * 2 ** (length - 1))
    assert all(set(chain(*way.batches)) == set(range(length)) for way in found)
    assert {way.split for way in found} == set(range(2 ** (length - 1)))


@pytest.mark.parametrize(("length", "most"), [(4, 120), (5, 120), (6, 720)])
def test_all_orders_are_tried_before_one_comes_again(length, most):
    found = ways(length, most, Random(1))
    assert len({way.order for way in found}) == factorial(length)


def test_1920_ways_are_all_orders_of_five_in_all_splits():
    found = ways(5, 1920, Random(1))
    assert len({(way.order, way.split) for way in found}) == 1920 == factorial(5) * 2**4


def test_longer_stories_are_sampled():
    assert len(ways(8, 720, Random(1))) == 720
    assert len(ways(6, 120, Random(1))) == 120


def test_some_deliveries_come_again():
    found = ways(4, 120, Random(1))
    assert any(len(list(chain(*way.batches))) > 4 for way in found)


def test_what_comes_again_changes_no_order():
    """The ledger knows it by then: all orders are all orders for the rows too."""
    assert ways(3, 6, Random(1))[0].order == (0, 1, 2)
    assert [way.order for way in ways(5, 120, Random(1))] == list(permutations(range(5)))


def test_the_same_seed_gives_the_same_ways():
    assert ways(6, 120, Random(3)) == ways(6, 120, Random(3))


def test_the_natural_way_is_one_delivery_after_the_other():
    assert natural(3).batches == ((0,), (1,), (2,))
    assert str(natural(3)) == "0 | 1 | 2"
