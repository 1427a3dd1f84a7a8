"""Incidents: what is and was broken, why, since when, who was told, and what mends it."""

from flask import Blueprint, Response, request

from console.page import Page
from console.rendering import Link, render
from worker.alerts.channels import channels
from worker.alerts.shown import latest

_AT_ONCE = 50

blueprint = Blueprint("alerts", __name__)
PAGE = Page(blueprint, (Link("/alerts", "Alerts", "a"),))


@blueprint.get("/alerts")
def show() -> Response:
    """Show the open incidents, and with `all` those that are over too; the newest first."""
    over = bool(request.args.get("all"))
    found = latest(_AT_ONCE, over=over)
    told = [channel.name for channel in channels()]
    return render("alerts.html", incidents=found, over=over, told=told)
