"""Ten thousand mutations of real payloads: each is settled, and a dead one names the field."""

import random
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations import INTEGRATIONS
from integrations.interface import Delivery
from tests.integrations.mutations import mutated, sound
from worker import inbox

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
MUTATIONS = 10_000
AT_ONCE = 1000
NUMBER = re.compile(rb'"mutation": ?(\d+)')
NAMES_THE_FIELD = re.compile(r"Unreadable: [A-Z]\w+(\.\w+)+: \S")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is absent")
def test_a_mutated_event_is_handled_ignored_or_dead_with_a_reason_that_names_the_field(tallyman):
    dice = random.Random("a seed that is always the same")
    payloads = sound(CORPUS)
    kinds = sorted(payloads)
    counts: Counter[tuple[str, str, str]] = Counter()
    for start in range(0, MUTATIONS, AT_ONCE):
        told = [dice.choice(kinds) for _ in range(AT_ONCE)]
        bodies = [
            mutated(dice.choice(payloads[of]), number, dice)
            for number, of in enumerate(told, start)
        ]
        for number, of, body in zip(range(start, start + AT_ONCE), told, bodies, strict=True):
            put(of[0], number, body)
        ended = settled(tallyman)
        counts.update((*of, ended[number]) for number, of in enumerate(told, start))

    assert sum(counts.values()) == MUTATIONS
    for service, kind in kinds:
        assert counts[service, kind, "handled" if kind else "ignored"]
        assert counts[service, kind, "dead"]


def put(service, number, body):
    headers = dict.fromkeys(INTEGRATIONS[service].kept_headers[:1], f"msg_{number}")
    inbox.put(Delivery(service, "", body, headers, datetime.now(UTC)))


def settled(tallyman):
    """Drain all that was put, and return by its number how each one ended."""
    for service in INTEGRATIONS:
        while inbox.backlog(service).waiting:
            assert tallyman.drain(service) != "resting"
    ended = {}
    for body, status, error in tallyman.sql("SELECT body, status, error FROM events"):
        assert status != "dead" or NAMES_THE_FIELD.match(error), error
        ended[int(NUMBER.findall(bytes(body))[-1])] = status
    assert set(ended.values()) <= {"handled", "ignored", "dead"}
    tallyman.empty()
    return ended
