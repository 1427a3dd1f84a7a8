"""The way to a service: whoever opens a link is shown what it is for, and has to say yes.

Looking spends nothing. What says yes is the form of that very page in that very browser: the form
has the hash of a cookie that no other site can have sent along.
"""

import hmac
import secrets
import time

from flask import Response, request

from integrations.oauth import flow, links
from integrations.oauth.interface import Provider
from integrations.oauth.links import Link
from receiver import oauth_cookies, oauth_pending, oauth_rooms
from receiver.oauth_figures import FLOWS
from receiver.oauth_pages import HEADERS, Stopped, question
from settings import settings


def asked(provider: Provider) -> Response:
    """Return the page that asks whether to go on."""
    link = _link(provider, time.time())
    secret = oauth_cookies.of(link.digest) or secrets.token_urlsafe(32)
    answer = question(link, flow.hashed(secret))
    oauth_cookies.give(answer, link.digest, secret, comes_from="Strict")
    return answer


def sent(provider: Provider) -> Response:
    """Return the redirect to the service, and what the browser is to know."""
    now = time.time()
    link = _link(provider, now)
    _check_answer(link)
    if not oauth_pending.first_use(link, now):
        raise Stopped("link_used")
    back = flow.redirect_uri(settings().oauth.oauth_public_url, provider.name)
    begun = flow.begin(provider, link, back, now + oauth_pending.PENDING_SECONDS)
    if not oauth_pending.keep(begun.state, begun.pending):
        raise Stopped("unavailable")
    FLOWS.labels(provider.name, "begun").inc()
    answer = Response("", 303, {**HEADERS, "Location": begun.url})
    # it comes back from the service's site by a link
    oauth_cookies.give(answer, begun.state, begun.browser, comes_from="Lax")
    return oauth_cookies.forget(answer, link.digest)


def _link(provider: Provider, now: float) -> Link:
    """Return the link that is opened. Raises LinkRefused, Stopped and Locked."""
    query = request.args.to_dict(flat=False)
    key = settings().oauth.oauth_link_key.get_secret_value()
    link = links.opened(provider.name, query, key, now)
    if oauth_pending.used(link):
        raise Stopped("link_used")
    oauth_rooms.check_keys()  # nobody shall consent to what cannot be kept
    return link


def _check_answer(link: Link) -> None:
    """Raise Stopped if it was not our page, in this browser, that said yes."""
    known, told = oauth_cookies.of(link.digest), request.form.get("sure", "")
    if not (known and hmac.compare_digest(flow.hashed(known).encode(), told.encode())):
        raise Stopped("not_confirmed")
