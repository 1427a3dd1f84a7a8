"""Calls through boto3."""

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
    AWSPreparedRequest,
    AWSResponse,
)
from botocore.exceptions import BotoCoreError, ConnectionClosedError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from integrations.outbound.call import Call, Reply
from integrations.outbound.gate import through, timeouts
from integrations.outbound.judging import cut
from integrations.outbound.watched import Watched


class _Plain(Watched, AWSHTTPConnection):  # type: ignore[misc]  # as botocore's own
    pass


class _Secure(Watched, AWSHTTPSConnection):  # type: ignore[misc]  # as botocore's own
    pass


class _PlainPool(AWSHTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(AWSHTTPSConnectionPool):
    ConnectionCls = _Secure


class _Web(URLLib3Session):
    """Sends through connections that a deadline can cut."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._pool_classes_by_scheme: dict[str, Any]
        self._pool_classes_by_scheme |= {"http": _PlainPool, "https": _SecurePool}


def pass_gate(client: Any, service: str) -> None:
    """Have the client's requests pass the gate.

    What a handler of botocore's `before-send` returns, botocore takes for the answer; what it
    raises is raised to the caller: botocore/endpoint.py.
    """
    url = client.meta.endpoint_url
    pair: Any = timeouts()  # the stubs know one number only
    web = _Web(timeout=pair, proxies=get_environ_proxies(url))

    def send(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        call = Call(
            service=service,
            operation=event_name.rpartition(".")[2],
            method=request.method,
            path=_bucket(request.url),
        )
        return through(call, lambda: _sent(call, web, request))

    client.meta.events.register("before-send", send)


def _sent(call: Call, web: URLLib3Session, request: AWSPreparedRequest) -> Reply[AWSResponse]:
    request.stream_output = False  # a body is read here, where the call has an end
    try:
        found = web.send(request)
        _check_length(request, found)
    except BotoCoreError as error:
        raise cut(str(call), error) from error
    found.raw = BytesIO(found.content)
    return Reply(found.status_code, found.headers, found)


def _check_length(request: AWSPreparedRequest, found: AWSResponse) -> None:
    """Raise ConnectionClosedError for half a body: botocore itself looks at streams only."""
    length = found.headers.get("Content-Length", "")
    if request.method != "HEAD" and length.isdecimal() and len(found.content) < int(length):
        raise ConnectionClosedError(endpoint_url=request.url)


def _bucket(url: str) -> str:
    """Return the path without the object's key, which may be anything."""
    bucket = urlsplit(url).path.split("/")[1]
    return f"/{bucket}/*" if bucket else "/"
