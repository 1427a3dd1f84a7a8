"""What a browser is shown."""

import re

from receiver.oauth_pages import HEADERS, PAGES, page
from tests.receiver.oauth.browser import link


def test_every_page_says_its_reason_and_nothing_can_be_put_into_it(client):
    for why in PAGES:
        with client.application.app_context():
            answer = page(why)
        assert HEADERS.items() <= dict(answer.headers).items()
        text = answer.get_data(as_text=True)
        assert f"<code>{why}</code>" in text
        assert not re.search("script|href|src=|http", text.replace("charset", ""))


def test_a_link_is_answered_with_whose_it_is_and_a_button(browser):
    answer = browser.get(link(account="<b>team & co</b>", by="\u202eadA"))
    assert answer.status_code == 200
    assert "<bdi>&lt;b&gt;team &amp; co&lt;/b&gt;</bdi>" in answer.text
    assert "<bdi>\u202eadA</bdi>" in answer.text
    assert "Go on to loopback" in answer.text
    assert "SameSite=Strict" in answer.headers["Set-Cookie"]
    assert "Location" not in answer.headers
    assert not re.search("script|href|src=|http|action=", answer.text.replace("charset", ""))
    told = dict(answer.headers)
    assert "form-action" not in told.pop("Content-Security-Policy")
    rest = {name: value for name, value in HEADERS.items() if "Policy" not in name}
    assert rest.items() <= told.items()


def test_the_policy_of_every_page_forbids_all():
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
