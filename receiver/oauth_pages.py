"""What a browser is shown: small pages without scripts, links and secrets."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from http import HTTPStatus as Status

from flask import Response

from integrations.oauth.links import Link

_STYLE = (
    ":root{color-scheme:light dark;--text:#1b1f24;--weak:#59636e;--line:#d1d9e0;--page:#f6f8fa;"
    "--card:#fff;--press:#1f6feb}"
    "@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--weak:#9198a1;--line:#3d444d;"
    "--page:#010409;--card:#0d1117}}"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);margin:0}"
    "main{max-width:30rem;margin:12vh auto 2rem;padding:2rem;background:var(--card);"
    "border:1px solid var(--line);border-top:4px solid var(--press);border-radius:12px}"
    "main.ok{border-top-color:#1a7f37}main.no{border-top-color:#cf222e}"
    "h1{font-size:1.4rem;line-height:1.25;margin:0 0 1rem}p{margin:0 0 1rem}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1.25rem;margin:0 0 1.25rem;"
    "padding:1rem 0;border:solid var(--line);border-width:1px 0}"
    "dt{color:var(--weak)}dd{margin:0;font-weight:600;overflow-wrap:anywhere}"
    "button{font:inherit;font-weight:600;padding:.6rem 1.25rem;border:0;border-radius:8px;"
    "color:#fff;background:var(--press);cursor:pointer}"
    "button:focus-visible{outline:3px solid var(--text);outline-offset:2px}"
    "small{display:block;font-size:.875rem;color:var(--weak)}form{margin:1.5rem 0 0}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": f"{_POLICY}; form-action 'none'",
    "Referrer-Policy": "no-referrer",  # addresses have codes in them
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
# Browsers hold `form-action` against all that the form's answer leads on to, and where a service
# sends one on to is not ours to know: here it is left out
_ASKING = {**HEADERS, "Content-Security-Policy": _POLICY}


class Stopped(Exception):
    """It ends here. `reason` is the code that the browser is told."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Page:
    status: Status
    title: str
    text: str


_NEW_LINK = "Go back to the application and begin again there: that makes a new link."
_OURS = "This is nothing that you can mend. Tell whoever runs this application the code below."
_REFUSED = f"Nothing was connected. {_NEW_LINK}"
_LATER = "Nothing was connected. Wait a little, then begin again in the application."

PAGES: Mapping[str, _Page] = {
    "connected": _Page(
        Status.OK, "Connected", "The account is connected. You can close this window."
    ),
    "denied": _Page(
        Status.FORBIDDEN,
        "Not connected",
        f"You, or the service, said no, and nothing was connected. {_NEW_LINK}",
    ),
    # the link that begins a flow
    "link_malformed": _Page(Status.BAD_REQUEST, "This link is not whole", _NEW_LINK),
    "link_forged": _Page(Status.FORBIDDEN, "This link is not one of ours", _NEW_LINK),
    "link_expired": _Page(Status.GONE, "This link is too old", _NEW_LINK),
    "link_too_long": _Page(Status.FORBIDDEN, "This link is good for too long", _OURS),
    "link_used": _Page(
        Status.GONE, "This link was used already", f"Each can be used once. {_NEW_LINK}"
    ),
    "not_confirmed": _Page(
        Status.FORBIDDEN,
        "You were not asked",
        "Nothing was begun. Open the link again, and press the button on the page that it shows.",
    ),
    # the way back
    "malformed": _Page(Status.BAD_REQUEST, "This answer makes no sense", _REFUSED),
    "state_missing": _Page(Status.BAD_REQUEST, "Nobody here asked for this", _REFUSED),
    "state_unknown": _Page(Status.FORBIDDEN, "Nobody here asked for this", _REFUSED),
    "state_expired": _Page(Status.GONE, "That took too long", _REFUSED),
    "state_replayed": _Page(Status.GONE, "This answer came twice", _REFUSED),
    "other_browser": _Page(
        Status.FORBIDDEN,
        "This began in another browser",
        f"Nothing was connected. A flow ends in the browser that it began in. {_NEW_LINK}",
    ),
    "wrong_service": _Page(Status.FORBIDDEN, "Another service was asked", _REFUSED),
    "issuer_missing": _Page(Status.FORBIDDEN, "It is not sure who answers", _REFUSED),
    "issuer_mismatch": _Page(Status.FORBIDDEN, "Somebody else answers", _REFUSED),
    "code_missing": _Page(Status.BAD_REQUEST, "This answer makes no sense", _REFUSED),
    # what the service says
    "provider_error": _Page(Status.BAD_GATEWAY, "The service reports an error", _REFUSED),
    "provider_silent": _Page(Status.GATEWAY_TIMEOUT, "The service does not answer", _LATER),
    "provider_failed": _Page(Status.BAD_GATEWAY, "The service could not do it", _LATER),
    "provider_busy": _Page(Status.SERVICE_UNAVAILABLE, "The service has too much to do", _LATER),
    "code_refused": _Page(Status.BAD_GATEWAY, "The service does not finish it", _REFUSED),
    "client_refused": _Page(Status.BAD_GATEWAY, "The service does not know us", _OURS),
    "other_account": _Page(
        Status.CONFLICT,
        "That is another account",
        "Another account of the service is connected here, and stays so. Choose that one there, or "
        "have whoever runs this application revoke it first.",
    ),
    # our own
    "unknown_service": _Page(Status.NOT_FOUND, "There is no such service", _OURS),
    "not_configured": _Page(Status.SERVICE_UNAVAILABLE, "This is not set up", _OURS),
    "busy": _Page(
        Status.SERVICE_UNAVAILABLE, "One moment", "Too many come back at once. Reload this page."
    ),
    "unavailable": _Page(Status.SERVICE_UNAVAILABLE, "This does not work at the moment", _LATER),
}


def page(reason: str) -> Response:
    """Return the page of a reason. Nothing that came with the request is on it."""
    shown = PAGES[reason]
    text = f"<p>{escape(shown.text)}</p><small>Code: <code>{escape(reason)}</code></small>"
    return _page(shown.status, escape(shown.title), text, HEADERS)


def question(link: Link, sure: str) -> Response:
    """Return the page that asks whether to go on to a service; its button posts `sure`.

    It goes to the address that the page is at. What the link says is set apart (`bdi`), lest its
    letters turn ours around.
    """
    told = (link.service, link.label or link.account, link.by)
    service, account, by = (escape(text) for text in told)
    text = (
        f"<p>At {service} you will be asked to let this application act for you.</p>"
        f"<dl><dt>Service</dt><dd>{service}</dd><dt>Account here</dt><dd><bdi>{account}</bdi></dd>"
        f"<dt>Begun by</dt><dd><bdi>{by}</bdi></dd></dl>"
        "<p>Go on only if you began this in the application yourself, and these names are yours: "
        f"what you allow will be used by whoever works as <bdi>{account}</bdi> there. If somebody "
        "sent you this link, close the window.</p>"
        f'<form method="post"><input type="hidden" name="sure" value="{escape(sure)}">'
        f"<button>Go on to {service}</button></form>"
    )
    return _page(Status.OK, f"Connect {service}?", text, _ASKING)


def _page(status: Status, title: str, text: str, headers: Mapping[str, str]) -> Response:
    look = "" if headers is _ASKING else f' class="{"ok" if status is Status.OK else "no"}"'
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main{look}>"
        f"<h1>{title}</h1>{text}</main></body></html>\n"
    )
    return Response(html, status, headers, content_type="text/html; charset=utf-8")
