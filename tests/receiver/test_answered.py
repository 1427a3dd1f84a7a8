"""Who sends what no request is gets an answer under gunicorn, too, and at once."""

import pytest

from tests.receiver.deliveries import stripe_body
from tests.receiver.served import everything
from tests.receiver.test_patience import ALIVE, CHUNKED, POST, statuses

pytestmark = pytest.mark.e2e

LAST_CHUNKED = POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
MOST = 4094 + 64 * 4096  # bytes of a head
SENT = {
    "a head without an end": (POST + b"X: %s\r\n" % (b"x" * MOST), 431),
    "fields without an end": (POST + (b"X: %s\r\n" % (b"x" * 4000)) * 70, 431),
    "a first line without an end": (b"POST /" + b"x" * MOST, 414),
    "wrong ends of lines": (POST.replace(b"\r", b"") + b"\n", 400),
    "the wrong end of a first line": (b"GET / HTTP/1.1\n", 400),
    "the wrong end of a field": (POST + b"X: 1\n", 400),
    "the wrong end of a trailer": (CHUNKED + b"0\r\nX: 1\n", 400),
    "a long head of a chunk": (CHUNKED + b"1;" + b"x" * 5000, 400),
    "a chunk of many digits": (LAST_CHUNKED + b"000000000002\r\n{}\r\n0\r\n\r\n", 401),
}


@pytest.mark.parametrize(("sent", "status"), SENT.values(), ids=SENT)
def test_nobody_waits_for_an_answer_to_what_will_never_be_one(served, sent, status):
    with served.connect() as line:
        line.sendall(sent)
        assert statuses(everything(line)) == [status]


def test_a_head_that_broke_off_is_none_that_is_too_long(served):
    assert served.says(POST) == b""


@pytest.mark.parametrize(
    "doomed", [["env", "RECEIVER_WORKERS=1", "RECEIVER_THREADS=1"]], indirect=True
)
def test_an_answer_that_nobody_reads_keeps_no_thread_and_is_one_line_in_the_log(doomed, until):
    until(doomed.answers)
    with doomed.connect(room=4096) as line:
        line.sendall(ALIVE * 300_000)  # more than all buffers hold
        assert doomed.post(stripe_body()).status_code == 202
        until(lambda: b"does not read its answers" in doomed.log.read_bytes())
    assert b"Traceback" not in doomed.log.read_bytes()


@pytest.mark.parametrize(
    ("doomed", "reason"),
    [
        (["env", f"GUNICORN_CMD_ARGS={arguments}"], reason)
        for arguments, reason in [
            ("--proxy-protocol=v1", "PROXY protocol"),
            ("--limit-request-fields=0", "heads without limits"),
            ("--limit-request-line=0", "heads without limits"),
            ("--limit-request-field_size=0", "heads without limits"),
        ]
    ],
    indirect=["doomed"],
)
def test_what_would_go_past_the_collecting_is_refused_at_the_start(doomed, reason):
    assert doomed.process.wait(60) == 1
    assert reason in doomed.log.read_text()
