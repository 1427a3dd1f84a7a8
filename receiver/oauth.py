"""The door for browsers: they leave for a service to connect an account, and come back.

`/oauth/<service>/start` shows what a signed link is for; a POST there spends the link, and sends on
to the service. `GET /oauth/<service>/callback` takes what the service sent back. All answer with a
page, or send on to an address of the settings: nothing that came with a request says where.
"""

from collections.abc import Callable

from flask import Blueprint, Flask, Response, request
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from integrations.oauth.flow import FlowRefused
from integrations.oauth.interface import Locked, Provider
from integrations.oauth.links import LinkRefused
from integrations.oauth.providers import usable
from receiver import oauth_cookies, oauth_return, oauth_start, refusals
from receiver.oauth_figures import FLOWS
from receiver.oauth_pages import Stopped, page
from telemetry import describe, log

# the state may not be taken yet: the page can be reloaded
_NOT_OVER = {"busy", "unavailable", "not_configured"}

_log = log(__name__)
routes = Blueprint("oauth", __name__, url_prefix="/oauth")


def add_to(app: Flask) -> None:
    """Add the addresses, unless the team's own providers cannot be used: webhooks come anyway."""
    if usable():
        app.register_blueprint(routes)


@routes.get("/<service>/start")
def start(service: str) -> Response:
    """Show a browser that came with a link what it is for, or say why not."""
    return _answered(service, "start", oauth_start.asked)


@routes.post("/<service>/start")
def go_on(service: str) -> Response:
    """Send a browser whose owner said yes to the service, or say why not."""
    return _answered(service, "start", oauth_start.sent)


@routes.get("/<service>/callback")
def callback(service: str) -> Response:
    """Connect the account that a browser comes back for, or say why not."""
    return _answered(service, "callback", oauth_return.come_back)


def _answered(service: str, step: str, answer: Callable[[Provider], Response]) -> Response:
    provider = usable().get(service)
    if provider is None:
        return page("unknown_service")
    try:
        return _of_one_set_up(provider, answer)
    except HTTPException:
        raise
    except Exception as error:  # noqa: BLE001  a provider's functions may be the team's own
        reason = _reason(service, step, error)
    FLOWS.labels(service, reason).inc()
    refusals.note(service, f"oauth/{step}", reason, request, 0)
    if reason in _NOT_OVER:
        return page(reason)
    return oauth_cookies.forget(page(reason), request.args.get("state", ""))


def _of_one_set_up(provider: Provider, answer: Callable[[Provider], Response]) -> Response:
    if not provider.on():
        raise Stopped("not_configured")
    return answer(provider)


def _reason(service: str, step: str, error: Exception) -> str:
    """Return the code of why it ends here; what is not the browser's doing is logged."""
    match error:
        case LinkRefused() | FlowRefused() | Stopped():
            return error.reason
        case RedisError() | SQLAlchemyError():
            event, reason = "oauth.store", "unavailable"
        case Locked():
            event, reason = "oauth.keys", "not_configured"
        case _:
            event, reason = "oauth.broken", "not_configured"
    _log.error(event, service=service, step=step, error=describe(error))
    return reason
