"""Stories that nobody made up: Hypothesis draws them, the same ones for the same seed."""

from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from proof.convergence.story import AGAIN, GONE, Step
from simulator.life import Source

LENGTHS = range(4, 9)


def drawn(source: Source, about: str, count: int, number: int) -> list[tuple[Step, ...]]:
    """Return up to so many different stories about an object type; `number` is the seed."""
    found: dict[tuple[Step, ...], None] = {}

    @seed(number)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(told=_stories(source, about))
    def note(told: tuple[Step, ...]) -> None:
        found[told] = None

    note()
    return list(found)


def _stories(source: Source, about: str) -> st.SearchStrategy[tuple[Step, ...]]:
    """Return steps of one object, in half of the stories also of others that mention it."""
    others = [about, about, *mentioning(source, about)]
    return st.tuples(st.sampled_from([[about], others]), st.sampled_from(LENGTHS)).flatmap(
        lambda shape: _told_of(source, about, *shape)
    )


def _told_of(
    source: Source, about: str, types: Sequence[str], length: int
) -> st.SearchStrategy[tuple[Step, ...]]:
    steps = st.sampled_from(types).flatmap(lambda of: _steps(source, of))
    middle = st.lists(steps, min_size=length - 2, max_size=length - 2)
    last = st.one_of(steps, st.just(Step(about, GONE, later=1)))
    return st.builds(lambda some, end: (Step(about), *some, end), middle, last)


def _steps(source: Source, of: str) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        of=st.just(of),
        act=st.sampled_from([*range(len(source.lives[of].changes)), AGAIN, GONE]),
        later=st.integers(0, 1),
        version=st.sampled_from(["", *source.versions]),
    )


def mentioning(source: Source, about: str) -> Sequence[str]:
    """Return the other types whose objects mention such an object."""
    return [
        of
        for of, life in source.lives.items()
        if of != about and about in {named for named, _ in life.names(life.made(0))}
    ]
