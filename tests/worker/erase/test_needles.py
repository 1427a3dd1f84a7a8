"""Ids and addresses are found behind what JSON and URLs escape, and not within longer ones."""

import pytest

from worker.erase.needles import Needles

ADA = Needles(frozenset({"user_1"}), frozenset({"ada@example.com"}))


@pytest.mark.parametrize(
    "text",
    [
        r'{"note": "of\nuser_1"}',
        r'{"note": "\u003cuser_1\u003e"}',
        "https://x/?of%3Duser_1%26b",
        "mailto%3Aada@example.com",
        "mailto%3aada%40example.com%20",
        r"\u003cADA@example.com\u003e",
        r"to:\tada@example.com",
    ],
)
def test_what_stands_behind_an_escape_is_found(text):
    assert ADA.named_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "user_12",
        "x-user_1",
        "x%2Duser_1",
        "x%41user_1",
        "b%2Bada@example.com",
        "b%2eada@example.com",
        r"b\u002bada@example.com",
        "ada@example.com.au",
    ],
)
def test_what_is_part_of_a_longer_one_is_not(text):
    assert not ADA.named_in(text)


def test_an_address_behind_an_escape_is_taken_out():
    told = r"mailto%3Aada@example.com, \u003cada@example.com\u003e"
    assert ADA.redacted(told) == r"mailto%3Aerased, \u003cerased\u003e"
