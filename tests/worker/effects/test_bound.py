"""Every line in the course of work says what the work is about: ours, handlers' and libraries'."""

import io
import json
import logging

import pytest

import telemetry
from integrations.errors import Transient
from tests import handlers
from tests.worker import stories
from worker import sync

STRANGER = logging.getLogger("a.library")


@pytest.fixture
def said(clean):
    """Give the lines of what a library said since."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    telemetry.configure()
    (handler,) = root.handlers
    written = handler.stream = io.StringIO()  # type: ignore[attr-defined]

    def read(event="hello"):
        found = [json.loads(line) for line in written.getvalue().splitlines()]
        return [line for line in found if line["event"] == event]

    yield read
    root.handlers, root.level = before, level


def _hello(*_):
    STRANGER.warning("hello")


def test_in_a_handler_a_line_says_which_event_and_which_attempt(said, sql):
    def fails(*_):
        _hello()
        raise Transient("not yet")

    handlers.behaviour["invoice.paid"] = fails
    stories.put(stories.invoice("evt_1"))
    stories.drained()
    sql.execute(stories.DUE)
    stories.retried()
    told = [(line["service"], line["event_id"], line["attempt"]) for line in said()]
    assert told == [("stripe", "evt_1", 1), ("stripe", "evt_1", 2)]


def test_events_of_one_batch_are_not_taken_for_each_other(said):
    handlers.behaviour["invoice.paid"] = _hello
    stories.put(stories.invoice("evt_1"), stories.invoice("evt_2"))
    stories.drained()
    assert [line["event_id"] for line in said()] == ["evt_1", "evt_2"]
    _hello()
    assert "event_id" not in said()[-1]


def test_what_fails_is_told_once_with_its_cause(said):
    def fails(*_):
        raise Transient("not yet")

    handlers.behaviour["invoice.paid"] = fails
    stories.put(stories.invoice("evt_1"))
    stories.drained()
    (line,) = said("event.retrying")
    assert (line["service"], line["event_id"], line["attempt"]) == ("stripe", "evt_1", 1)
    assert (line["error"], line["level"]) == ("Transient: not yet", "warning")


def test_in_a_delivery_a_line_says_which_effect(said, loops, tell):
    tell()
    loops.act = _hello
    loops.delivered()
    (line,) = said()
    assert (line["target"], line["action"], line["attempt"]) == ("loops", "tell", 1)
    assert line["effect"] > 0


def test_in_a_sync_a_line_says_which_run(said):
    def ask(_run):
        _hello()
        return sync.Step(write=lambda _: sync.Counts(), cursor=None, over=True)

    outcome = sync.run("stripe", "customer", "backfill", ask, task=None)
    (line,) = said()
    assert (line["service"], line["sync"], line["kind"]) == ("stripe", "customer", "backfill")
    assert line["run"] == outcome.run_id
