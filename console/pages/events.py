"""Events: find them, and look at one, with what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, request
from sqlalchemy.exc import OperationalError

from console import audit, payloads
from console.page import Page
from console.rendering import Link, render, to, wants_part
from db.models.events import STATUSES
from integrations import INTEGRATIONS
from integrations.errors import Permanent, Transient
from telemetry import describe
from worker import browse, search, why
from worker.browse import Asked, Found, Place
from worker.search import Filter

_AT_ONCE = 50
_TEXTS = ("q", "service", "type", "status", "entity", "since", "until")

blueprint = Blueprint("events", __name__)
PAGE = Page(blueprint, (Link("/events", "Events", "e"),))


@blueprint.get("/events")
def show() -> Response:
    """Show the search, and what it finds; htmx gets only what was found."""
    return _searched(request.args, "")


@blueprint.post("/events/payloads")
def in_payloads() -> Response:
    """Show the events whose payload holds a text.

    Whether it does tells something of a person too: who searched is kept, and the text is not; in
    an address it would be, in the browser and in the proxy's log.
    """
    words = _text(request.form.get("words", ""))
    if len(words) < browse.SHORTEST:
        flash(f"Write {browse.SHORTEST} characters or more: payloads were not searched.")
        return to("events.show")
    audit.note("search in payloads", request.form.get("service", "")[:20])
    return _searched(request.form, words)


@blueprint.get("/events/payloads")
def no_words() -> Response:
    """Lead to the search: an address has no words to look for."""
    return to("events.show")


def _searched(args: Mapping[str, str], words: str) -> Response:
    """Return the page of the events that are meant, those whose payload has the words if any."""
    asked = {name: _text(args.get(name, "")) for name in _TEXTS}
    wrong, found = "", Found([], None, full=False, walked=0)
    try:
        found = _found(asked, _place(args), words)
    except _WrongTimeError as error:
        wrong = f"{error} is no time: write 2026-03-01 or 2026-03-01T14:30, in UTC."
    except OperationalError as error:
        wrong = f"The search took too long: name a service, or a time. {describe(error)}"
    place = _next(found)
    further = f"/events?{urlencode({k: v for k, v in asked.items() if v} | place)}" if place else ""
    values = {"asked": asked, "found": found, "wrong": wrong, "further": further}
    values |= {"words": words, "place": place, "shortest": browse.SHORTEST}
    if wants_part():
        return render("events_found.html", **values)
    return render("events.html", **values, services=list(INTEGRATIONS), statuses=STATUSES)


def _text(given: str) -> str:
    """Return what somebody typed, without what Postgres refuses, and not endless."""
    return given.replace("\0", "").encode(errors="replace").decode().strip()[:200]


def _found(asked: Mapping[str, str], place: Place | None, words: str) -> Found:
    services = [asked["service"]] if asked["service"] in INTEGRATIONS else list(INTEGRATIONS)
    plain = asked["q"] and not place and not words
    known = browse.by_id(asked["q"], services) if plain else []
    if known:  # the whole id of an event: nothing else is meant
        return Found(known, None, full=True, walked=len(known))
    which = Filter(
        type=asked["type"] or None,
        entity=asked["entity"] or None,
        status=asked["status"] if asked["status"] in STATUSES else None,
        since=_moment(asked["since"]),
        until=_moment(asked["until"]),
    )
    meant = Asked(which, services, text=words or asked["q"], in_bodies=bool(words))
    return browse.events(meant, _AT_ONCE, place)


class _WrongTimeError(ValueError):
    pass


def _moment(text: str) -> datetime | None:
    """Return a time as a form sends it, in UTC. Raises _WrongTimeError."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _WrongTimeError(text) from None


def _place(args: Mapping[str, str]) -> Place | None:
    """Return where the page before ended, None on the first, or where that is nonsense."""
    try:
        at = datetime.fromisoformat(args.get("at", ""))
    except ValueError:
        return None
    sound = at.tzinfo is not None and 1970 < at.year < 9999
    return Place(at, args.get("after", "").replace("\0", "")) if sound else None


def _next(found: Found) -> dict[str, str]:
    """Return where the next page begins, as a form or an address says it; {} at the end."""
    if found.further is None:
        return {}
    return {"at": found.further.at.isoformat(), "after": found.further.event_id}


@blueprint.get("/events/one")
def one() -> Response:
    """Show an event: what became of it, and its payload with personal values masked."""
    return _page(_event(request.args), revealed=False)


@blueprint.post("/events/one/reveal")
def reveal() -> Response:
    """Show an event with its personal values. Who looked is kept first."""
    event = _event(request.form)
    audit.note("reveal", event["service"], event["event_id"])
    if wants_part():
        return render("payload.html", event=event, payload=_payload(event, revealed=True))
    return _page(event, revealed=True)


@blueprint.get("/events/one/payload")
def archived() -> Response:
    """Show the masked payload of an event whose body is in the archive: that takes a call to R2."""
    event = _event(request.args)
    payload = _payload(event, revealed=False)
    if wants_part():
        return render("payload.html", event=event, payload=payload)
    return _page(event, revealed=False, fetch=True)


def _event(args: Mapping[str, str]) -> dict[str, Any]:
    """Return the event that is asked for. Raises NotFound."""
    id = args.get("id", "").replace("\0", "")
    found = search.events(Filter(service=args.get("service", ""), exact_id=id), 1)
    if not found:
        abort(404)
    return dict(found[0]._mapping)  # noqa: SLF001  SQLAlchemy's public name of it


def _page(event: dict[str, Any], *, revealed: bool, fetch: bool = False) -> Response:
    if (story := why.event(event["service"], event["event_id"])) is None:
        abort(404)
    payload = _payload(event, revealed=revealed, fetch=fetch or revealed)
    return render("event.html", event=event, story=story, payload=payload)


@dataclass(frozen=True, slots=True)
class Payload:
    """What is shown of a body. `state` says why there is none: archived, gone or away."""

    text: payloads.Shown | None = None
    state: str = ""
    error: str = ""
    revealed: bool = False


def _payload(event: Mapping[str, Any], *, revealed: bool, fetch: bool = True) -> Payload:
    key = (event["service"], event["event_id"])
    if not fetch and browse.archived(*key):
        return Payload(state="archived")
    try:
        body = search.body(*key)
    except (Transient, Permanent) as error:
        return Payload(state="away", error=describe(error))
    if body is None:
        return Payload(state="gone")
    return Payload(payloads.shown(body, revealed=revealed), revealed=revealed)
