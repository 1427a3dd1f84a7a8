"""The pages, in the order of the navigation. A page that is not in this list does not exist."""

from console.page import Page
from console.pages import (
    alerts,
    audit,
    connections,
    dead_letters,
    effects,
    events,
    overview,
    refused,
    services,
    syncs,
    why,
)

PAGES: tuple[Page, ...] = (
    overview.PAGE,
    alerts.PAGE,
    events.PAGE,
    why.PAGE,
    effects.PAGE,
    dead_letters.PAGE,
    refused.PAGE,
    syncs.PAGE,
    connections.PAGE,
    services.PAGE,
    audit.PAGE,
)
