"""What of a body is shown before it is revealed: told by hand-written bodies, value by value."""

import json
import re

import pytest

PERSONAL = {
    "telephone as a number": {"mobile": 491511234567},
    "place": {"geo": [52.5200066, 13.404954]},
    "a name in small letters": {"owner": "ada"},
    "two names as an id": {"handle": "ada_lovelace"},
    "names with a dot": {"login": "ada.lovelace"},
    "a name under a name of ours in metadata": {"metadata": {"status": "ada"}},
    "an age": {"age": 36},
    "a day of birth": {"bday": "1815-12-10"},
    "a day under any name": {"born": "1815-12-10"},
    "an address in an unforeseen field": {"status": "ada@example.org"},
    "a key": {"type": "whsec_c2VjcmV0c2VjcmV0"},
    "words": {"status": "Ada Lovelace"},
    "a map by name": {"Ada Lovelace": 3},
    "a map by first name": {"Ada": True},
    "a map by telephone": {"_491511234567": 3},
    "what stands in a map by name": {"Ada Lovelace": {"status": "active"}},
}


def told(body):
    """Return what is shown of a body, as text."""
    from console.payloads import shown

    return re.sub("<[^>]+>", "", shown(json.dumps(body).encode(), revealed=False).html)


@pytest.mark.parametrize("what", PERSONAL)
def test_what_may_be_personal_is_masked(what):
    body = PERSONAL[what]
    said = set(re.findall(r"[\w.@-]+", json.dumps(body)))
    plain = {"mobile", "geo", "owner", "handle", "login", "metadata", "status", "age", "bday"}
    names = plain | {"born", "type", "true"} & said
    left = set(re.findall(r"[\w.@-]+", told(body).replace("&#34;", " ")))
    assert left <= names, left
    assert "•" in told(body)


HARMLESS = {
    "id": "evt_1",
    "customer": "cus_NffrFeUfNV2Hib",
    "uuid": "018f4e9a-0000-7000-8000-0123456789ab",
    "status": "past_due",
    "type": "invoice.paid",
    "event": "$pageview",
    "currency": "eur",
    "api_version": "2025-03-31.basil",
    "livemode": False,
    "attempt_count": 3,
    "amount_due": 123456789,
    "created": 1767225600,
    "current_period_end": 1767225600,
    "updatedAt": 1767225600000,
    "due_date": "2026-01-01",
    "seen": "2026-01-01T00:00:00.000Z",
    "nothing": None,
}


def test_what_an_operator_needs_is_shown():
    assert "•" not in told(HARMLESS)


def test_names_are_revealed_too_and_counted():
    from console.payloads import shown

    body = b'{"Ada Lovelace": {"status": "active"}}'
    assert shown(body, revealed=False).masked == 2
    assert "Ada Lovelace" in shown(body, revealed=True).html


@pytest.mark.parametrize("deep", [300, 900, 5000, 100_000])
def test_a_body_nested_without_end_is_answered(deep):
    from console.payloads import shown

    found = shown(b"[" * deep + b'"ada"' + b"]" * deep, revealed=False)
    assert "ada" not in found.html
    assert found.masked == 1
