"""What the door answered, and the judge of it: whose fault is it, and did a forgery get in?"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from proof.report import Finding

SERVER_ERROR, FORGERY, LOST = "server error", "forgery accepted", "lost"
SHOWN = 300  # bytes of a request, in a finding

_HEAD = re.compile(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n(.*?\r\n)??\r\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Try:
    """Something sent to the door.

    `due`: whether an answer must come. `signed`: whether who sent it holds the secret, so that
    letting it in is right.
    """

    attack: str
    sent: bytes
    due: bool = True
    signed: bool = False

    @property
    def coded(self) -> bool:
        """Return whether it names a transfer coding, known or not."""
        return b"transfer-encoding" in self.sent[:100_000].lower()


def parse(raw: bytes) -> list[Answer]:
    """Return the answers in what came back over one connection; those cut off in the head, not."""
    found = []
    while head := _HEAD.match(raw):
        headers = _headers(head[2] or b"")
        rest = raw[head.end() :]
        # the answer to HEAD tells a length, and has no body
        length = 0 if _HEAD.match(rest) else int(headers.get("content-length", len(rest)))
        found.append(Answer(int(head[1]), headers, rest[:length]))
        raw = rest[length:]
    return found


def _headers(raw: bytes) -> dict[str, str]:
    pairs = (line.partition(":") for line in raw.decode("latin-1").splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def is_honest(answer: Answer) -> bool:
    """Return whether a 503 says what is wrong, and when to come again."""
    try:
        says = json.loads(answer.body)
    except ValueError:
        return False
    return (
        answer.status == 503
        and says == {"error": "unavailable"}
        and answer.headers.get("retry-after", "").isdigit()
    )


def is_server_error(answer: Answer, tried: Try) -> bool:
    """Return whether the answer says that something broke.

    A 501 to a transfer coding that is not known is not that: RFC 9112 (6.1) asks for it.
    """
    if answer.status == 501 and tried.coded:
        return False
    return answer.status >= 500 and not is_honest(answer)


def judge(tried: Try, answers: Sequence[Answer]) -> list[Finding]:
    """Return what was wrong with the answers."""
    shown = f"{tried.attack}: {tried.sent[:SHOWN]!r}"
    found = [
        Finding(SERVER_ERROR, f"{answer.status} to {shown}")
        for answer in answers
        if is_server_error(answer, tried)
    ]
    if tried.due and not answers:
        found.append(Finding(SERVER_ERROR, f"no answer to {shown}"))
    if not tried.signed and any(answer.status == 202 for answer in answers):
        found.append(Finding(FORGERY, f"202 to {shown}"))
    return found
