"""Calls through requests: for services without an SDK, and for SDKs built on it."""

import os
import threading
from collections.abc import Callable, Collection, Mapping
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema, RequestException

from integrations.errors import Permanent
from integrations.outbound import line
from integrations.outbound.answer import Answer
from integrations.outbound.call import Call, Reply
from integrations.outbound.gate import through, timeouts
from integrations.outbound.judging import cut
from integrations.outbound.watched import POOLS

_here = threading.local()  # a session is not made for several threads, nor for a fork's both sides
os.register_at_fork(after_in_child=lambda: vars(_here).clear())


def request(
    service: str,
    operation: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    json: Any = None,
    content: bytes | None = None,
    fine: Collection[int] = (),
    attempt: int = 1,
    path: str | None = None,
) -> Answer:
    """Call a service; return its answer if that is a 2xx, or one of the statuses that are `fine`.

    `operation` names the call in logs and limits (`contacts.update`), `path` is what the log shows
    instead of the path in `url` where that is secret. Raises Permanent, Transient, and Blocked
    (a Deferred) if nothing was sent.
    """
    call = Call(
        service=service,
        operation=operation,
        method=method,
        path=path or line.shown(url),
        attempt=attempt,
        fine=fine,
    )
    send = partial(_send, method, url, headers=headers, params=params, json=json, data=content)
    found = _through(call, send)
    if found.status_code // 100 != 2 and found.status_code not in fine:
        raise Permanent(f"{call} answered {found.status_code}")
    return Answer(found.status_code, found.headers, found.content)


def _send(method: str, url: str, **what: Any) -> requests.Response:
    """Send with this thread's session. Raises Permanent if the address is none."""
    return _session("", _Adapter).request(
        method,
        url,
        timeout=timeouts(),
        allow_redirects=False,  # it would make a GET of a POST
        **what,
    )


def _through(call: Call, send: Callable[[], requests.Response]) -> requests.Response:
    def sent() -> Reply[requests.Response]:
        try:
            found = send()
        except RequestException as error:
            raise cut(str(call), error) from error
        return Reply(found.status_code, found.headers, found)

    return through(call, sent)


class _Adapter(HTTPAdapter):
    """Sends through connections that a deadline can cut."""

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        """Make the pools."""
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **named: Any) -> Any:
        """Return the pools of a proxy."""
        found: Any = super().proxy_manager_for(*args, **named)
        found.pool_classes_by_scheme = POOLS
        return found


class _Gate(_Adapter):
    """What a session sends through."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def send(
        self, request: requests.PreparedRequest, *args: Any, **named: Any
    ) -> requests.Response:
        """Return the answer, read to its end. Raises what `through` does."""
        send = super().send

        def whole() -> requests.Response:
            found = send(request, *args, **{**named, "timeout": timeouts()})
            return found if named.get("stream") else _read(found)

        return _through(_call(self.service, request), whole)


def _read(found: requests.Response) -> requests.Response:
    _ = found.content  # half a body raises here
    return found


def _call(service: str, request: requests.PreparedRequest) -> Call:
    method, url = request.method or "", request.url or ""
    return Call(
        service=service,
        operation=line.operation(method, url),
        method=method,
        path=line.shown(url),
    )


def session(service: str) -> requests.Session:
    """Return this thread's session whose every request passes the gate, for SDKs built on requests.

    What can be tried again raises Transient there, and Blocked if nothing was sent; the SDK sees
    all other answers. Where it wraps what it does not know, `outcome_of` finds it.
    """
    return _session(service, lambda: _Gate(service))


class _OfAnyThread(requests.Session):
    """Has each thread use its own."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def request(self, *args: Any, **named: Any) -> requests.Response:
        """Return the answer. Raises what `session` does."""
        return session(self._service).request(*args, **named)


def session_of_any_thread(service: str) -> requests.Session:
    """Return what an SDK may keep that serves several threads: it uses `session` in each."""
    return _OfAnyThread(service)


class _Straight(requests.Session):
    """Goes nowhere else: what is sent is for the service alone, and would arrive as a GET.

    It keeps no cookies: those of one account's call would go with another's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def request(self, *args: Any, **named: Any) -> requests.Response:
        """Return the answer. Raises Permanent if the address is none."""
        try:
            return super().request(*args, **named)
        except (InvalidURL, MissingSchema, InvalidSchema):
            raise Permanent("the service's address is wrong: see its setting") from None

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return that there is none: whoever asked is answered 3xx."""


def _session(name: str, adapter: Callable[[], HTTPAdapter]) -> requests.Session:
    sessions: dict[str, requests.Session] = vars(_here).setdefault("sessions", {})
    if name not in sessions:
        sessions[name] = _Straight()
        # else a .netrc would overrule the headers
        sessions[name].auth = lambda prepared: prepared
        for scheme in ("https://", "http://"):
            sessions[name].mount(scheme, adapter())
    return sessions[name]
