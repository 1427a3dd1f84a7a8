"""Effects: what is done at other services because of events, and what became of it."""

from flask import Blueprint, Response, request

from console.page import Page
from console.rendering import Link, render
from db.models.effects import EFFECT_STATUSES
from integrations.targets import TARGETS
from worker import browse_effects

_AT_ONCE = 100

blueprint = Blueprint("effects", __name__)
PAGE = Page(blueprint, (Link("/effects", "Effects", "f"),))


@blueprint.get("/effects")
def show() -> Response:
    """Show the newest effects to a target, in a status; without their payloads."""
    target, status = request.args.get("target", ""), request.args.get("status", "")
    asked = {
        "target": target if target in TARGETS else "",
        "status": status if status in EFFECT_STATUSES else "",
    }
    found = browse_effects.newest(asked["target"] or None, asked["status"] or None, _AT_ONCE)
    known = {"targets": list(TARGETS), "statuses": EFFECT_STATUSES, "most": _AT_ONCE}
    walked = browse_effects.WALKED
    return render("effects.html", effects=found, asked=asked, walked=walked, **known)
