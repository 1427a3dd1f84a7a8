"""The receiver under gunicorn when senders are slow, strange or many: real ones are served."""

import re
import signal
import socket
from contextlib import ExitStack, contextmanager

import pytest

from tests.receiver.deliveries import kept_in_redis, signed, stripe_body
from tests.receiver.served import everything

pytestmark = pytest.mark.e2e

POST = b"POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
ALIVE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = ALIVE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
THREADS = 16  # of both processes
SLOW = {
    "silence": b"",
    "a letter": b"P",
    "half a head": POST,
    "half a body": POST + b"Content-Length: 9\r\n\r\n{",
    "half a chunk": CHUNKED + b"5\r\n{",
    "half the trailers": CHUNKED + b"0\r\nX: 1\r\n",
    "another request begun": ALIVE + POST,
    "a body asked for": POST + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n",
    "staying after the last answer": LAST,
    "staying after a refusal": b"nonsense\r\n\r\n",
}


def request(body, *headers):
    """Return a signed request that keeps its connection."""
    pairs = (signed("stripe", body) | {"Content-Length": str(len(body))}).items()
    lines = [b"%s: %s\r\n" % (name.encode(), value.encode()) for name, value in pairs]
    return POST + b"".join([*lines, *headers, b"\r\n"]) + body


def statuses(came):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", came)]


@contextmanager
def crowd(served, size, sent):
    """Have so many connections that stay after they have sent something."""
    with ExitStack() as stack:
        lines = [stack.enter_context(served.connect()) for _ in range(size)]
        for line in lines:
            line.sendall(sent)
        yield lines


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_slow_senders_keep_nobody_else_from_being_served(served, sent):
    bodies = [stripe_body(f"evt_{n}") for n in range(10)]
    with crowd(served, 3 * THREADS, sent):
        assert {served.post(body).status_code for body in bodies} == {202}
    assert [entry[b"body"] for entry in kept_in_redis()] == bodies


def test_who_takes_too_long_is_dropped(served):
    with crowd(served, 3, POST) as lines:
        assert {everything(line) for line in lines} == {b""}


def test_a_request_may_come_byte_by_byte(served):
    with served.connect() as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request(stripe_body(), b"Connection: close\r\n"):
            line.send(bytes([byte]))
        assert statuses(everything(line)) == [202]
    assert len(kept_in_redis()) == 1


def test_requests_one_behind_the_other_are_answered_in_their_order(served):
    sent = ALIVE + request(stripe_body("evt_1")) + b"GET / HTTP/1.1\r\nHost: l\r\n\r\n"
    sent += request(stripe_body("evt_2")) * 2 + LAST
    with served.connect() as line:
        line.sendall(sent)
        assert statuses(everything(line)) == [200, 202, 404, 202, 202, 200]


def test_a_connection_is_used_again_and_again(served):
    with served.connect() as line:
        for n in range(20):
            line.sendall(request(stripe_body(f"evt_{n}")))
            came = b""
            while not came.endswith(b"}\n"):
                came += line.recv(1000)
            assert statuses(came) == [202]
    assert len(kept_in_redis()) == 20


def test_who_asks_first_is_told_once_to_send_the_body(served):
    whole = request(stripe_body(), b"Expect: 100-continue\r\n", b"Connection: close\r\n")
    head, body = whole.partition(b"\r\n\r\n")[::2]
    with served.connect() as line:
        line.sendall(head + b"\r\n\r\n")
        assert line.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(body)
        assert statuses(everything(line)) == [202]
    assert statuses(served.says(whole)) == [202]


def test_who_asks_first_and_would_send_too_much_is_not_told_to(served):
    head = POST + b"Expect: 100-continue\r\nContent-Length: 5002\r\n\r\n"
    with served.connect() as line:
        line.sendall(head)
        assert statuses(everything(line)) == [413]


def test_the_rest_of_what_was_too_large_is_never_taken_for_a_request(served):
    body = (ALIVE * 1000)[:50_000]
    with served.connect() as line:
        line.sendall(POST + b"Content-Length: 50000\r\n\r\n" + body)
        assert statuses(everything(line)) == [413]


@pytest.mark.parametrize(
    "chunks",
    [
        b"zz\r\n\r\n",
        b"-1\r\n",
        b"2\r\n{}0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nno trailer\r\n\r\n",
        b"5\r\n{}",
    ],
)
def test_a_body_in_chunks_that_are_none_is_a_bad_request(served, chunks):
    answer = served.says(CHUNKED + chunks)
    assert statuses(answer) == [400]
    assert answer.endswith(b'{"error":"bad_request"}\n')
    assert b"Traceback" not in served.log.read_bytes()


def test_an_encoding_that_is_not_served_is_told_at_once(served):
    with served.connect() as line:
        line.sendall(POST + b"Transfer-Encoding: gzip\r\n\r\n")
        assert statuses(everything(line)) == [400]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([b"X-Forwarded-For: 192.0.2.1\r\n"] * 50, 401),
        ([b"X: 1\r\n"] * 64, 431),
        ([b"X: %s\r\n" % (b"x" * 4000)] * 60, 401),
        ([b"X: %s\r\n" % (b"x" * 4092)], 431),
    ],
)
def test_more_headers_than_anybody_sends_are_refused(served, headers, status):
    with served.connect() as line:
        line.sendall(POST + b"".join(headers))
        line.sendall(b"Content-Length: 0\r\nConnection: close\r\n\r\n")
        assert statuses(everything(line)) == [status]


@pytest.mark.parametrize("doomed", [["sh", "-c", 'ulimit -n 300; exec "$@"', "sh"]], indirect=True)
def test_when_no_more_connections_fit_those_go_that_have_waited_longest(doomed, until):
    until(doomed.answers)
    with crowd(doomed, 700, POST):
        assert {doomed.post(stripe_body(f"evt_{n}")).status_code for n in range(20)} == {202}
    assert b"Too many open files" not in doomed.log.read_bytes()


def test_who_is_late_is_still_answered_while_the_receiver_ends(doomed, until):
    until(doomed.answers)
    head, end, body = request(stripe_body(), b"Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    with crowd(doomed, 20, POST), doomed.connect(), doomed.connect() as line:
        line.sendall(head + end)
        assert statuses(line.recv(1000)) == [100]  # it was let in
        doomed.process.send_signal(signal.SIGTERM)
        until(lambda: b"Handling signal: term" in doomed.log.read_bytes())
        line.sendall(body)
        answer = everything(line)
        assert statuses(answer) == [202]
        assert b"connection: close" in answer.lower()
        assert doomed.process.wait(60) == 0


@pytest.mark.parametrize(
    "doomed", [["env", "GUNICORN_CMD_ARGS=--certfile=/dev/null --keyfile=/dev/null"]], indirect=True
)
def test_tls_is_refused_at_the_start(doomed):
    assert doomed.process.wait(60) == 1
    assert "error: the receiver speaks plain HTTP/1.1" in doomed.log.read_text()
