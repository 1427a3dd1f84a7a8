"""The services: how each stands; pause one, and have it go on: nothing is lost meanwhile."""

from flask import Blueprint, Response, abort, flash, request

from console import audit
from console.page import Page
from console.rendering import Link, render, to
from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from worker import pausing, state
from worker.health import health

blueprint = Blueprint("services", __name__)
PAGE = Page(blueprint, (Link("/services", "Services", "p"),))


@blueprint.get("/services")
def show() -> Response:
    """Show how each service stands, what waits for it, and offer to pause it, or to go on."""
    inbound = {one.service: one for one in state.states(INTEGRATIONS)}
    outbound = {one.target: one for one in state.target_states(TARGETS)}
    stands = {one.service: one for one in health()}
    found = [(stands[n], inbound.get(n), outbound.get(n)) for n in pausing.NAMES]
    return render("services.html", services=found)


@blueprint.post("/services/pause")
def pause() -> Response:
    """Apply none of its events, and send it no effects."""
    name = _name()
    audit.note("pause", name, count=_waiting(name))
    pausing.pause(name)
    flash(f"{name} is paused: what comes in is kept, and waits.")
    return to("services.show")


@blueprint.post("/services/resume")
def resume() -> Response:
    """Go on with it."""
    name = _name()
    audit.note("resume", name, count=_waiting(name))
    pausing.resume(name)
    flash(f"{name} goes on, with what waited first.")
    return to("services.show")


def _name() -> str:
    name = request.form.get("service", "")
    return name if name in pausing.NAMES else abort(404)


def _waiting(name: str) -> int:
    """Return how many events and effects wait for it."""
    events = (
        sum(s.backlog + s.retrying for s in state.states([name])) if name in INTEGRATIONS else 0
    )
    targets = {name: TARGETS[name]} if name in TARGETS else {}
    found = state.target_states(targets)
    return events + sum(one.waiting for one in found if one.target == name)
