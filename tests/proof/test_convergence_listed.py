"""What is listed between webhooks ends in the same rows, and where it does not, that is found."""

from dataclasses import replace

import pytest

from integrations.interface import Mirror
from integrations.stripe import STRIPE
from integrations.syncs import LIST
from proof.context import Context
from proof.convergence.story import Step, story
from proof.convergence.tell import stage
from proof.convergence.trial import trial
from simulator.lives import SOURCES

SOURCE = replace(SOURCES["stripe"], lives={"customer": SOURCES["stripe"].lives["customer"]})


class Short(Mirror):
    """Its listing leaves out the name."""

    def project(self, snapshot):
        told = snapshot.object
        if snapshot.source == LIST:
            told = {name: value for name, value in told.items() if name != "name"}
        return Mirror.project(self, replace(snapshot, object=told))


@pytest.fixture
def tried(clean):
    """Tell one story, with a second in between or without one; return what diverged."""

    def tell(mirror, later):
        customers = replace(STRIPE, mirrors={"customer": mirror})
        with stage(customers, SOURCE) as place:
            steps = [Step("customer"), Step("customer", 0, later), Step("customer", 1, later)]
            told = story(SOURCE, place.homes, "customer", steps)
            dice = Context(seed=5, seconds=0, say=lambda _: None).dice("listed")
            found = trial(place, [told], 24, dice).divergences
            place.clear()
        return [str(one) for one in found]

    return tell


@pytest.mark.parametrize("later", [0, 1])
def test_a_listing_anywhere_between_webhooks_ends_in_equal_rows(later, tried):
    assert tried(STRIPE.mirrors["customer"], later) == []


def test_a_listing_that_tells_less_than_the_webhooks_is_found(tried):
    customers = STRIPE.mirrors["customer"]
    found = tried(Short(customers.model, customers.schema, customers.rows, customers.remains), 1)
    assert found
    assert all(", listed before batch " in one for one in found)
