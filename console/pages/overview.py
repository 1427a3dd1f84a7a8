"""The first page: which integration is broken, which is only slow, why, and since when."""

from flask import Blueprint, Response

from console import cards
from console.page import Page
from console.rendering import Link, render, wants_part

blueprint = Blueprint("overview", __name__)
PAGE = Page(blueprint, (Link("/", "Overview", "o"),))


@blueprint.get("/")
def show() -> Response:
    """Show a card for each integration; htmx asks for these again while the page is open."""
    all_cards = cards.cards()
    on = [card for card in all_cards if card.health.state != "not configured"]
    off = [card.health.service for card in all_cards if card.health.state == "not configured"]
    template = "overview_cards.html" if wants_part() else "overview.html"
    strip = cards.strip()
    return render(template, cards=on, off=off, strip=strip, title=cards.title(on, strip))
