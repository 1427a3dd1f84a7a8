"""The conformance suite over an integration of a team's own, in their pytest."""

import hmac
import re
from dataclasses import replace

import pytest

from integrations import INTEGRATIONS
from integrations.errors import InvalidSignature
from simulator.lives import SOURCES
from tallyman.testing.conformance import Conformance, Subject
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


def _sign(body, secret, _now, _event_id):
    return {"acme-signature": hmac.new(secret.encode(), body, "sha256").hexdigest()}


def _verify(body, headers, secrets, now):
    if headers not in [_sign(body, secret, now, "") for secret in secrets]:
        raise InvalidSignature("signature_mismatch")


def _verify_text(body, headers, secrets, now):
    _verify(body.decode(errors="replace").encode(), headers, secrets, now)


def test_a_service_conforms_when_it_verifies_the_bytes_that_are_no_text_and_that_it_signed():
    acme = replace(INTEGRATIONS["clerk"], sign=_sign, verify=_verify)
    suite = Conformance()
    suite.test_a_body_that_is_not_utf8_passes_when_it_can_be_signed(Subject(acme, SOURCES["clerk"]))
    deaf = Subject(replace(acme, verify=_verify_text), SOURCES["clerk"])
    with pytest.raises(InvalidSignature):
        suite.test_a_body_that_is_not_utf8_passes_when_it_can_be_signed(deaf)
