"""How the demo ends: what followed at other services, and where the ledger's old bodies went."""

import re
from collections.abc import Iterator

import click
import requests

from integrations.schema import JSON, dump
from simulator import story
from simulator.story import Step
from tallyman.printing import print_table
from tallyman.stage import SCHEMA, Stage

_ASK = """INSERT INTO {s}.effects (target, action, payload)
VALUES ('loops', 'event', '{asked}')""".replace("{asked}", dump(story.ASKED))
_MONTH = "UPDATE {s}.events SET received_at = received_at - interval '31 days'"
_PLACES = """SELECT archive_key, count(*) AS events FROM {s}.events
    WHERE archive_key IS NOT NULL GROUP BY 1 ORDER BY 1"""
_LOOK = ("tallyman effects list", "tallyman events refused")
_ARCHIVE = "celery -A worker call r2.sync.archive --queue r2.work"
_SHOWN = 90  # characters of a body
_OBJECT = re.compile(r"<Key>(.+?)</Key>.*?<Size>(\d+)</Size>")


def ask(stage: Stage) -> None:
    """Ask for an effect as the team's application does."""
    stage.change(_ASK)


def follow(stage: Stage, sent: list[tuple[Step, str]]) -> list[str]:
    """Show what followed, have a month pass, and archive; return what was not as expected."""
    stage.until("every effect is done", lambda: _done(stage))
    click.echo(f"\nThe application asked for an effect, too\n{_ASK.replace('{s}', SCHEMA)}\n")
    _print_others(stage)
    if not stage.others.r2:
        stage.commands(*_LOOK)
        click.echo("\nwithout an archive: moto, which stands in for R2, is not installed")
        return list(_wrong(stage))
    stage.change(_MONTH)
    stage.commands(*_LOOK, _ARCHIVE)
    return [*_wrong(stage), *_archived(stage, sent)]


def _done(stage: Stage) -> bool:
    return not stage.query("SELECT FROM {s}.effects WHERE status NOT IN ('sent', 'merged')")


def _told(stage: Stage) -> Iterator[tuple[str, str, str, JSON]]:
    """Yield what the services know now: service, what, about whom, and what of them."""
    for contact in stage.others.loops.contacts:
        known = {k: v for k, v in contact.items() if k not in {"id", "userId"}}
        yield "Loops", "contact", contact.get("userId", ""), known
    for event in stage.others.loops.events:
        yield "Loops", event["eventName"], event["userId"], {}
    for event in sorted(stage.others.posthog.events, key=lambda e: str(e["timestamp"])):
        yield "PostHog", event["event"], event["distinct_id"], _properties(event)


def _properties(event: JSON) -> JSON:
    """Return what we say of it, not what the library adds."""
    told = event["properties"].get("$set") or event.get("$set") or event["properties"]
    return {k: v for k, v in told.items() if v is not None and not k.startswith("$")}


def _print_others(stage: Stage) -> None:
    rows = [
        (service, what, whom, ", ".join(f"{k}={v}" for k, v in known.items()))
        for service, what, whom, known in _told(stage)
    ]
    print_table("What the others know now", ("service", "what", "about", "with"), rows)


def _wrong(stage: Stage) -> Iterator[str]:
    told = sorted((service, what, whom) for service, what, whom, _ in _told(stage))
    if told != sorted(story.TOLD):
        yield f"the others: wanted {sorted(story.TOLD)}, got {told}"
    contacts = [{n: c.get(n) for n in story.CONTACT} for c in stage.others.loops.contacts]
    if contacts != [story.CONTACT]:
        yield f"Loops: wanted {story.CONTACT}, got {contacts}"
    if (calls := len(stage.others.loops.requests)) != story.CALLS_TO_LOOPS:
        yield f"Loops: wanted {story.CALLS_TO_LOOPS} calls, got {calls}"


def _archived(stage: Stage, sent: list[tuple[Step, str]]) -> Iterator[str]:
    stage.until("all that is settled is archived", lambda: not _kept(stage))
    objects = stage.query(_PLACES)
    sizes = _sizes(stage.others.r2)
    rows = [(o["archive_key"], o["events"], sizes.get(o["archive_key"], 0)) for o in objects]
    click.echo()
    print_table("After a month the bodies are at R2", ("object", "events", "bytes"), rows)
    step = next(step for step, _ in sent if step.id == "evt_customer")
    [body] = stage.commands("tallyman events show evt_customer --body", most=_SHOWN)
    if body != dump(step.body):
        yield f"the archive: wanted {dump(step.body)}, got {body}"


def _kept(stage: Stage) -> list[JSON]:
    """Return the settled events whose bodies are in the ledger: dead ones keep them."""
    return stage.query("SELECT event_id FROM {s}.events WHERE (body IS NULL) = (status = 'dead')")


def _sizes(bucket: str) -> dict[str, int]:
    """Return the objects that the bucket holds, with how many bytes."""
    answer = requests.get(f"{bucket}?list-type=2", timeout=30)
    return {key: int(size) for key, size in _OBJECT.findall(answer.text)}
