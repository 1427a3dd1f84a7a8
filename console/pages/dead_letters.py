"""Dead letters by what they died of: look at a cause, redrive it in steps, or discard it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, flash, request

from console import audit, who
from console.page import Page
from console.rendering import Link, render, to, wants_part
from settings import settings
from worker import causes, preview, redrives
from worker.causes import Cause
from worker.pausing import NAMES

_REDRIVES = 10
blueprint = Blueprint("dead_letters", __name__)
PAGE = Page(blueprint, (Link("/dead-letters", "Dead letters", "d"),))


@blueprint.get("/dead-letters")
def show() -> Response:
    """Show the causes, those with most letters first, and how redrives get on."""
    service = request.args.get("service", "")
    chosen = service if service in NAMES else None
    found, running = causes.causes(chosen), redrives.listed(_REDRIVES)
    sums = Counter[str]()
    for cause in found:
        sums[f"{cause.kind}s of {cause.service}"] += cause.count
    cut = [name for name, count in sums.items() if count >= causes.LOOKED]
    values = {"causes": found, "redrives": running, "service": chosen or "", "services": NAMES}
    return render("dead_letters.html", **values, cut=cut, looked=causes.LOOKED)


@blueprint.get("/dead-letters/cause")
def one() -> Response:
    """Show what a redrive of a cause would meet, and offer to begin it, or to discard."""
    if (cause := causes.cause(request.args.get("id", "")[:32])) is None:
        flash("Nothing is dead of that cause any more.")
        return to("dead_letters.show")
    values = {"given": settings().canary, "most": causes.MOST, "running": redrives.running(cause)}
    return render("cause.html", met=preview.preview(cause), **values)


@blueprint.post("/dead-letters/redrive")
def begin() -> Response:
    """Begin a redrive in steps of a cause."""
    cause = _cause(request.form)
    rate, percent = _number("per_second", 0.01, 1000), _number("halt_percent", 0, 100)
    audit.note("redrive in steps", cause.service, cause.id, cause.count)
    try:
        id = redrives.start(cause, per_second=rate, halt_percent=percent, by=who.user())
    except redrives.AlreadyRunning as running:
        flash(f"{running}.")
        return to("dead_letters.show")
    return to("dead_letters.progress", id=id)


@blueprint.post("/dead-letters/discard")
def discard() -> Response:
    """Close so many of a cause as were confirmed, and not those that died since."""
    cause = _cause(request.form)
    reason, count = request.form.get("reason", "").strip()[:200], _number("count", 1, 1e6)
    if not reason:
        flash("Say why nothing needs to be done about them: nothing was discarded.")
        return to("dead_letters.one", id=cause.id)
    audit.note("discard", cause.service, cause.id, int(count))
    done = redrives.discard(cause, f"{reason} ({who.user()})", int(count))
    flash(f"{done:,} discarded.")
    return to("dead_letters.show")


@blueprint.get("/dead-letters/redrives/<int:id>")
def progress(id: int) -> Response:
    """Show how a redrive gets on; htmx gets only that part, again and again."""
    found = redrives.listed(id=id) if id < 2**63 else []
    if not found:
        abort(404)
    template = "redrive_progress.html" if wants_part() else "redrive.html"
    return render(template, run=found[0], parts=_parts(found[0].counts))


@blueprint.post("/dead-letters/redrives/<int:id>/halt")
def halt(id: int) -> Response:
    """Send no more letters of a redrive."""
    found = redrives.listed(id=id) if id < 2**63 else []
    if not found:
        abort(404)
    left = found[0].counts.get("waiting", 0)
    audit.note("halt a redrive", found[0].service, str(id), left)
    if not redrives.halt(id, f"halted by {who.user()}"):
        flash("It was over already.")
    return to("dead_letters.progress", id=id)


_ORDER = ("mended", "superseded", "skipped", "sent", "failing", "died", "held", "waiting")


def _parts(counts: Mapping[str, Any]) -> list[tuple[str, int, float]]:
    """Return each status, how many have it, and how long its piece of the bar is, in percent."""
    total = sum(counts.values()) or 1
    return [(name, n, n * 100 / total) for name in _ORDER if (n := counts.get(name, 0))]


def _cause(given: Mapping[str, str]) -> Cause:
    """Return the cause that is meant. Raises NotFound where nothing is dead of it any more."""
    if (found := causes.cause(given.get("id", "")[:32])) is None:
        abort(404)
    return found


def _number(name: str, least: float, most: float) -> float:
    """Return a number of a form. Raises BadRequest where it is none, or too large or small."""
    try:
        found = float(request.form.get(name, ""))
    except ValueError:
        abort(400)
    return found if least <= found <= most else abort(400)
