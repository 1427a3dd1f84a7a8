"""What costs a call for each customer is reconciled less often than the rest, and after it."""

from types import SimpleNamespace

import pytest

from tests.worker import stories
from tests.worker.reconcile.shop import Shop, sync
from worker import reconcile
from worker.syncs import listing


@pytest.fixture
def service(clean):
    methods = Shop("payment_method", {"id": "pm_1", "object": "payment_method"}, dear=True)
    made = sync(methods, Shop("product", stories.product()))
    listing.backfill(made)
    return made


@pytest.fixture
def every(monkeypatch):
    """Have dear ones reconciled once in so many hours."""
    from settings import settings

    def set(hours):
        given = settings()
        own = given.syncs.model_copy(update={"reconcile_dear_hours": hours})
        changed = SimpleNamespace(syncs=own, inbox=given.inbox)
        monkeypatch.setattr(reconcile, "settings", lambda: changed)

    return set


def test_it_comes_last_and_its_slot_lasts_longer(service, every, sql):
    every(10**6)
    assert reconcile.scheduled(service) == "product=complete payment_method=complete"

    sql.execute("UPDATE sync_runs SET started_at = started_at - interval '1 day'")
    assert reconcile.scheduled(service) == "product=complete payment_method=not now"


def test_what_was_never_copied_whole_is_not_reconciled_unasked(service, every, sql):
    every(1)
    sql.execute("DELETE FROM sync_runs WHERE name = 'product'")
    assert reconcile.scheduled(service) == "payment_method=complete"


def test_switched_off_it_is_left_to_who_asks_for_it(service, every):
    every(0)
    assert reconcile.scheduled(service) == "product=complete"
    assert reconcile.run(service, apply=False).keys() == {"payment_method", "product"}
