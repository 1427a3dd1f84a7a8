"""What every integration promises, as tests: of our services and of one of your own.

class TestAcme(Conformance):
    subjects = [Subject(ACME, SOURCE, STORIES)]
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest

from tallyman.testing.conformance.fixtures import Fixtures, fixtures_of
from tallyman.testing.conformance.garbage import Garbage
from tallyman.testing.conformance.signatures import Signatures, headers_of
from tallyman.testing.conformance.stories import Stories
from tallyman.testing.conformance.subject import Said, Story, Subject
from tallyman.testing.conformance.wiring import Wiring

__all__ = ["Conformance", "Said", "Story", "Subject"]


class Conformance(Wiring, Signatures, Fixtures, Garbage, Stories):
    """The suite. Inherit from it in a test class, and say of whom."""

    subjects: ClassVar[Sequence[Subject]]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Call each test for every subject and every header, fixture, object or story of it."""
        wanted = [name for name in _CASES if name in metafunc.fixturenames]
        if wanted:
            cases = [
                pytest.param(subject, case, id=f"{subject} {case_id}")
                for subject in self.subjects
                for case_id, case in _CASES[wanted[0]](subject)
            ]
            metafunc.parametrize(("subject", wanted[0]), cases)
        else:
            metafunc.parametrize("subject", self.subjects, ids=str)


def _headers(subject: Subject) -> Iterator[tuple[str, Any]]:
    return ((name, name) for name in headers_of(subject))


def _fixtures(subject: Subject) -> Iterator[tuple[str, Any]]:
    return ((str(fixture), fixture) for fixture in fixtures_of(subject) if fixture.type)


def _mirrored(subject: Subject) -> Iterator[tuple[str, Any]]:
    kept = subject.service.mirrors
    return ((str(fixture), fixture) for fixture in fixtures_of(subject) if fixture.kind in kept)


def _kinds(subject: Subject) -> Iterator[tuple[str, Any]]:
    return ((kind, kind) for kind in subject.service.mirrors)


def _stories(subject: Subject) -> Iterator[tuple[str, Any]]:
    yield from subject.stories.items()


_CASES = {
    "header": _headers,
    "fixture": _fixtures,
    "mirrored": _mirrored,
    "kind": _kinds,
    "story": _stories,
}
