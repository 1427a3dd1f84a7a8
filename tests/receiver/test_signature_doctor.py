"""Why a request was refused, as the signature doctor finds at the door, and as people see it."""

import json
import time

import pytest

from receiver import app
from receiver.rewritings import DEEPEST, LARGEST, LONGEST, reencoded, trimmed
from receiver.signature_doctor import PER_SECOND, Doctor
from tests.conftest import CLERK_SECRET, STRIPE_SECRET
from tests.receiver.deliveries import secret_of, signed, stripe_body
from worker.inbox import redis
from worker.refused import REFUSED, grouped, latest, listed

VALUE = {"id": "evt_1", "object": "event", "name": "Zo\u00eb", "data": {"object": {"n": [1, 2]}}}
PRETTY = json.dumps(VALUE, indent=2, ensure_ascii=False).encode()
FLAT = json.dumps(VALUE).encode()


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(app, "_DOCTOR", Doctor(app._SECRETS))


def svix(body, age=0.0):
    return signed("clerk", body, age=age)


_CASES = [
    ("stripe", FLAT, lambda: signed("stripe", FLAT, endpoint="connect"), "other_secret",
     "stripe/connect"),
    ("clerk", FLAT, lambda: signed("stripe", FLAT), "other_secret", "stripe"),
    ("loops", FLAT, lambda: signed("r2", FLAT), "other_secret", "r2"),
    ("stripe", FLAT, lambda: signed("clerk", FLAT, secret=CLERK_SECRET[:-1] + "9"),
     "wrong_family", "svix"),
    ("stripe", FLAT, dict, "unsigned", ""),
    ("stripe", FLAT, lambda: signed("stripe", PRETTY), "body_reencoded", ""),
    ("clerk", PRETTY, lambda: svix(FLAT), "body_reencoded", ""),
    ("stripe", PRETTY + b"\r\n", lambda: signed("stripe", PRETTY), "body_trimmed", ""),
    ("stripe", PRETTY.replace(b"\n", b"\r\n"), lambda: signed("stripe", PRETTY),
     "body_trimmed", ""),
    ("stripe", FLAT, lambda: signed("stripe", FLAT, age=301), "clock", ""),
    ("stripe", FLAT, lambda: signed("stripe", FLAT, age=9000, secret="whsec_other"),
     "old_and_unsigned", ""),
    ("clerk", FLAT, lambda: svix(FLAT, age=-400), "clock", ""),
    ("stripe", FLAT, lambda: signed("stripe", FLAT, secret=f"whsec_{STRIPE_SECRET}"),
     "secret_mistyped", ""),
    ("stripe", FLAT, lambda: signed("stripe", b"{}"), "", ""),
    ("stripe", b"\xff[", lambda: {"Stripe-Signature": "t=1,v1=\u00fc"}, "old_and_unsigned", ""),
    ("stripe", FLAT, lambda: {"Stripe-Signature": "garbage"}, "", ""),
]  # fmt: skip


def test_the_finding_names_what_would_have_verified(post, monkeypatch):
    for service, body, headers, finding, of in _CASES:
        redis().delete(REFUSED, *redis().scan_iter(f"{REFUSED}:*"))
        monkeypatch.setattr(app, "_DOCTOR", Doctor(app._SECRETS))
        assert post(service, body, headers=headers()).status_code == 401
        (noted,) = latest(10)
        assert (noted.finding, noted.of) == (finding, of), (service, body)
        everything = repr(redis().xrange(listed(service, noted.reason)))
        for private in (secret_of(service), "whsec", "Zo", "v1=", "v1,"):
            assert private not in everything


def test_a_clock_is_said_to_be_wrong_by_so_much_and_which_way(post):
    post(headers=signed("stripe", stripe_body(), age=3700))
    post(headers=signed("stripe", stripe_body(), age=-400))
    ahead, behind = latest(2)
    assert -401 <= ahead.number <= -398
    assert 3700 <= behind.number <= 3702
    assert behind.words == "Rightly signed, but 61 min behind our clock"
    assert "ahead of our clock" in ahead.words


def test_a_flood_is_examined_in_part_and_what_is_large_not_at_all(post, monkeypatch):
    frozen = time.monotonic()
    monkeypatch.setattr("receiver.signature_doctor.time.monotonic", lambda: frozen)
    connect = signed("stripe", FLAT, endpoint="connect")
    for _ in range(PER_SECOND + 4):
        post(body=FLAT, headers=connect)
    assert [one.finding for one in latest(50)].count("other_secret") == PER_SECOND
    large = json.dumps({"x": "y" * 200_000}).encode()
    monkeypatch.setattr(app, "_DOCTOR", Doctor(app._SECRETS))
    post(body=large, headers=signed("stripe", large, endpoint="connect"))
    assert latest(1)[0].finding == ""


def _nested(levels, inner=b"1"):
    return b"[" * levels + inner + b"]" * levels


_BOMBS = {
    "deep": _nested(900, b",".join([b"1"] * 15_000)),
    "deep with brackets in texts": b'["]",' * 900 + b"1" + b"]" * 900,
    "deep behind an escaped quote": b'["\\"]",' * 900 + b"1" + b"]" * 900,
    "as deep as may be, and wide": _nested(DEEPEST, b",".join([b"1"] * 16_000)),
    "large": b"[" + b",".join([b"1"] * LARGEST) + b"]",
    "quotes without an end": b'"' + b'\\"' * 16_000,
    "brackets only": b"[" * LARGEST,
    "texts": b'["' + b"\xf0\x9f\x98\x80" * 8_000 + b'"]',
}


@pytest.mark.parametrize("body", _BOMBS.values(), ids=_BOMBS)
def test_a_body_that_somebody_made_to_grow_is_not_let_grow(body):
    for written in (*trimmed(body), *reencoded(body)):
        assert len(written) <= LONGEST


@pytest.mark.parametrize(("levels", "found"), [(DEEPEST, True), (DEEPEST + 1, False)])
def test_what_is_nested_as_a_service_would_is_written_anew_and_nothing_deeper(levels, found):
    brackets = b'"[[[[ {{{{ \\" ]"'
    assert any(reencoded(_nested(levels, brackets))) == found


def test_a_bomb_is_refused_as_anything_else_is(post):
    body = _BOMBS["deep"]
    assert post(body=body, secret="whsec_forged").status_code == 401
    assert latest(1)[0].finding == ""


def test_what_is_alike_is_shown_once_with_who_sent_it(post):
    for _ in range(3):
        post(headers={})
    post("clerk", b"{}", headers={})
    clerk, stripe = grouped(latest(10))
    assert (clerk.last.service, clerk.count) == ("clerk", 1)
    assert (stripe.last.service, stripe.count, stripe.addresses) == ("stripe", 3, ("127.0.0.1",))


def test_without_a_secret_the_variable_to_set_is_named(post, monkeypatch):
    monkeypatch.setitem(app._SECRETS, ("stripe", "connect"), ())
    post(headers=signed("stripe", stripe_body()), endpoint="connect")
    (noted,) = latest(1)
    assert noted.finding == "other_secret"
    monkeypatch.setitem(app._SECRETS, ("loops", ""), ())
    post("loops", b"{}", headers={"webhook-signature": "v1,x"})
    assert latest(1)[0].mend == "Set LOOPS_WEBHOOK_SECRETS, and restart the receiver."
