"""What is said at the end, and where the rehearsal is named."""

import json
from pathlib import Path

from rehearsal.compare import Outcome
from rehearsal.report import Result
from settings import ROOT


def result(objects=5, *different):
    outcome = Outcome(objects)
    for table, key, column in different:
        outcome.differs(table, (key,), column)
    return Result(outcome, dropped=3, fetched=2)


def test_the_last_line_is_json_and_equal_ends_well():
    assert [json.loads(line) for line in result().lines()] == [
        {"objects": 5, "dropped": 3, "fetched": 2, "differences": 0}
    ]
    assert result().code == 0


def test_what_differs_is_counted_and_named_and_ends_badly():
    spoiled = result(5, ("users", "u_1", "name"), ("users", "u_2", "name"), ("users", "u_2", "*"))
    *said, last = spoiled.lines()
    assert said == [
        "differs: users.name: 2",
        "differs: users.*: 1",
        "  users u_1: name",
        "  users u_2: name",
        "  users u_2: *",
    ]
    assert json.loads(last)["differences"] == 3
    assert spoiled.code == 1


def test_nothing_to_compare_ends_badly():
    assert result(0).code == 1


def test_the_readme_names_it():
    readme = Path(ROOT / "README.md").read_text()
    assert "`make rehearse`" in readme
    assert "docs/rehearsal.md" in readme
