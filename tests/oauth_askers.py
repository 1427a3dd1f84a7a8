"""Many processes that ask for the same token at once: a round for each line that comes in.

A line is JSON: how many `processes`, and the `authority` that they find in their environment. It is
answered with a line of JSON: what each process got, '' for one that was killed. FAULT_POINTS arms
what kills; the account is `acme` at `loopback`.
"""

import gc
import json
import multiprocessing
import os
import sys

import structlog

from integrations.oauth.tokens import token  # before the forks: each would take a second
from tests import oauth_loopback

_fork = multiprocessing.get_context("fork")


def _ask(go, answer, authority):
    os.environ |= authority
    oauth_loopback.PROVIDERS[:] = [oauth_loopback.provider()]
    go.recv()
    try:
        answer.send(token("loopback", "acme").value)
    except Exception as error:  # noqa: BLE001  it is told
        answer.send(repr(error))


def _round(processes, authority):
    asked = []
    for _ in range(processes):
        here, there = _fork.Pipe()
        child = _fork.Process(target=_ask, args=(there, there, authority))
        child.start()
        there.close()  # so that the death of the child ends our reading
        asked.append((child, here))
    for _, pipe in asked:
        pipe.send("go")
    return [_answer(child, pipe) for child, pipe in asked]


def _answer(child, pipe):
    try:
        found = pipe.recv()
    except EOFError:
        found = ""
    child.join()
    return found


def main():
    """Have some ask whenever a line comes in."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    gc.freeze()  # what the forks share they shall not copy
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_round(**json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
