"""How the service failed where tokens are given: the second table of docs/oauth-tried.md.

Each is `what it does` -> (how it is brought about, status, reason).
"""

from simulator.oauth_dials import OAuthDials
from simulator.stand_in import Fault
from tests.receiver.oauth.browser import changed
from tests.receiver.oauth.hostile import back


def _faults(*faults):
    def go(browser, authority):
        url = back(browser)
        authority.faults.extend(faults)
        return browser.get(url)

    return go


def _dials(**dials):
    def go(browser, authority):
        url = back(browser)
        authority.dials = OAuthDials(**dials)
        return browser.get(changed(url, **({} if "fails" in dials else {"code": "made-up"})))

    return go


def _fails(error):
    def go(browser, authority):
        authority.dials.fails = error
        return browser.get(browser.consent(browser.begin()))

    return go


def _denies(browser, authority):
    authority.dials.consent = "denies"
    return browser.get(back(browser))


def _wrong_secret(browser, authority):
    url = back(browser)
    authority.client_secret = "changed at the service"
    return browser.get(url)


def _slow(browser, authority):
    url = back(browser)
    authority.dials.slow = 30
    return browser.get(url)


_PAGE = b"<!doctype html><p>access_token=leaked-by-a-page</p>"
_JSON = b'{"access_token":7,"refresh_token":"leaked-by-an-answer"}'

AT_THE_SERVICE = {
    "the owner says no": (_denies, 403, "denied"),
    "`error=server_error`": (_fails("server_error"), 502, "provider_error"),
    "`error=invalid_scope`": (_fails("invalid_scope"), 502, "provider_error"),
    "an error as JSON with 400": (_dials(), 502, "code_refused"),
    "an error as JSON with 200 and `ok: false`": (
        _dials(errors="ok_false"),
        502,
        "provider_failed",
    ),
    "an error as a page": (_dials(errors="html"), 502, "provider_failed"),
    "a wrong client secret": (_wrong_secret, 502, "client_refused"),
    "500": (_faults(Fault(500)), 502, "provider_failed"),
    "429": (_faults(Fault(429)), 502, "provider_failed"),
    "200 with a page": (_faults(Fault(200, _PAGE)), 502, "provider_failed"),
    "200 without a token": (
        _faults(Fault(200, b'{"token_type":"Bearer"}')),
        502,
        "provider_failed",
    ),
    "200 with a list": (_faults(Fault(200, b'["access_token"]')), 502, "provider_failed"),
    "200 with a token that is no text": (_faults(Fault(200, _JSON)), 502, "provider_failed"),
    "a redirect of the token request": (
        _faults(Fault(302, b"", {"location": "http://127.0.0.1:1/"})),
        502,
        "provider_failed",
    ),
    "a reset": (_faults(Fault(resets=True)), 504, "provider_silent"),
    "a reset after all was done": (_faults(Fault(resets=True, done=True)), 504, "provider_silent"),
    "silence": (_slow, 504, "provider_silent"),
}
