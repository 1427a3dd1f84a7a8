"""`tallyman erase`, and what doctor says of who came back."""

import json

import pytest

from tests.worker.stories import T0, clerk, drained, put, user


@pytest.fixture
def known(clean):
    put(clerk("m1", "user.created", user()))
    drained("clerk")


def test_without_yes_it_only_says_what_there_is(run, known, sql):
    answer = run("erase", "--clerk-user", "user_1")
    assert "to be erased" in answer.output
    assert "Nothing was changed" in answer.output
    assert "not deleted at clerk" in answer.output
    assert "ada@" not in answer.output
    assert sql.execute("SELECT body IS NULL FROM events").fetchone() == (False,)


def test_with_yes_it_is_done_and_counted(run, known, sql):
    answer = run("erase", "--email", "ada@example.com", "--yes", "--json")
    done = json.loads(answer.output)
    assert done["counts"] == {"clerk_users": 1, "bodies": 1}
    assert done["ids"] == {"clerk": ["user_1"]}
    assert sql.execute("SELECT body IS NULL, status FROM events").fetchone() == (True, "handled")


@pytest.mark.parametrize(
    "options", [[], ["--clerk-user", "a", "--email", "b@c.d"], ["--returned", "--email", "b@c.d"]]
)
def test_it_is_asked_for_one_person_at_a_time(run, options):
    answer = run("erase", *options)
    assert answer.exit_code == 2
    assert "say who" in answer.output


def test_it_waits_for_what_is_on_its_way(run, known):
    put(clerk("m2", "user.updated", user(), T0 + 9))
    answer = run("erase", "--clerk-user", "user_1", "--yes")
    assert answer.exit_code == 1
    assert "not applied yet: 1 of clerk" in answer.output


def test_who_comes_back_is_told_by_doctor(run, known):
    run("erase", "--clerk-user", "user_1", "--yes")
    put(clerk("m2", "user.updated", user(), T0 + 9))
    drained("clerk")
    assert "m2" in run("erase", "--returned").output
    words = [f["what"] for f in json.loads(run("doctor", "--json").output)]
    assert any("1 events of the last 30 days are about people who were erased" in w for w in words)
