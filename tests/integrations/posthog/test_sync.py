"""Feature flags, as PostHog's API answers for them."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from integrations.errors import Permanent, Transient
from integrations.interface import Row
from integrations.posthog import POSTHOG
from integrations.posthog.sync import LIMIT, SYNC, host
from integrations.schema import Resource
from settings import settings
from tests.integrations.posthog.test_mirrors import FLAG

FLAGS_AT = "https://eu.posthog.com/api/projects/42/feature_flags/"
DATE = "Fri, 24 May 2024 19:36:44 GMT"  # 1_716_579_404
BEGUN = 1_716_579_403_000  # less a part of a second, rounded down
(FLAGS,) = SYNC.collections


@pytest.fixture
def posthog(clean, monkeypatch):
    """What PostHog answers to who reads; a call that is not named fails the test."""
    given = {
        "POSTHOG_HOST": "https://eu.i.posthog.com",
        "POSTHOG_PERSONAL_API_KEY": "phx_of_the_tests",
        "POSTHOG_PROJECT_ID": "42",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def project(posthog):
    """A project with flags, of which it lists those that are not deleted."""
    flags: list[dict[str, Any]] = []

    def answer(request):
        asked = parse_qs(urlsplit(request.url).query)
        begin, limit = int(asked["offset"][0]), int(asked["limit"][0])
        there = [flag for flag in flags if not flag["deleted"]]
        elsewhere = "https://evil.example.org/?offset=100"
        said = {"count": len(there), "next": elsewhere, "results": there[begin : begin + limit]}
        return 200, {"date": DATE}, json.dumps(said)

    posthog.add_callback("GET", FLAGS_AT, answer)
    return flags


def flag(number, **more):
    return FLAG | {"id": number, "key": f"flag-{number}"} | more


def answered(posthog, status, said):
    posthog.add("GET", f"{FLAGS_AT}7/", json=said, status=status, headers={"date": DATE})


def fetch(id):
    assert FLAGS.fetch is not None
    return FLAGS.fetch("", id)


def listed(cursor=None):
    assert FLAGS.whole is not None
    return FLAGS.whole("", cursor)


def row(snapshot):
    (made,) = POSTHOG.mirrors["feature_flag"].project(snapshot)
    assert isinstance(made, Row)
    return made


def test_a_flag_is_listed_with_the_clock_of_the_answer(posthog, project):
    project.append(flag(1, updated_at="2020-01-01T00:00:00Z"))
    page = listed()
    (snapshot,) = page.snapshots

    assert snapshot.object == project[0]
    assert (snapshot.clock, snapshot.source, snapshot.gone_at) == (BEGUN, "list", None)
    assert (page.after, page.total, page.begun) == (None, 1, BEGUN)
    (call,) = posthog.calls
    assert call.request.headers["Authorization"] == "Bearer phx_of_the_tests"
    assert row(snapshot).id == "1"


def test_all_pages_are_listed_and_nobody_elses_address_is_followed(posthog, project):
    project.extend(flag(number) for number in range(2 * LIMIT + 1))
    found: list[int] = []
    cursor = None
    while not found or cursor:
        page = listed(cursor)
        found += [snapshot.object["id"] for snapshot in page.snapshots]
        cursor = page.after
    assert found == list(range(2 * LIMIT + 1))
    assert {urlsplit(call.request.url).netloc for call in posthog.calls} == {"eu.posthog.com"}


def test_one_that_is_no_flag_leaves_the_others_readable(project):
    project.extend([flag(1), {"deleted": False}, flag(3)])
    assert [s.object.get("id") for s in listed().snapshots] == [1, None, 3]


def test_a_flag_is_fetched_by_its_number(posthog):
    answered(posthog, 200, flag(7))
    snapshot = fetch("7")
    assert (snapshot.object, snapshot.clock, snapshot.source) == (flag(7), BEGUN, "fetch")
    assert snapshot.gone_at is None


def test_a_flag_that_says_it_is_deleted_is_gone(posthog):
    answered(posthog, 200, flag(7, deleted=True))
    gone = fetch("7")
    assert gone.gone_at.timestamp() * 1000 == BEGUN
    assert row(gone).of == "7"


def test_a_flag_that_posthog_does_not_know_is_gone(posthog):
    answered(posthog, 404, {"type": "invalid_request", "code": "not_found"})
    gone = fetch("7")
    assert gone.gone_at.timestamp() * 1000 == BEGUN
    assert row(gone).id == "7"


def test_a_page_404_of_somebody_else_makes_nothing_gone(posthog):
    posthog.add("GET", f"{FLAGS_AT}7/", body="<html>", status=404, headers={"date": DATE})
    with pytest.raises(Permanent, match="404"):
        fetch("7")


def test_what_is_no_number_is_asked_of_nobody(posthog):
    with pytest.raises(Permanent):
        fetch("../../users/@me")
    assert len(posthog.calls) == 0


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_permanent(posthog, status):
    posthog.add("GET", FLAGS_AT, status=status, json={}, headers={"date": DATE})
    with pytest.raises(Permanent, match=str(status)):
        listed()


def test_an_answer_that_is_no_page_is_transient(posthog):
    posthog.add("GET", FLAGS_AT, body="<html>", headers={"date": DATE})
    with pytest.raises(Transient):
        listed()


def test_what_posthog_keeps_encrypted_is_not_kept_here(posthog):
    told = flag(7, has_encrypted_payloads=True)
    told["filters"] = {"groups": [], "payloads": {"true": '"s3cret"'}}
    answered(posthog, 200, told)
    kept = row(fetch("7"))
    assert kept.values["filters"] == {"groups": []}
    assert isinstance(kept.of, Resource)
    assert "s3cret" not in kept.of.content


@pytest.mark.parametrize(
    ("given", "reads"),
    [
        ("https://us.i.posthog.com", "https://us.posthog.com"),
        ("https://us.i.posthog.com/", "https://us.posthog.com"),
        ("https://posthog.example.org", "https://posthog.example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://us.i.posthog.com.example.org", "https://us.i.posthog.com.example.org"),
    ],
)
def test_the_host_that_reads_is_told_from_the_one_that_is_sent_to(monkeypatch, given, reads):
    monkeypatch.setenv("POSTHOG_HOST", given)
    settings.cache_clear()
    assert host() == reads
    settings.cache_clear()


@pytest.mark.parametrize("missing", ["POSTHOG_PERSONAL_API_KEY", "POSTHOG_PROJECT_ID"])
def test_it_is_on_only_with_both_a_key_and_a_project(posthog, monkeypatch, missing):
    assert SYNC.on()
    monkeypatch.setenv(missing, "")
    settings.cache_clear()
    assert not SYNC.on()
