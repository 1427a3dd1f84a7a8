"""Requests and bodies as nobody sends them by mistake, for Hypothesis to draw from."""

import json
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from hypothesis import strategies as st

from proof.hostile.answers import Try

Pairs = Sequence[tuple[bytes, bytes]]

_PATHS = [
    *(b"/webhooks/stripe", b"/webhooks/clerk", b"/webhooks/posthog"),
    *(b"/healthz", b"/readyz", b"/metrics", b"*", b"/"),
]
_ODD_PATHS = [
    *(b"/webhooks/stripe/", b"//webhooks//stripe", b"/webhooks/paypal", b"/webhooks/stripe/x"),
    *(b"/../../etc/passwd", b"/webhooks/..%2f..%2fetc", b"/webhooks/stripe%00", b"/webhooks/%ff"),
    *(b"/webhooks/stripe?" + b"a=1&" * 50, b"/webhooks/stripe#x", b"/" + b"a" * 9000, b"/%", b""),
    *(b"http://127.0.0.1/webhooks/stripe", b"http://[::1/webhooks/stripe", b"https://x:y@z:99999/"),
    *("/webhooks/\N{SNOWMAN}".encode(), b"/webhooks/\0", b"/webhooks/st ripe", b"localhost:80"),
]
_METHODS = [b"POST", b"GET", b"HEAD", b"PUT", b"OPTIONS", b"TRACE", b"CONNECT", b"PRI", b"post"]
_VERSIONS = [b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1.", b"http/1.1", b""]
_NAMES = [
    *(b"Stripe-Signature", b"svix-id", b"svix-timestamp", b"svix-signature", b"webhook-signature"),
    *(b"Content-Type", b"Content-Encoding", b"Expect", b"Host", b"Cookie", b"X-Forwarded-For"),
    *(
        b"Upgrade",
        b"Forwarded",
        b"Range",
        b"Content-Length",
        b"Transfer-Encoding",
        b"HTTP2-Settings",
    ),
    *(b"X-Webhook-Secret", b"Authorization"),
    *(b"Stripe_Signature", b"X" * 9000, "sn\N{LATIN SMALL LETTER O WITH DIAERESIS}".encode(), b""),
]
_VALUES = [
    *(b"", b"t=1,v1=x", b"v1,x", b"chunked", b"gzip, chunked", b"identity", b"chunked, chunked"),
    *(b"0", b"1", b"-1", b"+5", b"5, 5", b"1e3", b"9" * 30, b"\xd9\xa1", b"0x10", b" 3 "),
    *(b"100-continue", b"h2c", b"websocket", b"application/json", b"\0", b"a\r\n b", b"a\nb"),
    *(b"\xff\xfe", b"x" * 9000, "\N{SNOWMAN}".encode(), b"127.0.0.1, ::1", b"multipart/form-data"),
]
_CHUNKS = [
    *(b"0\r\nContent-Length: 5\r\n\r\n", b"5\r\n{}", b"2\r\n{}\r\n0\r\nX: " + b"x" * 9000),
    *(b"0\r\n\r\n", b"2\r\n{}\r\n0\r\n\r\n", b"-1\r\n", b"zz\r\n\r\n", b"2;a=b\r\n{}\r\n0\r\n\r\n"),
    *(
        b"ffffffffffffffff\r\n",
        b"2\r\n{}0\r\n\r\n",
        b"0\r\nStripe-Signature: x\r\n\r\n",
        b"2\n{}\n0",
    ),
]


_PAIRS = [(name, value) for name in _NAMES for value in _VALUES]


def _one_of(known: Sequence[bytes], worse: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Return the first of the known ones in half of all cases: where all is odd, little is seen."""
    return st.just(known[0]) | st.just(known[0]) | st.sampled_from(known) | worse


_bytes = st.binary(max_size=40)
_headers = st.lists(
    st.tuples(_one_of(_NAMES, _bytes), _one_of(_VALUES, _bytes)), max_size=6
) | st.lists(st.just((b"X-Flood", b"1")), min_size=90, max_size=300)
_frames = st.sampled_from(["right", "right", "none", "short", "long", "twice", "chunked", "both"])
_ends = _one_of([b"\r\n"], st.sampled_from([b"\n", b"\r", b"\0\r\n"]))


def _framing(kind: str, body: bytes) -> Pairs:
    length, chunked = b"Content-Length", (b"Transfer-Encoding", b"chunked")
    said = {
        "right": [(length, b"%d" % len(body))],
        "short": [(length, b"%d" % (len(body) // 2))],
        "long": [(length, b"%d" % (len(body) + 7))],
        "twice": [(length, b"%d" % len(body)), (length, b"%d" % (len(body) + 1))],
        "chunked": [chunked],
        "both": [chunked, (length, b"%d" % len(body))],
    }
    return said.get(kind, [])


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Return one request, in which anything may be wrong, and often several things are."""
    method = draw(_one_of(_METHODS, _bytes))
    path = draw(_one_of(_PATHS, st.sampled_from(_ODD_PATHS) | _bytes.map(b"/".__add__)))
    version = draw(_one_of(_VERSIONS, _bytes))
    kind, end = draw(_frames), draw(_ends)
    body = draw(st.sampled_from(_CHUNKS) if kind in {"chunked", "both"} else st.binary(max_size=99))
    pairs = [(b"Host", b"localhost"), *_framing(kind, body), *draw(_headers)]
    lines = [b" ".join([method, path, version]), *(b": ".join(pair) for pair in pairs)]
    return end.join([*lines, b"", b""]) + body


KNOWN = [
    *(b"%s %s HTTP/1.1\r\nHost: a\r\n\r\n" % (m, p) for m in _METHODS for p in _PATHS + _ODD_PATHS),
    *(b"POST /webhooks/stripe HTTP/1.1\r\nHost: a\r\n%s: %s\r\n\r\n" % h for h in _PAIRS),
    *(b"POST /webhooks/stripe HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + c for c in _CHUNKS),
]
"""Requests with one odd thing in each: all of them are sent, before chance has its turn."""

streams = st.lists(requests(), min_size=1, max_size=3).map(b"".join) | st.binary(max_size=200)
"""What is sent over one connection: requests, one behind the other, or anything at all."""


def raw(sent: bytes) -> Try:
    """Return the try: an answer is due where the first request is whole, as far as it tells."""
    head, end, rest = sent.partition(b"\r\n\r\n")
    lengths = re.findall(rb"(?i)content-length:\s*([^\r\n]*)", head)
    whole = all(length.isdigit() and int(length[:9]) <= len(rest) for length in lengths)
    chunked = b"transfer-encoding" in head.lower()
    return Try("raw HTTP", sent, due=bool(head and end) and whole and not chunked)


_NUMBERS = (
    st.integers()
    | st.sampled_from([10**400, -(10**400), 2**63, 10**11, 10**18, -(10**12)])
    | st.floats(allow_nan=False, allow_infinity=False)
)
_LETTERS = st.characters() | st.sampled_from("\0\ud800\udfff\ufeff")
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(_LETTERS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(_LETTERS), inner),
    max_leaves=8,
)
"""What JSON can say, and Postgres cannot always keep."""

UNREADABLE = [
    *(b"", b"{}", b"[]", b"null", b'"text"', b"hello", b'{"id":"evt_1"', b"\0", b"\xff\xfe", b" "),
    *(
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"created":NaN}',
        b'{"created":1e999}',
        b"\xef\xbb\xbf{}",
    ),
    b'{"id":"evt_1","created":' + b"9" * 10_000 + b"}",
    b'{"id":null,"type":null,"created":null,"data":null,"timestamp":null}',
    b'{"id":{},"type":[],"created":"x","data":5,"timestamp":"x"}',
]
"""Bodies that are no event of any service: once let in, they must end dead."""

CORNERS = [*UNREADABLE, b'{"id":"\\ud800","type":"\\u0000","created":1,"data":{"object":{}}}']


def _event(type: str, inner: dict[str, Any]) -> bytes:
    """Return what may be read as an event of any service, whatever is in it."""
    data = inner | {"object": inner, "updated_at": 1_700_000_000_000}
    event = {"object": "event", "type": type, "livemode": False, "data": data}
    event |= {"created": 1_700_000_000, "timestamp": 1_700_000_000_000}
    own = sha256(json.dumps(event).encode()).hexdigest()  # of one id, only the first body is kept
    return json.dumps({"id": f"evt_{own[:24]}"} | event).encode()


_objects = st.dictionaries(st.text(_LETTERS), values, max_size=5)
_events = st.builds(_event, st.text(_LETTERS, min_size=1, max_size=50), _objects)
_json = values.map(json.dumps).map(str.encode)
bodies = st.sampled_from(CORNERS) | st.binary(max_size=300) | _json | _events
"""Bodies that a sender may well have signed."""

header_values = (
    st.text() | st.text(st.characters(max_codepoint=255)) | st.text("tv01=,;. _-+eE9\0\r\n")
)
"""What header values look like by the time WSGI hands them over, and some worse ones."""
