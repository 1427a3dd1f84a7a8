"""What we ask Clerk: its own library, through the gate."""

import re
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import cache

import httpx
from clerk_backend_api import Clerk, models
from clerk_backend_api.utils import BackoffStrategy, RetryConfig

from integrations.errors import Permanent, Transient
from integrations.outbound import outcome_of, transport
from settings import settings

# by default it tries again for an hour: clerk_backend_api/users.py
_ONCE = RetryConfig("none", BackoffStrategy(1, 1, 1, 1), False)
# one object is asked for, or the membership of one in one: integrations/clerk/calls.py
_ONE_OBJECT = re.compile(
    r"/users/(?!count$)[^/]+$|/organizations/[^/]+(/memberships|/invitations/[^/]+)?$"
)
_heard: ContextVar[list[httpx.Response]] = ContextVar("heard")


@cache
def client() -> Clerk:
    """Return this process' client, made when it is first asked for: not before a fork.

    Calls raise Transient, Permanent and Deferred inside `asking()`. The library tries nothing
    again.
    """
    shape = settings().clerk
    return Clerk(
        bearer_auth=shape.clerk_secret_key.get_secret_value(),
        server_url=shape.clerk_api_base,
        client=httpx.Client(
            transport=transport("clerk", fine=_fine), event_hooks={"response": [_hear]}
        ),
        retry_config=_ONCE,
    )


def _fine(request: httpx.Request) -> Collection[int]:
    """Return 404 where that there is no such object is what is asked, when one was deleted.

    Of a listing it is a failure: the address is wrong.
    """
    one = request.method == "GET" and _ONE_OBJECT.search(request.url.path)
    return (404,) if one else ()


def _hear(answer: httpx.Response) -> None:
    _heard.get([]).append(answer)


@contextmanager
def hearing() -> Iterator[list[httpx.Response]]:
    """Give the answers that come meanwhile to this thread, as they come.

    The library's types drop the fields that they do not know: clerk_backend_api/types/basemodel.py.
    """
    heard: list[httpx.Response] = []
    before = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(before)


def asking() -> AbstractContextManager[None]:
    """Return a block in which the library's errors become ours."""
    return outcome_of(_meaning)


def _meaning(error: Exception) -> Exception:
    """Return what an error of the library means; what the gate raises is not among them.

    Its message holds the body, so only the status is told: clerk_backend_api/models/sdkerror.py. A
    2xx that cannot be read has been acted upon.
    """
    if not isinstance(error, models.ClerkBaseError):
        return error
    message = f"clerk answered {error.status_code} ({type(error).__name__})"
    if error.status_code < 300:
        return Transient(message, unknown=True)
    return Permanent(message)


def check_key() -> None:
    """Ask for the public keys, which changes nothing. Raises Permanent for a wrong key."""
    with asking():
        client().jwks.get_jwks()
