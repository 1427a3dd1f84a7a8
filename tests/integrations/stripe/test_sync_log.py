"""Stripe's own log of events, read from one time to another."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from integrations.interface import Delivery
from integrations.stripe import STRIPE
from integrations.stripe.sync.log import LOG
from tests.integrations.stripe.lists import NOW

SINCE = datetime.fromtimestamp(NOW - 3600, UTC)
UNTIL = datetime.fromtimestamp(NOW, UTC)


def event(n, created, **rest):
    """Return an event of Stripe's; `n` is its place in the log."""
    told = {"id": f"cus_{n}", "object": "customer", "balance": 10**17 + n, "name": "\u00fc\u0000"}
    return {
        "id": f"evt_{n:05}",
        "object": "event",
        "type": "customer.updated",
        "created": created,
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "data": {"object": told},
        **rest,
    }


@pytest.fixture
def log(stripe):
    """Fill Stripe's log with events of these seconds before NOW, oldest first."""

    def fill(*ago):
        assert list(ago) == sorted(ago, reverse=True)
        events = [event(n, NOW - seconds) for n, seconds in enumerate(ago)]
        stripe.add("/v1/events", events[::-1])
        return [e["id"] for e in events]

    return fill


def pages(account="", *, since=SINCE, until=UNTIL, after=None):
    while True:
        page = LOG.read(account, since, until, after)
        yield page
        if (after := page.after) is None:
            return


def ids(found):
    return [one.event_id for page in found for one in page.events]


@pytest.mark.parametrize(
    "ago",
    [
        [],
        [5],
        [60] * 100,
        [*[61] * 90, *[60] * 90, *[59] * 90],
        range(1200, 0, -1),
        [*[3000] * 90, *[2000] * 90, *range(900, 0, -1), *[1] * 40],
    ],
)
def test_each_event_comes_once_and_the_older_one_first(log, ago):
    there = log(*ago)
    assert ids(pages()) == there


def test_of_a_crowded_second_none_is_skipped(log):
    there = log(*[61] * 10, *[60] * 350, *[59] * 10)
    found = ids(pages())
    assert sorted(found) == there
    assert (found[:10], found[-10:]) == (there[:10], there[-10:])


def test_it_goes_on_behind_any_page_as_if_never_stopped(log):
    log(*[60] * 150, *range(20, 0, -1))
    whole = list(pages())
    for n, page in enumerate(whole[:-1]):
        assert ids(pages(after=page.after)) == ids(whole[n + 1 :])


def test_it_goes_on_where_the_event_it_stood_at_is_forgotten(log, stripe):
    there = log(*[60] * 250, *range(50, 0, -1))
    first = next(pages())
    stripe.at["/v1/events"] = [e for e in stripe.at["/v1/events"] if e["created"] > NOW - 60]
    assert ids(pages(after=first.after)) == there[250:]


def test_a_window_begins_with_its_first_second_and_ends_before_its_last(log):
    there = log(31, 30, 29, 21, 20, 19)
    since, until = UNTIL - timedelta(seconds=30), UNTIL - timedelta(seconds=20)
    assert ids(pages(since=since, until=until)) == there[1:4]
    part = timedelta(milliseconds=300)
    assert ids(pages(since=since + part, until=until + part)) == there[1:5]
    assert ids(pages(since=until, until=since)) == []


def test_a_quiet_log_takes_one_call_and_a_busy_one_few_more_than_its_pages(log, stripe):
    log(3000, 20)
    assert len(ids(pages())) == 2
    assert len(stripe.asked) == 1
    log(*range(1000, 0, -1))
    del stripe.asked[:]
    assert len(ids(pages())) == 1000
    assert len(stripe.asked) < 40


def test_an_event_is_what_a_webhook_would_bring(log, stripe):
    log(5)
    ((one,),) = (page.events for page in pages())
    assert (one.type, one.created_at) == ("customer.updated", UNTIL - timedelta(seconds=5))
    assert json.loads(one.body) == stripe.at["/v1/events"][0]
    read = STRIPE.read(Delivery("stripe", "", one.body, {}, UNTIL))
    assert (read.id, read.snapshot.object["balance"]) == ("evt_00000", 10**17)


def test_of_another_account_an_event_says_whose_it_is(stripe):
    stripe.add("/v1/events", [event(2, NOW - 1, account="acct_1"), event(1, NOW - 2)])
    bodies = [json.loads(one.body) for page in pages("acct_1") for one in page.events]
    assert [body["account"] for body in bodies] == ["acct_1", "acct_1"]
    assert set(stripe.accounts) == {"acct_1"}
