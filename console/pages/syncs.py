"""Syncs: how the last runs went, what is there and here, how these differ, and repairing that."""

from flask import Blueprint, Response, abort, flash, request

from console import audit, who
from console.page import Page
from console.rendering import Link, render, to, wants_part
from integrations.sources import SYNCS
from worker import reconcile_asked
from worker.syncs import past_drift, past_runs

_EACH = 50  # differences one by one
_COUNTED = 10_000  # of each run: the page asks again and again
_COMPARES = ("reconcile", "outward")

blueprint = Blueprint("syncs", __name__)
PAGE = Page(blueprint, (Link("/syncs", "Syncs", "s"),))


@blueprint.get("/syncs")
@blueprint.get("/drift", endpoint="drift")
def show() -> Response:
    """Show the last runs, with their accounts, and the differences that comparing ones found."""
    every = past_runs.last()
    names = sorted({run.service for run in every} | {s for s in SYNCS if SYNCS[s].on()})
    service = request.args.get("service", "")
    runs = [run for run in every if service in {"", run.service}]
    compared = [run.id for run in runs if run.kind in _COMPARES]
    asked = reconcile_asked.asked()
    values = {
        "runs": runs,
        "groups": past_drift.groups(compared, _COUNTED),
        "counted": _COUNTED,
        "each": past_drift.entries(compared, _EACH, _COUNTED) if service else [],
        "asked": asked,
        "service": service if service in names else "",
        "services": names,
        "can": [name for name, sync in SYNCS.items() if sync.on() and service in {"", name}],
        "busy": bool(asked) or any(run.busy for run in runs),
    }
    return render("syncs_found.html" if wants_part() else "syncs.html", **values)


@blueprint.post("/syncs/reconcile")
def reconcile() -> Response:
    """Have workers compare a service with the rows here, and repair these if that is asked."""
    name, apply = _name(), request.form.get("how") == "apply"
    action = "reconcile and repair" if apply else "reconcile, to look"
    audit.note(action, name, count=_open(name))
    if reconcile_asked.ask(name, apply=apply, by=who.user()):
        flash(f"{name} is being compared{', and repaired' if apply else ''}.")
    else:
        flash(f"{name} is being compared already: call that off first.")
    return to("syncs.show", service=name)


@blueprint.post("/syncs/forget")
def forget() -> Response:
    """Call off what was asked for; what is written stays."""
    name = _name()
    audit.note("call off a reconcile", name)
    reconcile_asked.forget(name)
    return to("syncs.show", service=name)


def _open(service: str) -> int:
    """Return how many known differences nobody has repaired, of `_COUNTED` of each run."""
    runs = [run.id for run in past_runs.last() if run.service == service]
    return sum(group.count - group.repaired for group in past_drift.groups(runs, _COUNTED))


def _name() -> str:
    name = request.form.get("service", "")
    return name if name in SYNCS and SYNCS[name].on() else abort(404)
