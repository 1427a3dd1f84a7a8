"""GitHub keeps the promises of every integration, and what is particular to it."""

from datetime import UTC, datetime

import pytest

from integrations.errors import InvalidSignature, Unreadable
from integrations.github import GITHUB
from integrations.interface import Delivery, Row
from simulator import github
from simulator.github_lives import SOURCE
from tallyman.testing.conformance import Conformance, Said, Story, Subject
from tallyman.testing.conformance.subject import CREATED


def _issue(at, **fields):
    return github.issue(CREATED) | {"updated_at": github.iso(CREATED + at)} | fields


def _repository(at, **fields):
    return github.repository(CREATED) | {"updated_at": github.iso(CREATED + at)} | fields


STORIES = {
    "an issue is closed, opened again and deleted": Story(
        said=[
            Said("issues.opened", _issue(0), 0),
            Said("issues.closed", _issue(1, state="closed"), 1),
            Said("issues.reopened", _issue(2, title="Again"), 2),
            Said("issues.deleted", _issue(3, title="Again"), 3),
        ],
        ends={
            "github_issues": {
                "ExampleIssue": {
                    "repository": "example/abacus",
                    "title": "Again",
                    "state": "open",
                    "author": "ada",
                    "clock": (CREATED + 2) * 1000,
                    "deleted_at": CREATED + 3,
                }
            }
        },
    ),
    "a repository is renamed": Story(
        said=[
            Said("repository.created", _repository(0), 0),
            Said("repository.renamed", _repository(1, full_name="example/bead"), 1),
        ],
        ends={"github_repositories": {"ExampleRepository": {"full_name": "example/bead"}}},
    ),
}


class TestGitHub(Conformance):
    subjects = [  # noqa: RUF012  said once, changed by nobody
        Subject(GITHUB, SOURCE, STORIES, unsigned=GITHUB.kept_headers, dated=False)
    ]


def test_the_signature_is_as_githubs_own_page_has_it():
    # the example of "Validating webhook deliveries"
    signature = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = {"x-hub-signature-256": f"sha256={signature}"}
    GITHUB.verify(b"Hello, World!", headers, ["It's a Secret to Everybody"], 0)
    with pytest.raises(InvalidSignature, match="signature_mismatch"):
        GITHUB.verify(b"Hello, World?", headers, ["It's a Secret to Everybody"], 0)


NOW = datetime(2026, 11, 23, tzinfo=UTC)


def _read(body, **headers):
    kept = {name.replace("_", "-"): value for name, value in headers.items()}
    return GITHUB.read(Delivery("github", "", body, kept, NOW))


def test_a_number_is_an_id_as_text():
    body = b'{"action": "deleted", "issue": {"id": 73464126, "number": 1}}'
    event = _read(body, x_github_delivery="72d3162e", x_github_event="issues")
    assert (event.id, event.type, event.occurred_at) == ("72d3162e", "issues.deleted", NOW)
    (row,) = GITHUB.mirrors["issue"].project(event.snapshot)
    assert isinstance(row, Row)
    assert row.id == "73464126"


def test_what_is_not_kept_is_an_event_all_the_same():
    event = _read(b'{"zen": "Keep it simple"}', x_github_delivery="1", x_github_event="ping")
    assert (event.type, event.snapshot.object_type) == ("ping", "")


def test_an_event_without_a_name_is_unreadable():
    with pytest.raises(Unreadable, match=r"^Envelope\.event: "):
        _read(b"{}", x_github_delivery="1")
