"""The conformance suite over an integration of a team's own, in their pytest."""

import re

from tests.tallyman.team import run_pytest

TESTS = """
from integrations import INTEGRATIONS
from simulator.lives import SOURCES
from tallyman.testing.conformance import Conformance, Said, Story, Subject

USER = {"object": "user", "id": "user_Example", "updated_at": 1_700_000_000_000}
LATER = USER | {"first_name": "Bea", "updated_at": 1_700_000_001_000}


class TestClerk(Conformance):
    subjects = [
        Subject(
            INTEGRATIONS["clerk"],
            SOURCES["clerk"],
            {
                name: Story(
                    [Said("user.created", USER, 0), Said("user.updated", LATER, 1)],
                    {"clerk_users": {"user_Example": {"first_name": first_name}}},
                )
                for name, first_name in [("true", "Bea"), ("false", "Ada")]
            },
        )
    ]
"""


def test_the_conformance_suite_runs_elsewhere_and_fails_a_story_that_ends_otherwise(
    clean, tmp_path
):
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p tallyman.testing\n")
    (tmp_path / "test_conformance.py").write_text(TESTS)
    code, words = run_pytest(tmp_path, "-rf", "-k", "story")
    assert code == 1
    failed = re.findall(r"^FAILED \S+::(\w+\[.*?\])", words, re.MULTILINE)
    of = "test_a_story_ends_as_it_should_in_every_order_and_with_every_repetition"
    assert failed == ["test_every_mirrored_object_has_a_story[clerk]", f"{of}[clerk false]"]
    assert "first_name is 'Bea', not 'Ada'" in words
