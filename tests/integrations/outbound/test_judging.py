"""How long a service asks us to wait."""

from datetime import UTC, datetime

import pytest

from integrations.outbound.judging import retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 0),
        ("99999999999999999999", 3600),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("Sun, 22 Nov 2026 12:00:30 -0000", 30),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("٣", None),
        ("1e9", None),
        ("nan", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 3600),
        ("Sun, 22 Nov 99999999999999999999 11:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date_up_to_an_hour(said, seconds):
    assert retry_after({"Retry-After": said}, NOW) == seconds


def test_nothing_is_asked_without_the_header():
    assert retry_after({}, NOW) is None
