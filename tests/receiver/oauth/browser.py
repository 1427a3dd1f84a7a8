"""A browser that somebody connects an account with, and what it meets on its way."""

import re
import time
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import requests

from integrations.oauth import links

PUBLIC = "https://tallyman.example.com"
KEY = "shared-by-us-and-the-team-s-backend"


def link(service="loopback", *, account="acme", by="ada", minutes=5, key=KEY, label=""):
    """Return a signed link's path and query."""
    made = links.new(service, account, by, time.time() + 60 * minutes, label)
    return links.address("", made, key)


def changed(url, **parameters):
    """Return an address with other parameters; None takes one out, a list gives several."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | parameters
    told = {name: value for name, value in query.items() if value is not None}
    return parts._replace(query=urlencode(told, doseq=True)).geturl()


def parameter(url, name):
    return parse_qs(urlsplit(url).query)[name][0]


def reason(answer):
    """Return the reason code that a page shows."""
    (found,) = re.findall(r"<code>(\w+)</code>", answer.text)
    return found


def _path(url):
    return urlsplit(url)._replace(scheme="", netloc="").geturl()


class Browser:
    """It has its own cookies."""

    def __init__(self, app, base=PUBLIC):
        self.app, self._client, self._base = app, app.test_client(), base

    def get(self, url, **how):
        return self._client.get(_path(url), base_url=self._base, **how)

    def post(self, url, **form):
        return self._client.post(_path(url), base_url=self._base, data=form)

    def sure(self, url):
        """Open a link; return what the page's button posts."""
        (sure,) = re.findall(r'name="sure" value="(\w+)"', self.get(url).text)
        return sure

    def go_on(self, url=None):
        """Open a link, and press the button; return the answer."""
        url = url or link()
        return self.post(url, sure=self.sure(url))

    def begin(self, url=None):
        """Open a link, and say yes; return the service's address that one is sent to."""
        answer = self.go_on(url)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    @staticmethod
    def consent(url):
        """Say yes, or what the authority's dial says; return the address one is sent back to."""
        answer = requests.get(url, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def come_back(self, url=None, **parameters):
        """Go all the way, with other parameters at the end; return the last page."""
        return self.get(changed(self.consent(url or self.begin()), **parameters))

    @property
    def cookies(self):
        return dict(self._client._cookies)
