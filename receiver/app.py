"""The door: proves who is calling, stores the delivery, answers."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus as Status

from flask import Flask, Response, request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

import telemetry
from integrations import INTEGRATIONS
from integrations.errors import InvalidSignature
from integrations.interface import Delivery, Integration
from receiver import metrics, probes, refusals, signature_doctor
from receiver.fallback import Unavailable
from receiver.signature_doctor import Finding
from receiver.store import keep
from settings import settings
from telemetry import RECEIVE_SECONDS, RECEIVED, traces

_log = telemetry.log(__name__)
ACCEPTED = b'{"status":"accepted"}\n'


def create_app() -> Flask:
    """Return the WSGI application of one process."""
    telemetry.configure()
    _check_secrets()
    app = Flask("receiver", static_folder=None)
    # one more than that: werkzeug cuts a body that comes in chunks off there, and is silent
    app.config["MAX_CONTENT_LENGTH"] = settings().receiver.max_body_bytes + 1
    app.add_url_rule("/webhooks/<service>", view_func=receive, methods=["POST"])
    app.add_url_rule("/webhooks/<service>/<endpoint>", view_func=receive, methods=["POST"])
    probes.add_to(app)
    metrics.add_to(app)
    if settings().oauth.connects:
        # what talks to services is 20 MB that a receiver without these pages does without
        from receiver import oauth  # noqa: PLC0415

        oauth.add_to(app)
    if proxies := settings().receiver.trusted_proxies:  # so many tell us the sender's address
        trusting = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)
        app.wsgi_app = trusting  # type: ignore[method-assign]  # Flask's documented way
    app.register_error_handler(HTTPException, _refused_by_flask)
    return app


def _check_secrets() -> None:
    """Say which secrets cannot be right; this also loads the libraries before the first request."""
    for (name, endpoint), secrets in _SECRETS.items():
        service = INTEGRATIONS.get(name)
        if service and not all(service.usable(secret, time.time()) for secret in secrets):
            _log.error("start.secret_unusable", service=name, endpoint=endpoint)


def receive(service: str, endpoint: str = "") -> Response:
    """Answer one delivery: 202, or why not."""
    integration = INTEGRATIONS.get(service)
    secrets = _SECRETS.get((service, endpoint))  # None: nobody configured that endpoint
    if integration is None or (endpoint and secrets is None):
        return _error("unknown_service" if integration is None else "unknown_endpoint", 404)
    began, attributes = time.perf_counter(), {"messaging.destination.name": service}
    span = traces.begin(f"receive {service}", "http.server", attributes)
    failed = True
    try:
        answer = _received(integration, endpoint, secrets or (), span.header if span else "")
        failed = answer.status_code >= Status.INTERNAL_SERVER_ERROR
    except HTTPException:  # what was sent was wrong: too large, or cut off
        failed = False
        raise
    finally:
        RECEIVE_SECONDS.labels(service).observe(time.perf_counter() - began)
        if span:
            span.end(failed=failed)
    return answer


def _received(
    integration: Integration, endpoint: str, secrets: Sequence[str], trace: str
) -> Response:
    body, service = _body(), integration.name
    headers = _headers(integration, request.environ)
    try:
        integration.verify(body, headers, secrets, time.time())
    except InvalidSignature as refused:
        RECEIVED.labels(service, refused.reason).inc()
        examined = partial(_examined, integration, endpoint, refused.reason, body)
        refusals.note(service, endpoint, refused.reason, request, len(body), examined=examined)
        return _error(refused.reason, 401)
    kept = _kept_headers(integration, headers)
    return _kept(Delivery(service, endpoint, body, kept, _now(), trace))


def _examined(integration: Integration, endpoint: str, reason: str, body: bytes) -> Finding:
    """Return why: asked of few, for it looks at all headers."""
    return _DOCTOR.finding(signature_doctor.refused(integration, endpoint, reason, body, request))


def _kept(delivery: Delivery) -> Response:
    try:
        where = keep(delivery)
    except Unavailable as unavailable:
        RECEIVED.labels(delivery.service, "unavailable").inc()
        answer = _error("unavailable", 503)
        answer.headers["Retry-After"] = str(unavailable.retry_after)
        return answer
    RECEIVED.labels(delivery.service, where).inc()
    return Response(ACCEPTED, 202, content_type="application/json")


def _body() -> bytes:
    """Return the whole body. Raises BadRequest or RequestEntityTooLarge."""
    try:
        body = request.get_data(cache=False)
    except ParseException as error:  # what should have come in chunks did not
        raise BadRequest from error
    if len(body) > settings().receiver.max_body_bytes:
        raise RequestEntityTooLarge
    return body


def _now() -> datetime:
    return datetime.now(UTC)


_SECRETS = {
    (service, endpoint): tuple(secret.get_secret_value() for secret in secrets)
    for service, endpoints in settings().endpoints.items()
    for endpoint, secrets in endpoints.items()
}
_DOCTOR = signature_doctor.Doctor(_SECRETS)
# WSGI's own names of the headers that an integration looks at: the others are not even copied
_WSGI = {
    service.name: tuple(
        (name, f"HTTP_{name.upper().replace('-', '_')}") for name in service.headers
    )
    for service in INTEGRATIONS.values()
}


def _headers(service: Integration, environ: Mapping[str, str]) -> dict[str, str]:
    return {name: environ[key] for name, key in _WSGI[service.name] if key in environ}


def _kept_headers(service: Integration, headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in service.kept_headers if name in headers}


def _error(reason: str, status: int) -> Response:
    return Response(f'{{"error":"{reason}"}}\n', status, content_type="application/json")


def _refused_by_flask(error: HTTPException) -> Response:
    answer = _error((error.name or "error").lower().replace(" ", "_"), error.code or 500)
    answer.headers.extend(error.get_headers()[1:])  # Allow, where there is one
    return answer
