"""What a story says must stand in the end."""

from proof.convergence.story import AGAIN, BEGINNING, GONE, Step, story
from simulator.lives import SOURCES

STRIPE, CLERK = SOURCES["stripe"], SOURCES["clerk"]
HOMES = {of: f"table_of_{of}" for source in (STRIPE, CLERK) for of in source.lives}
OLD = "2018-11-08"


def told(source, *steps):
    return story(source, HOMES, steps[0].of, steps)


def only(found):
    (one,) = found.expected
    return one


def test_the_last_state_stands_with_the_time_of_its_event():
    found = told(STRIPE, Step("customer"), Step("customer", 0, later=1), Step("customer", 1, 1))
    row = only(found)
    assert [v.data["name"] for v in row.versions] == ["Bea"]
    assert (row.clock, row.deleted_at) == ((BEGINNING + 2) * 1000, None)
    assert row.truth == row.versions[0]
    assert found.kind == "settled"


def test_two_contents_of_one_second_are_a_tie_and_the_last_is_the_truth():
    found = told(STRIPE, Step("customer"), Step("customer", 0))
    assert [v.data["name"] for v in only(found).versions] == ["Ada Example", "Bea"]
    assert only(found).truth.data["name"] == "Bea"
    assert found.kind == "tied"


def test_the_same_content_again_is_no_tie():
    found = told(STRIPE, Step("customer"), Step("customer", AGAIN))
    assert len(only(found).versions) == 1


def test_two_shapes_of_one_state_in_one_second_are_a_tie():
    found = told(STRIPE, Step("customer"), Step("customer", AGAIN, version=OLD))
    assert ["account_balance" in v.data for v in only(found).versions] == [False, True]
    assert "balance" in only(found).truth.data


def test_an_objects_own_time_of_change_is_its_clock():
    found = told(CLERK, Step("user"), Step("user", AGAIN, later=5))
    assert only(found).clock == BEGINNING * 1000
    assert found.told[1].at == BEGINNING + 5


def test_a_deletion_ends_the_story_and_leaves_the_last_content():
    steps = [Step("price"), Step("price", 0, 1), Step("price", GONE, 1), Step("price", 1, 1)]
    found = told(STRIPE, *steps)
    row = next(e for e in found.expected if e.table == "table_of_price")
    assert [t.type for t in found.told] == ["price.created", "price.updated", "price.deleted"]
    assert (row.deleted_at, row.clock) == (BEGINNING + 2, (BEGINNING + 1) * 1000)
    assert row.versions[0].data["active"] is False
    assert found.kind == "deleted"


def test_what_was_only_mentioned_is_expected_without_content():
    found = told(STRIPE, Step("subscription"))
    mentioned = {e.id for e in found.expected if not e.versions}
    assert mentioned == {"cus_ExampleCustomer", "price_ExamplePrice", "prod_ExampleProduct"}


def test_a_set_holds_the_members_of_each_version():
    found = told(STRIPE, Step("subscription"), Step("subscription", 1))
    row = next(e for e in found.expected if e.table == "table_of_subscription")
    members = [set(v.members["stripe_subscription_items"]) for v in row.versions]
    assert members == [{"si_ExampleItem"}, {"si_ExampleSecond"}]


def test_it_reads_as_one_line():
    text = str(told(STRIPE, Step("customer"), Step("customer", 0, 1, OLD)))
    assert text == "0: customer.created at 0 s; 1: customer.updated at 1 s as of 2018-11-08 (name)"
