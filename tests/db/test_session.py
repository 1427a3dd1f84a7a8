"""A transaction commits whole, or says why it did not."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from db.session import Spoilt, transaction

ADD = text("INSERT INTO tallyman_test.clerk_users (id) VALUES (:id)")


def ids(sql):
    return [id for (id,) in sql.execute("SELECT id FROM clerk_users ORDER BY id")]


def test_what_was_done_is_committed_at_the_end(sql):
    with transaction() as session:
        session.execute(ADD, {"id": "user_1"})
        assert ids(sql) == []

    assert ids(sql) == ["user_1"]


def test_nothing_is_kept_when_something_is_raised(sql):
    def add_and_raise():
        with transaction() as session:
            session.execute(ADD, {"id": "user_1"})
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        add_and_raise()
    assert ids(sql) == []


@pytest.mark.parametrize("how", ["commit", "rollback"])
def test_it_is_told_when_the_transaction_was_ended_inside(how, sql):
    with pytest.raises(Spoilt), transaction() as session:  # noqa: PT012  the end raises
        session.execute(ADD, {"id": "user_1"})
        getattr(session, how)()


def test_it_is_told_when_an_error_was_caught_inside(sql):
    with pytest.raises(Spoilt), transaction() as session:  # noqa: PT012  the end raises
        session.execute(ADD, {"id": "user_1"})
        with pytest.raises(IntegrityError):
            session.execute(ADD, {"id": "user_1"})

    assert ids(sql) == []


def test_an_error_in_a_savepoint_spoils_nothing(sql):
    with transaction() as session:
        session.execute(ADD, {"id": "user_1"})
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(ADD, {"id": "user_1"})

    assert ids(sql) == ["user_1"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "1min")],
)
def test_no_transaction_waits_for_ever(setting, value, clean):
    with transaction() as session:
        assert session.execute(text(f"SHOW {setting}")).scalar_one() == value
