"""What was tried on the way there and back, and the answers: tables of docs/oauth-tried.md.

Each is `what comes` -> (how it is sent, status, reason).
"""

from tests.receiver.oauth.browser import Browser, changed, link, parameter


def back(browser):
    """Return the address that one is sent back to, after consent."""
    return browser.consent(browser.begin())


def _with(**parameters):
    return lambda browser, *_: browser.get(changed(back(browser), **parameters))


def _bare(path):
    return lambda browser, *_: browser.get(path)


def _twice(browser, *_):
    url = back(browser)
    browser.get(url)
    return browser.get(url)


def _second_code(browser, *_):
    url = back(browser)
    browser.get(url)
    return browser.get(changed(url, code="another"))


def _late(browser, _app, clock):
    url = back(browser)
    clock.ahead += 601
    return browser.get(url)


def _of_another_browser(browser, app, _clock):
    return Browser(app).get(back(browser))


def _of_another_account(browser, app, _clock):
    """Mallory consents, and has Ada, who is in the middle of her own flow, come back with it."""
    ada = Browser(app)
    ada.begin(link(account="ada"))
    return ada.get(back(browser))


def _swapped_state(browser, *_):
    """The code of one flow with the state of another, both of this browser: PKCE tells."""
    one, other = browser.begin(), browser.begin(link(account="other"))
    return browser.get(changed(browser.consent(one), state=parameter(other, "state")))


def _code_of_another(browser, app, _clock):
    """Mallory puts Ada's code, which she came by, into a flow of her own: code injection."""
    stolen = parameter(back(browser), "code")
    mallory = Browser(app)
    return mallory.get(changed(back(mallory), code=stolen))


def _at_the_other(browser, *_):
    return browser.get(back(browser).replace("/loopback/", "/other/"))


def _twice_in_it(browser, *_):
    url = back(browser)
    return browser.get(f"{url}&code=another")


def _other_cookie(browser, app, _clock):
    url = back(browser)
    name = next(iter(browser.cookies.values())).key
    return Browser(app).get(url, headers={"Cookie": f"{name}=made-up"})


def _issuer_and_slash(browser, *_):
    url = back(browser)
    return browser.get(changed(url, iss=parameter(url, "iss") + "/"))


def _going_on(_browser, app, _clock):
    query = "next=https://evil.example&redirect_uri=//evil.example"
    return Browser(app).get(f"/oauth/loopback/callback?{query}")


def _denial_elsewhere(browser, app, _clock):
    return Browser(app).get(changed(back(browser), error="access_denied"))


FROM_OUTSIDE = {
    "nothing at all": (_bare("/oauth/loopback/callback"), 400, "state_missing"),
    "a code without a state": (_bare("/oauth/loopback/callback?code=x"), 400, "state_missing"),
    "an error without a state": (
        _bare("/oauth/loopback/callback?error=access_denied"),
        400,
        "state_missing",
    ),
    "a state that is made up": (_with(state="made-up"), 403, "state_unknown"),
    "a state of 100,000 characters": (_with(state="s" * 100_000), 403, "state_unknown"),
    "a state with a NUL and half a character": (
        _bare("/oauth/loopback/callback?state=%00%ed%b2%80&code=x&iss=x"),
        403,
        "state_unknown",
    ),
    "the answer again": (_twice, 410, "state_replayed"),
    "the answer again with another code": (_second_code, 410, "state_replayed"),
    "the answer after ten minutes": (_late, 410, "state_expired"),
    "the answer in another browser": (_of_another_browser, 403, "other_browser"),
    "Mallory's answer in Ada's browser, who began too": (
        _of_another_account,
        403,
        "other_browser",
    ),
    "a cookie that is made up": (_other_cookie, 403, "other_browser"),
    "the answer at another service's address": (_at_the_other, 403, "wrong_service"),
    "another issuer (mix-up)": (_with(iss="https://evil.example"), 403, "issuer_mismatch"),
    "the issuer with a slash more": (_issuer_and_slash, 403, "issuer_mismatch"),
    "no issuer": (_with(iss=None), 403, "issuer_missing"),
    "two codes": (_twice_in_it, 400, "malformed"),
    "two states": (_with(state=["a", "b"]), 400, "malformed"),
    "no code": (_with(code=None), 400, "code_missing"),
    "an empty code": (_with(code=""), 400, "code_missing"),
    "a code with a line feed in it": (_with(code="a\r\nX: y"), 400, "code_missing"),
    "a code of 5,000 characters": (_with(code="c" * 5000), 400, "code_missing"),
    "a denial": (_with(code=None, error="access_denied"), 403, "denied"),
    "a denial with a code": (_with(error="access_denied"), 403, "denied"),
    "an error that is a script": (_with(error="<script>alert(1)</script>"), 502, "provider_error"),
    "a denial in another browser": (
        _denial_elsewhere,
        403,
        "other_browser",
    ),
    "a code that is made up": (_with(code="made-up"), 502, "code_refused"),
    "the state of another flow of this browser": (_swapped_state, 502, "code_refused"),
    "somebody else's code (injection)": (_code_of_another, 502, "code_refused"),
    "somewhere to go on to": (
        _going_on,
        400,
        "state_missing",
    ),
}


def _of_another_site(_browser, app, _clock):
    """A page of Mallory's posts, knowing all that her own browser was told but the cookie."""
    url = link()
    return Browser(app).post(url, sure=Browser(app).sure(url))


def _of_another_link(browser, *_):
    """Mallory has Ada's browser post, for Mallory's link, what it was told for Ada's."""
    url = link(account="mallory")
    browser.get(url)
    return browser.post(url, sure=browser.sure(link(account="ada")))


def _posted(**form):
    def go(browser, *_):
        url = link()
        browser.get(url)
        return browser.post(url, **form)

    return go


def _posted_twice(browser, *_):
    url = link()
    sure = browser.sure(url)
    browser.post(url, sure=sure)
    return browser.post(url, sure=sure)


def _posted_late(browser, _app, clock):
    url = link()
    sure = browser.sure(url)
    clock.ahead += 301
    return browser.post(url, sure=sure)


AT_THE_START = {
    "the button's form, from another site": (_of_another_site, 403, "not_confirmed"),
    "the form of another link": (_of_another_link, 403, "not_confirmed"),
    "a form without the page's word": (_posted(), 403, "not_confirmed"),
    "a form with a made-up word": (_posted(sure="0" * 64), 403, "not_confirmed"),
    "the form again": (_posted_twice, 410, "link_used"),
    "the form when the link is too old": (_posted_late, 410, "link_expired"),
}
