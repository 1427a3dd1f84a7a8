"""When a request is whole: not a byte earlier, however it is cut, and not later."""

import pytest

from receiver import arrival as matter
from receiver.arrival import Arrival

HEAD = b"POST /webhooks/stripe HTTP/1.1\r\nHost: l\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = {
    "no body": HEAD + b"\r\n",
    "empty": HEAD + b"Content-Length: 0\r\n\r\n",
    "length": HEAD + b"content-length:\t5 \r\nX: 1\r\n\r\nhello",
    "a body like a head": HEAD + b"Content-Length: 8\r\n\r\n\r\n\r\n\r\n\r\n",
    "chunks": CHUNKED + b"5\r\nhello\r\n0a;x=y\r\n0123456789\r\n0\r\n\r\n",
    "no chunks": CHUNKED + b"0\r\n\r\n",
    "trailers": CHUNKED + b"1\r\na\r\n000\r\nX: 1\r\nY: 2\r\n\r\n",
    "a chunk like the last": CHUNKED + b"5\r\n0\r\n\r\n\r\n0\r\n\r\n",
    "both lengths": HEAD
    + b"Content-Length: 1\r\nTRANSFER-ENCODING: gzip, Chunked\r\n\r\n0\r\n\r\n",
}
REFUSED_ANYWAY = {
    "a head that never ends": HEAD + b"X" * 1000,
    "a body too long": HEAD + b"Content-Length: 1001\r\n\r\n",
    "a body far too long": HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "chunks too long": CHUNKED + b"200\r\n" + b"x" * 512 + b"\r\nffffffff\r\n" + b"x" * 489,
    "no chunk": CHUNKED + b"zz\r\n",
    "a length below nothing": CHUNKED + b"-1\r\n",
    "no end of a chunk": CHUNKED + b"1\r\nabc\r\n",
    "a head of a chunk that never ends": CHUNKED + b"1;" + b"x" * 65_535,
    "trailers that never end": CHUNKED + b"0\r\n" + b"X: 1\r\n" * 11_000,
    "trailers with a line that ends wrong": CHUNKED + b"0\r\nX: 1\n",
    "more digits than a chunk needs": CHUNKED + b"000000000005\r\n",
    "a line that ends wrong": b"POST / HTTP/1.1\n",
    "a field that ends wrong": HEAD + b"X: 1\n",
    "a long head of a chunk": CHUNKED + b"1;" + b"x" * 4095,
    "a long head of a chunk, and its end": CHUNKED + b"1;" + b"x" * 4095 + b"\r\n",
    "a second long head": CHUNKED + b"1\r\na\r\n2;" + b"x" * 4095,
    "very small chunks": CHUNKED + b"0001;%s\r\na\r\n" % (b"x" * 90) * 700,
}


def arrival():
    return Arrival(head=1000, most=1000)


@pytest.mark.parametrize("request_", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_a_request_is_whole_with_its_last_byte(request_, step):
    coming = arrival()
    for at in range(0, len(request_), step):
        assert not coming.whole()
        coming.came += request_[at : at + step]
    assert coming.whole()


@pytest.mark.parametrize("sent", REFUSED_ANYWAY.values(), ids=REFUSED_ANYWAY)
def test_nobody_waits_for_the_end_of_what_is_refused_in_any_case(sent):
    coming = arrival()
    coming.came += sent
    assert coming.whole()


def test_what_follows_a_request_does_not_make_it_more_or_less_whole():
    coming = arrival()
    coming.came += WHOLE["chunks"] + WHOLE["length"][:-1]
    assert coming.whole()


@pytest.mark.parametrize(
    ("head", "expects"),
    [
        (HEAD + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", True),
        (HEAD + b"expect:100-Continue\r\nContent-Length: 5\r\n\r\n", True),
        (HEAD + b"X: 1\r\nContent-Length: 5\r\n\r\nExpect: 100-continue\r\n", False),
        (HEAD + b"X-Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", False),
        (HEAD.replace(b"1.1", b"1.0") + b"Expect: 100-continue\r\n\r\n", False),
    ],
)
def test_it_is_known_who_waits_for_a_word_before_sending_a_body(head, expects):
    coming = arrival()
    coming.came += head
    coming.whole()
    assert coming.expects is expects


class Counted(bytearray):
    """Bytes that come, and how many of them were looked at."""

    seen = 0

    def find(self, mark, start=0, end=None):
        end = len(self) if end is None else end
        self.seen += max(0, end - start)
        return super().find(mark, start, end)


class Counting:
    """A pattern that adds what it may look at."""

    def __init__(self, pattern):
        self.pattern = pattern

    def __getattr__(self, how):
        def look(came, start=0, end=None):
            end = len(came) if end is None else end
            if isinstance(came, Counted):
                came.seen += max(0, end - start)
            return getattr(self.pattern, how)(came, start, end)

        return look


@pytest.fixture
def counted(monkeypatch):
    for name in ("_BARE_LF", "_CHUNK"):
        monkeypatch.setattr(matter, name, Counting(getattr(matter, name)))
    coming = Arrival(head=30_000, most=30_000)
    coming.came = Counted()
    return coming


@pytest.mark.parametrize(
    ("sent", "dripped"),
    [
        (b"", b"x"),
        (b"x" * 20_000, b"x"),
        (CHUNKED, b"5;x\r\nhello\r\n"),
        (CHUNKED + b"1;" + b"x" * 4000 + b"\r\n", b"x"),
        (CHUNKED + b"0;" + b"x" * 4000 + b"\r\n", b"x"),
        (CHUNKED + b"1;" + b"x" * 60_000, b"x"),
        (CHUNKED + b"0;" + b"x" * 60_000 + b"\r\n", b"x"),
        (CHUNKED + b"0\r\n" + b"X: 1\r\n" * 7000, b"x"),
    ],
)
def test_a_byte_is_looked_at_a_few_times_however_they_come(counted, sent, dripped):
    counted.came += sent
    for at in range(20_000):
        if counted.whole():
            break
        counted.came.append(dripped[at % len(dripped)])
    assert counted.came.seen < 10 * len(counted.came)
