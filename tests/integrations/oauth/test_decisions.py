"""What to do next for somebody who wants a token, as a table."""

from types import SimpleNamespace
from typing import Any

import pytest

from integrations.errors import Deferred, Transient
from integrations.oauth.decisions import GIVE, RENEW, WAIT, Wish, decide
from integrations.oauth.interface import NotConnected

ROW = {
    "service": "acme",
    "status": "active",
    "access_token": "a",
    "refresh_token": "r",
    "token_version": 1,
    "left": 1800.0,
    "life": 3600.0,
    "age": 1800.0,
    "wait": None,
    "marked_for": None,
    "failed_for": None,
    "refused_for": None,
    "last_error_code": None,
}
CLOSE, OVER = {"left": 60.0}, {"left": -1.0}
REFUSED = {"but_not": 1}
BUSY = {"busy": True}


@pytest.mark.parametrize(
    ("row", "wish", "next"),
    [
        ({}, {}, GIVE),
        ({"left": None, "life": None}, {}, GIVE),
        ({}, {"but_not": 9}, GIVE),
        (CLOSE, {}, RENEW),
        (OVER, {}, RENEW),
        (CLOSE, BUSY, WAIT),
        (CLOSE, BUSY | {"waited": 2.1}, GIVE),
        (CLOSE | {"marked_for": 2.1}, BUSY, GIVE),
        (OVER | {"marked_for": 2.1}, BUSY, WAIT),
        (OVER, BUSY | {"waited": 2.1}, WAIT),
        (OVER, BUSY | {"waited": 600.0}, Transient),
        (CLOSE | {"wait": 5.0}, {}, GIVE),
        (OVER | {"wait": 5.0}, {}, Deferred),
        (OVER | {"wait": -5.0}, {}, RENEW),
        (CLOSE | {"token_version": 2}, {"first": 1}, GIVE),
        (OVER | {"token_version": 2}, {"first": 1}, Transient),
        (OVER | {"refresh_token": None}, {}, NotConnected),
        (CLOSE | {"refresh_token": None}, {}, GIVE),
        (CLOSE | {"status": "exhausted"}, {}, GIVE),
        (OVER | {"status": "exhausted"}, {}, NotConnected),
        (OVER | {"status": "exhausted", "wait": 5.0}, {}, NotConnected),
        (OVER | {"status": "exhausted", "wait": -5.0}, {}, RENEW),
        ({"status": "exhausted", "refresh_token": None, "left": None}, {}, NotConnected),
        ({}, REFUSED, RENEW),
        ({}, REFUSED | BUSY, WAIT),
        ({"wait": 600.0}, REFUSED, RENEW),
        ({"age": 20.0}, REFUSED, Deferred),
        ({"failed_for": 20.0}, REFUSED, Deferred),
        ({"failed_for": 31.0}, REFUSED, RENEW),
        ({"refused_for": 20.0}, REFUSED, Deferred),
        ({"refused_for": 31.0}, REFUSED, RENEW),
        ({"refused_for": 20.0, "refresh_token": None, "left": None}, REFUSED, Deferred),
    ],
)
def test_what_comes_next(clean, row, wish, next):
    kept: Any = SimpleNamespace(**(ROW | row))
    found = decide(kept, Wish(**({"first": kept.token_version} | wish)))
    assert found == next or (isinstance(next, type) and type(found) is next)
