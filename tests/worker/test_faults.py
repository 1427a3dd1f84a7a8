"""Whose fault an error is, told by its class and SQLSTATE."""

import psycopg
import pytest
from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from integrations.errors import Permanent, Transient, Unreadable
from worker.faults import ours, permanent


def of_state(state):
    """Return the error that SQLAlchemy makes of a server's answer."""
    cause = psycopg.errors.lookup(state)("said the server")
    return DBAPIError.instance("SELECT 1", {}, cause, psycopg.Error, dialect=None)


@pytest.mark.parametrize(
    "state",
    [
        "08000",  # connection exception
        "08006",  # connection failure
        "53100",  # disk full
        "53200",  # out of memory
        "53300",  # too many connections
        "57P01",  # admin shutdown
        "57P02",  # crash shutdown
        "57P03",  # cannot connect now
        "40001",  # serialization failure
        "40P01",  # deadlock
        "55P03",  # lock not available
    ],
)
def test_the_error_is_ours_when_the_server_says(state):
    assert ours(of_state(state))
    assert not permanent(of_state(state))


@pytest.mark.parametrize(
    "state",
    [
        "22001",  # string too long
        "22003",  # number out of range
        "22008",  # datetime overflow
        "22021",  # character not in repertoire
        "22P02",  # invalid text representation
        "22P05",  # untranslatable character
        "54000",  # program limit exceeded
        "54001",  # statement too complex
    ],
)
def test_the_error_is_permanent_when_the_server_says(state):
    assert permanent(of_state(state))
    assert not ours(of_state(state))


@pytest.mark.parametrize(
    "state",
    [
        "23505",  # unique violation
        "23503",  # foreign key violation
        "25P02",  # in failed transaction
        "42P01",  # undefined table
        "42501",  # insufficient privilege
        "57014",  # statement timeout: arrives as the class of a lost connection
        "P0001",  # raised in PL/pgSQL
        "XX000",  # internal error
    ],
)
def test_the_error_is_to_be_tried_again_when_the_server_says(state):
    assert not ours(of_state(state))
    assert not permanent(of_state(state))


@pytest.mark.parametrize(
    "error",
    [
        SoftTimeLimitExceeded(),
        PoolTimeout("no connection free"),
        InterfaceError("SELECT 1", {}, psycopg.InterfaceError("the connection is closed")),
        DBAPIError.instance(
            "SELECT 1",
            {},
            psycopg.OperationalError("server closed the connection"),
            psycopg.Error,
            dialect=None,
        ),
    ],
)
def test_the_error_is_ours_when_a_store_is_away_or_time_is_up(error):
    assert ours(error)


@pytest.mark.parametrize("error", [Transient("x"), ValueError("x"), KeyError("x"), MemoryError()])
def test_the_error_is_neither_when_nothing_is_known_of_it(error):
    assert not ours(error)
    assert not permanent(error)


@pytest.mark.parametrize("error", [Permanent("x"), Unreadable("x")])
def test_the_error_is_permanent_when_its_class_says_so(error):
    assert permanent(error)
