"""Whose fault an answer is, on answers made by hand."""

import pytest

from proof.hostile.answers import FORGERY, SERVER_ERROR, Answer, Try, judge, parse
from proof.hostile.book import Book
from proof.hostile.crowds import CROWDS
from proof.hostile.door import digest
from proof.hostile.senders import Sent
from proof.hostile.siege import LONG, STAYING, Phase, grew, stay, turned_away

UNAVAILABLE = b'{"error":"unavailable"}\n'
HONEST = Answer(503, {"retry-after": "30"}, UNAVAILABLE)
UNSIGNED = Try("test", b"POST / HTTP/1.1\r\n\r\n")
SIGNED = Try("test", b"POST / HTTP/1.1\r\n\r\n", signed=True)
BROKEN_OFF = Try("test", b"POST", due=False)
CODED = Try("test", b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n")


def kinds(tried, *answers):
    return [finding.kind for finding in judge(tried, answers)]


@pytest.mark.parametrize("status", [200, 400, 401, 404, 405, 413, 414, 431])
def test_a_refusal_is_no_fault(status):
    assert kinds(UNSIGNED, Answer(status)) == []


@pytest.mark.parametrize("status", [500, 501, 502, 504, 599])
def test_an_error_of_the_server_is_a_fault(status):
    assert kinds(UNSIGNED, Answer(status)) == [SERVER_ERROR]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (HONEST, []),
        (Answer(503, {}, UNAVAILABLE), [SERVER_ERROR]),
        (Answer(503, {"retry-after": "soon"}, UNAVAILABLE), [SERVER_ERROR]),
        (Answer(503, {"retry-after": "30"}, b"busy"), [SERVER_ERROR]),
        (Answer(500, {"retry-after": "30"}, UNAVAILABLE), [SERVER_ERROR]),
    ],
    ids=["honest", "no time", "odd time", "other words", "other status"],
)
def test_a_503_is_honest_only_when_it_says_why_and_when_to_come_again(answer, fault):
    assert kinds(SIGNED, answer) == fault


def test_silence_is_a_fault_only_where_an_answer_is_due():
    assert kinds(UNSIGNED) == [SERVER_ERROR]
    assert kinds(BROKEN_OFF) == []


def test_letting_in_is_a_fault_only_when_it_was_not_signed():
    assert kinds(UNSIGNED, Answer(401), Answer(202)) == [FORGERY]
    assert kinds(SIGNED, Answer(202)) == []


def test_a_501_is_no_fault_only_when_a_transfer_coding_was_named():
    assert kinds(CODED, Answer(501)) == []
    assert kinds(CODED, Answer(500)) == [SERVER_ERROR]


@pytest.mark.parametrize(
    ("raw", "statuses"),
    [
        (b"", []),
        (b"HTTP/1.1 200 OK\r\nConte", []),
        (b"HTTP/1.1 200 OK\r\n\r\n", [200]),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Oh\r\n\r\n", [200, 500]),
        (b"HTTP/1.1 405 No\r\nContent-Length: 9\r\n\r\nHTTP/1.1 202 A\r\n\r\n", [405, 202]),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n", [100, 413]),
    ],
    ids=["nothing", "half a head", "one", "two", "of HEAD", "after 100"],
)
def test_every_answer_of_a_connection_is_seen(raw, statuses):
    assert [answer.status for answer in parse(raw)] == statuses


def test_what_a_503_says_is_read_off_the_wire():
    raw = b"HTTP/1.1 503 S\r\nRetry-After: 30\r\nContent-Length: 24\r\n\r\n" + UNAVAILABLE
    assert parse(raw) == [
        Answer(503, {"retry-after": "30", "content-length": "24"}, UNAVAILABLE),
    ]


def test_a_book_counts_requests_errors_and_forgeries():
    book = Book()
    for answers in ([Answer(401)], [Answer(202)], [Answer(500)], []):
        book.enter(UNSIGNED, answers)
    wrong = {"server_errors": 2, "forgeries_accepted": 1, "lost": 0}
    assert book.counts() == {"hostile_requests": 4} | wrong
    assert book.tables()[0].rows == [("test", 4, "202: 1, 401: 1, 500: 1, none: 1")]


@pytest.mark.parametrize(
    ("rss", "does"), [([99, 200, 201], False), ([99, 200, 250, 300], True), ([9, 20, 40], False)]
)
def test_memory_grows_when_later_rounds_leave_more_than_the_first(rss, does):
    assert grew(rss) == does


@pytest.mark.parametrize(
    ("sent", "starved"),
    [
        ([], False),
        ([(1, 0.1), (2, 0.1)], False),
        ([(1, 20), (2, 20)], True),
        ([(1, 20), (2, 0.1)], False),
        ([(1, 20), (8, 0.1)], True),
    ],
    ids=["nobody", "all served", "none", "one", "only who came late"],
)
def test_senders_starve_when_none_of_the_early_ones_is_served_before_the_crowd_leaves(
    sent, starved
):
    phase = Phase("silence", 10, 0, 10)
    real = [Sent(due, took, 202, digest(b""), honest=False) for due, took in sent]
    assert phase.starved(real) == starved


def _told(honest, of):
    return [Sent(0, 0, 503 if n < honest else 202, "", honest=n < honest) for n in range(of)]


@pytest.mark.parametrize(
    ("honest", "of", "found"),
    [(0, 100, 0), (5, 100, 0), (6, 100, 6), (20, 20_000, 0), (21, 20_000, 21)],
)
def test_real_senders_are_turned_away_when_more_than_a_few_are_told_to_come_again(
    honest, of, found
):
    assert turned_away(_told(honest, of)) == found


def test_a_crowd_comes_whole_when_the_budget_is_small_but_not_that_of_the_short_version():
    sizes = [CROWDS["flood of forgeries"].size(seconds) for seconds in (6, 15, 45, 900)]
    assert sizes == [601, 10_000, 10_000, 10_000]


def test_one_crowd_stays_longer_than_the_receiver_waits_when_the_version_is_not_the_short_one():
    def held(seconds, number, *, late):
        return [stay(crowd, seconds, number, late=late) for crowd in STAYING]

    assert held(45, 1, late=True) == [LONG, 1.125, 1.125, 1.125]
    assert held(45, 2, late=False) == [1.125, LONG, 1.125, 1.125]
    assert max(held(45, 2, late=True)) < LONG
    assert max(held(6, 1, late=False)) < LONG
