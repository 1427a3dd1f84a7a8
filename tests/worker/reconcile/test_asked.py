"""A reconcile that somebody asked for, who does not wait: workers go on until it is over."""

import pytest

from integrations.errors import Permanent
from tests.worker import stories
from tests.worker.reconcile.shop import Shop, sync
from worker import inbox, reconcile_asked, upkeep


@pytest.fixture
def shops(clean):
    return Shop("product", stories.product()), Shop("customer", stories.customer())


def refuse(*_given):
    raise Permanent("no")


def test_what_is_asked_is_done_by_who_answers_the_bell_and_is_over_then(shops, rows, bells):
    assert reconcile_asked.ask("stripe", apply=True, by="ann")
    assert bells("stripe.work") == ["stripe.sync.asked"]
    assert rows("stripe_products") == []

    assert reconcile_asked.carry_on(sync(*shops)) == "complete"
    assert [len(rows(f"stripe_{name}")) for name in ("products", "customers")] == [1, 1]
    assert reconcile_asked.asked() == {}
    assert reconcile_asked.carry_on(sync(*shops)) == "nothing is asked for"


def test_a_plan_changes_nothing(shops, rows, drift):
    reconcile_asked.ask("stripe", apply=False)
    reconcile_asked.carry_on(sync(*shops))
    assert rows("stripe_products") == []
    assert len(drift()) == 2


def test_it_is_asked_once_at_a_time_and_may_be_called_off(shops):
    assert reconcile_asked.ask("stripe", apply=False, by="ann")
    assert not reconcile_asked.ask("stripe", apply=True, by="ben")
    assert not reconcile_asked.asked()["stripe"].apply
    assert reconcile_asked.forget("stripe")
    assert not reconcile_asked.forget("stripe")


def test_where_the_service_is_away_upkeep_rings_and_what_is_over_is_not_asked_again(shops, bells):
    products, customers = shops
    customers.cut = 0
    reconcile_asked.ask("stripe", apply=True)
    told = reconcile_asked.carry_on(sync(*shops))
    assert told == "product=complete customer=stopped: Transient: away"
    asked = products.calls

    inbox.redis().delete("stripe.work")
    assert upkeep.runs({}) == "rung=1"
    assert bells("stripe.work") == ["stripe.sync.asked"]
    customers.cut = 10**9
    assert reconcile_asked.carry_on(sync(*shops)) == "complete"
    assert products.calls == asked


def test_a_paused_service_is_left_alone(shops):
    reconcile_asked.ask("stripe", apply=True)
    inbox.pause("stripe")
    assert reconcile_asked.carry_on(sync(*shops)) == "product=paused"
    assert shops[0].calls == 0
    assert "stripe" in reconcile_asked.asked()


def test_at_the_end_it_is_told_what_failed(shops):
    products, customers = shops
    products.page = refuse
    reconcile_asked.ask("stripe", apply=True)
    assert reconcile_asked.carry_on(sync(*shops)) == "failed: /product"
    assert customers.calls
    assert reconcile_asked.asked() == {}


def test_called_off_and_asked_anew_meanwhile_it_begins_from_the_start(shops):
    products, _ = shops
    page = products.page

    def meanwhile(*given):
        reconcile_asked.forget("stripe")
        reconcile_asked.ask("stripe", apply=False, by="ben")
        return page(*given)

    products.page = meanwhile
    reconcile_asked.ask("stripe", apply=True, by="ann")
    assert reconcile_asked.carry_on(sync(*shops)).endswith("called off")
    assert reconcile_asked.asked()["stripe"] == reconcile_asked.Asked(apply=False, by="ben")
