"""When to try again, for any numbers that a setting or a service may give."""

from hypothesis import given
from hypothesis import strategies as st

from worker.retry import RetryPolicy

policies = st.builds(
    RetryPolicy,
    attempts=st.integers(2, 1000),
    first=st.floats(0.001, 3600),
    longest=st.floats(0.001, 3600),
)
asked = st.none() | st.floats(-(10.0**9), 10.0**9)


def longest(_low, high):
    return high


def shortest(low, _high):
    return low


@given(policies, st.integers(1, 999))
def test_the_jitter_is_full_and_bounded(policy, attempt):
    if attempt < policy.attempts:
        assert policy.wait(attempt, uniform=shortest) == 0
        wait = policy.wait(attempt, uniform=longest)
        assert wait == min(policy.longest, policy.first * 2.0 ** min(attempt - 1, 60))


@given(policies, st.integers(1, 10), asked)
def test_what_the_service_asked_for_only_lengthens_and_at_most_to_the_longest(policy, n, after):
    for uniform in (shortest, longest):
        plain = policy.wait(n, uniform=uniform)
        wait = policy.wait(n, after, uniform=uniform)
        assert wait == (plain if plain is None else max(plain, min(after or 0, policy.longest)))


@given(policies, st.integers(0, 1000), asked)
def test_it_gives_up_when_the_attempts_are_spent(policy, more, after):
    assert policy.wait(policy.attempts + more, after) is None
    assert policy.wait(policy.attempts - 1, after) is not None


@given(policies)
def test_waits_never_shrink_from_attempt_to_attempt_but_for_the_jitter(policy):
    waits = [policy.wait(n, uniform=longest) for n in range(1, policy.attempts)]
    assert waits == sorted(waits)
