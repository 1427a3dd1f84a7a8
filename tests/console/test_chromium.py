"""The console in a real browser, as gunicorn serves it, where there is a Chromium."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.console.conftest import NAME, PASSWORD

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
playwright = pytest.importorskip("playwright.sync_api", reason="there is no Playwright")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium"),
]


@pytest.fixture
def url(clean, setup, tmp_path, until):
    """Give the address of a console in a process of its own."""
    import requests

    from local import child
    from local.server import free_port
    from settings import ROOT

    port = free_port()
    with (tmp_path / "log").open("wb") as output:
        process = child.start(
            [
                Path(sys.executable).with_name("gunicorn"),
                *("--config", "python:console.serve", "console.app:create_app()"),
            ],
            output=output,
            env=os.environ | setup | {"CONSOLE_PORT": str(port), "HOME": str(tmp_path)},
            folder=ROOT,
        )
    address = f"http://127.0.0.1:{port}"

    def answers():
        try:
            return requests.get(f"{address}/healthz", timeout=5).ok
        except requests.RequestException:  # it listens before it has loaded what answers
            assert process.poll() is None, (tmp_path / "log").read_text()
            return False

    try:
        until(answers)
        yield address
    finally:
        child.end(process)


@pytest.fixture
def page(url):
    """Give a page of a browser, signed in; what the browser complains of fails the test."""
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(base_url=url, viewport={"width": 400, "height": 800})
        complaints = []
        page.on("console", lambda told: complaints.append(told.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/events?status=handled")
        page.fill("[name=user]", NAME)
        page.fill("[name=password]", PASSWORD)
        with page.expect_navigation():  # until its scripts have run: keys are theirs to hear
            page.click("text=Sign in")
        yield page
        browser.close()
        assert complaints == []


def test_a_person_finds_an_event_and_reveals_it_with_the_keyboard_alone(page, event, actions):
    event("evt_other", service="clerk")
    event("evt_1")
    assert page.url.endswith("/events?status=handled")
    page.keyboard.press("/")
    page.keyboard.type("evt_1")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=evt_1"))
    page.wait_for_selector("text=That is all.")
    assert page.locator("[data-row]").count() == 1
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Reveal 1 masked value")
    assert "ada@" not in page.content()
    page.locator("text=Reveal 1").press("Enter")
    page.wait_for_selector("text=ada@example.org")
    assert page.url.endswith("id=evt_1")
    assert actions()[-1] == ("ann", "reveal", "stripe", "evt_1")


def test_no_page_is_wider_than_a_telephone_and_none_stores_anything(page, event):
    from console.pages import PAGES

    event("evt_" + "x" * 90, status="dead", type="a.very.long.type." * 5, error="word " * 60)
    for link in (link for shown in PAGES for link in shown.links):
        page.goto(link.path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), link.path
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
