"""A service that can be asked for single objects, for the tests of what is fetched again."""

import pytest

from integrations.interface import Snapshot
from integrations.syncs import FETCH, Collection, Sync
from tests.worker import stories
from tests.worker.stories import T0, drained, put
from worker.syncs import refetch

LATER = T0 + 60
OLD = "UPDATE {} SET first_seen_at = now() - interval '61 s'"


class Service:
    """A service that answers with what it is given by id, and notes who was asked for."""

    def __init__(self, name="stripe"):
        self.name = name
        self.there = {}
        self.asked = []
        self.meanwhile = lambda: None

    def says(self, id, object, clock=LATER * 1000, *, gone_at=None):
        columns = {"account": "", "livemode": False, "api_version": None}
        columns = columns if self.name == "stripe" else {"instance_id": "ins_1"}
        of = object.get("object", "customer")
        self.there[id] = Snapshot(of, object, clock, FETCH, gone_at=gone_at, columns=columns)

    def fetch(self, account, id):
        self.asked.append((account, id))
        self.meanwhile()
        answer = self.there[id]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def run(self, *types):
        types = types or ("customer", "subscription", "product", "price", "user")
        collections = [Collection(object_type=of, fetch=self.fetch) for of in types]
        return refetch.refetch(Sync(name=self.name, on=lambda: True, collections=collections))


@pytest.fixture
def service(clean):
    return Service()


@pytest.fixture
def row(rows):
    return lambda table="stripe_customers": rows(table)[0]


@pytest.fixture
def tie(clean):
    """Tell of two states of a customer in one second."""
    for n, name in enumerate(("Bea", "Cleo")):
        put(stories.customer_event(f"evt_{n}", name=name))
    drained()


def account(rows):
    names = ("status", "there", "fetched", "applied", "failed", "gone")
    return [tuple(run[name] for name in names) for run in rows("sync_runs")]
