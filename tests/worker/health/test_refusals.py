"""Refused signatures: a rotation that went wrong, a wrong clock, and the noise of the internet."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.worker.health.reasons import code
from worker.inbox import redis
from worker.refused import REFUSED, listed


@pytest.fixture
def refuse(clean):
    """Have requests refused so many minutes ago, all at once."""

    def refuse(*minutes, reason="signature_mismatch", endpoint="", **found):
        for ago in sorted(minutes, reverse=True):
            at = datetime.now(UTC) - timedelta(minutes=ago)
            said = {"reason": reason, "endpoint": endpoint, "service": "stripe", **found}
            entry: Any = said | {"address": "192.0.2.7", "headers": "host", "size": 2}
            redis().xadd(listed("stripe", reason), entry, id=f"{int(at.timestamp() * 1000)}-*")

    return refuse


def test_a_rotation_gone_wrong_is_told_with_the_setting_that_mends_it(past, refuse, told):
    past("3 hours", until="30 min")
    refuse(25, 20, 15, 10, 5)
    found = code(told(), "refused_signatures")
    assert (found.state, found.cause) == ("failing", "signature_mismatch")
    assert found.words.startswith("5 requests were refused (signature_mismatch)")
    assert "rotated at the service" in found.words
    assert "STRIPE_WEBHOOK_SECRETS" in found.mend
    assert "192.0.2.7" not in str(found)


def test_the_rotation_of_a_named_endpoint_is_seen_though_others_are_accepted(past, refuse, told):
    past("3 hours")
    past("3 hours", until="30 min", endpoint="connect")
    refuse(25, 20, 15, 10, 5, endpoint="connect")
    found = code(told(), "refused_signatures")
    assert (found.state, found.cause) == ("failing", "connect signature_mismatch")
    assert "STRIPE_WEBHOOK_SECRETS__CONNECT" in found.mend


def test_it_is_over_when_one_is_accepted_again(past, refuse, told):
    refuse(25, 20, 15, 10, 5)
    past("3 hours", until="0 min")
    assert told().state == "healthy"


def test_a_wrong_clock_is_told_as_that(past, refuse, told):
    past("3 hours", until="30 min")
    refuse(25, 20, 15, 10, 5, reason="timestamp_too_old")
    found = code(told(), "refused_signatures")
    assert "clock" in found.words + found.mend


def test_what_the_signature_doctor_found_is_said_instead_of_a_guess(past, refuse, told):
    past("3 hours", until="30 min")
    refuse(25, 20, 15, 10, 5, finding="other_secret", of="stripe, endpoint connect")
    found = code(told(), "refused_signatures")
    assert "Signed with the secret of stripe, endpoint connect." in found.words
    assert found.cause == "other_secret"
    assert "swap one of the two" in found.mend


def test_a_few_and_those_without_a_signature_are_the_internets_noise(past, refuse, told):
    past("3 hours", until="30 min")
    refuse(*range(26, 46), reason="missing_header")
    refuse(25, 20, 15, 10)
    assert told().state == "healthy"


def test_forgeries_to_one_that_accepts_nothing_else_are_no_outage(refuse, told):
    refuse(25, 20, 15, 10, 5)
    assert code(told(), "refused_signatures").state == "degraded"


def test_forgeries_in_a_usual_gap_wake_nobody(past, refuse, told):
    past("73 hours", every="4 hours", until="30 min")
    refuse(25, 20, 15, 10, 5)
    assert code(told(), "refused_signatures").state == "degraded"


def test_a_rotation_by_day_is_failing_though_the_nights_are_quiet(past, refuse, told):
    past("60 hours", every="10 min", until="20 hours")
    past("3 hours", every="10 min", until="30 min")
    refuse(25, 20, 15, 10, 5)
    assert code(told(), "refused_signatures").state == "failing"


def test_what_explains_itself_is_failing_in_a_gap_too(past, refuse, told):
    past("73 hours", every="4 hours", until="30 min")
    refuse(25, 20, 15, 10, 5, finding="other_secret", of="stripe, endpoint connect")
    assert code(told(), "refused_signatures").state == "failing"


def test_noise_drives_no_rotation_out_of_the_list(past, refuse, told):
    past("3 hours", until="30 min")
    refuse(25, 20, 15, 10, 5)
    refuse(*[1] * 20, reason="missing_header")
    redis().xtrim(REFUSED, 10, approximate=False)
    assert code(told(), "refused_signatures").state == "failing"


def test_what_a_newer_receiver_writes_is_read_as_far_as_it_is_known(past, refuse, told):
    past("3 hours", until="30 min")
    refuse(25, 20, 15, 10, 5, colour="blue")
    refuse(4, number="many")
    assert code(told(), "refused_signatures").words.startswith("5 requests were refused")


def test_many_beside_what_is_accepted_are_told_of(past, refuse, told):
    refuse(*range(1, 21))
    past("3 hours")
    found = code(told(), "refused_signatures")
    assert found.state == "degraded"
    assert "while others are accepted" in found.words
