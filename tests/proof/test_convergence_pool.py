"""Which stories are drawn, and that one of each length is there."""

from types import SimpleNamespace

import pytest

from integrations import INTEGRATIONS
from proof.context import Context
from proof.convergence.pool import pool
from proof.convergence.stories import drawn
from simulator.lives import SOURCES

LIVES = [
    (service, of)
    for service, source in SOURCES.items()
    for of, life in source.lives.items()
    if of in INTEGRATIONS[service].mirrors and not life.listed
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("service", "of"), LIVES)
def test_a_story_is_taken_exactly_as_long_as_wanted(service, of, seed):
    homes = {of: f"table_of_{of}" for of in SOURCES[service].lives}
    stage = SimpleNamespace(service=INTEGRATIONS[service], source=SOURCES[service], homes=homes)
    stories = pool(Context(seed, 0, lambda _: None), stage, of)  # type: ignore[arg-type]  # all that it looks at
    taken = [stories.take(length, "tied", alone=False) for length in (5, 6, 4)]
    assert [(len(story.told), story.told[0].of) for story in taken] == [(5, of), (6, of), (4, of)]


@pytest.mark.parametrize(("service", "of"), LIVES)
def test_every_change_changes_the_object(service, of):
    life = SOURCES[service].lives[of]
    made = life.made(0)
    assert all(change.to(made) != made for change in life.changes)


@pytest.mark.parametrize(("service", "of"), LIVES)
def test_the_same_seed_draws_the_same_stories(service, of):
    source = SOURCES[service]
    assert drawn(source, of, 20, 1) == drawn(source, of, 20, 1)
    assert drawn(source, of, 20, 1) != drawn(source, of, 20, 2)
