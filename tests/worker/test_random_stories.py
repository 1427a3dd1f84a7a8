"""Stories that nobody made up: few contents, few seconds, so that ties of every kind happen."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worker import stories
from tests.worker.stories import T0, drained, put, stripe

_fresh: Iterator[int] = count()

versions = st.tuples(
    st.sampled_from(["customer", "gone", "bare", "subscription"]),
    st.integers(0, 2),  # the second
    st.integers(0, 2),  # the content
)


@st.composite
def tellings(draw):
    """Return a story and another order of it, with repetitions, each with its batches."""
    story = draw(st.lists(versions, min_size=1, max_size=6))
    numbers = list(range(len(story)))
    other = draw(st.permutations(numbers + draw(st.lists(st.sampled_from(numbers), max_size=3))))
    return story, _batched(draw, numbers), _batched(draw, other)


def _batched(draw, numbers):
    ends = draw(st.lists(st.booleans(), min_size=len(numbers), max_size=len(numbers)))
    batches: list[list[int]] = [[]]
    for number, end in zip(numbers, ends, strict=True):
        batches[-1].append(number)
        if end:
            batches.append([])
    return [batch for batch in batches if batch]


def event(account, number, version):
    kind, second, content = version
    id, when = f"evt_{number}_{account}", T0 + second
    if kind == "subscription":
        items = [stories.item(f"si_{n}", f"price_{n}") for n in range(content)]
        sub = stories.subscription(items=items)
        return stripe(id, "customer.subscription.updated", sub, when, account=account)
    if kind == "customer":
        made = stories.customer(name=f"name {content}")
        return stripe(id, "customer.updated", made, when, account=account)
    gone = stories.customer() | ({"deleted": True} if kind == "bare" else {})
    return stripe(id, "customer.deleted", gone, when, account=account)


def tell(account, story, batches):
    for batch in batches:
        put(*[event(account, number, story[number]) for number in batch])
        drained()


@pytest.fixture
def of_account(mirrored):
    """Return the mirrors of one account, as if it were nobody's."""

    def read(account):
        mine = {
            t: [r for r in rows if r.get("account") == account] for t, rows in mirrored().items()
        }
        return repr(mine).replace(account, "")

    return read


@settings(max_examples=100)
@given(telling=tellings())
def test_any_two_tellings_of_a_story_end_in_the_same_rows(telling, of_account):
    story, natural, other = telling
    number = next(_fresh)
    tell(f"acct_{number}_a", story, natural)
    tell(f"acct_{number}_b", story, other)

    assert of_account(f"acct_{number}_a") == of_account(f"acct_{number}_b")
