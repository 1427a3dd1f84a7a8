"""Many processes, one connection: one exchange, and nothing lost where one of them is killed."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from integrations.oauth.interface import NotConnected
from integrations.oauth.tokens import token
from tests.oauth_crowd import EXCHANGED, EXPIRE, GRACE, MARKED, crowd

ENDED = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE state = 'idle in transaction' AND query LIKE '%oauth_connections%FOR UPDATE'"
)
LONG_AGO = "UPDATE oauth_connections SET attempt_at = attempt_at - interval '{}'"


@pytest.fixture(scope="module")
def processes(tables, tmp_path_factory):
    """Processes that ask, made once: that takes seconds."""
    with crowd(tmp_path_factory.mktemp("points")) as made:
        yield made


@pytest.fixture
def asking(authority, connected, processes, sql):
    """Have so many ask at once for a token that has just expired, while something happens."""

    def ask(count, kill="", meanwhile=lambda: None):
        sql.execute(EXPIRE)
        with ThreadPoolExecutor(1) as pool:
            answers = pool.submit(processes.asks, count, authority, kill)
            meanwhile()
            return answers.result(60)

    return ask


def test_forty_processes_make_one_exchange(authority, asking, kept):
    rounds = [asking(40), asking(40)]
    assert [len(got) for got in rounds] == [40, 40]
    assert [len(set(got)) for got in rounds] == [1, 1]
    assert authority.tokens.works(rounds[-1][0], authority.now())
    assert authority.counts["refresh_token"] == 2
    assert not authority.families[0].revoked
    assert kept()["token_version"] == 3


@pytest.fixture
def at_once(sql, until):
    """Spare us the time after which nobody can be at work on a mark."""

    def age():
        marked = "SELECT FROM oauth_connections WHERE status = 'refreshing'"
        until(lambda: sql.execute(marked).fetchone() is not None)
        sql.execute(LONG_AGO.format("1 minute"))

    return age


@pytest.mark.parametrize("point", [MARKED, EXCHANGED])
def test_one_that_is_killed_is_followed_within_the_grace(authority, asking, kept, at_once, point):
    authority.dials.grace_seconds = GRACE
    got = asking(6, kill=point, meanwhile=at_once)
    assert sorted(map(bool, got)) == [False, *[True] * 5]
    [value] = set(got) - {""}
    assert authority.tokens.works(value, authority.now())
    assert authority.counts["refresh_token"] == (2 if point == EXCHANGED else 1)
    assert (kept()["status"], kept()["interrupted_at"]) == ("active", None)


def test_one_that_is_killed_before_it_asked_is_followed_without_a_grace(
    authority, asking, kept, at_once
):
    got = asking(4, kill=MARKED, meanwhile=at_once)
    assert len(set(got) - {""}) == 1
    assert (authority.counts["refresh_token"], kept()["status"]) == (1, "active")
    assert not authority.families[0].revoked


def test_without_a_grace_the_loss_is_reported(authority, asking, kept, at_once):
    got = asking(4, kill=EXCHANGED, meanwhile=at_once)
    assert sum(not answer for answer in got) == 1
    assert sum("NotConnected" in answer for answer in got) == 3
    assert (kept()["status"], kept()["last_error_code"]) == ("exhausted", "interrupted_refresh")
    assert authority.counts["refresh_token"] == 2  # tried once
    with pytest.raises(NotConnected):
        token("loopback", "acme")


def test_who_loses_postgres_in_the_exchange_is_not_doubled(authority, asking, kept, sql, until):
    authority.dials.slow = 1

    def cut_off():
        until(lambda: sql.execute(ENDED).fetchone())
        sql.execute(LONG_AGO.format("3 seconds"))

    got = asking(6, meanwhile=cut_off)
    assert len(set(got)) == 1
    assert authority.tokens.works(got[0], authority.now())
    assert (authority.counts["refresh_token"], kept()["status"]) == (1, "active")
