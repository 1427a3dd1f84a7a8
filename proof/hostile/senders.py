"""Real senders that go on all the while, in a process of their own: its clock is not disturbed."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import quantiles
from typing import NamedTuple, Self

from proof.hostile import wire
from proof.hostile.answers import is_honest
from proof.hostile.door import digest
from proof.hostile.signing import signed
from simulator import stripe

RATE = 40  # events a second


class Sent(NamedTuple):
    """One real delivery: when it was due, the seconds to its answer, which answer (0: none)."""

    due: float
    took: float
    status: int
    body: str
    """Its digest."""
    honest: bool
    """Whether it was told honestly to come again."""

    @property
    def served(self) -> bool:
        """Return whether it was taken."""
        return self.status == 202


class Senders:
    """Sends real, signed events at a steady rate, however slow the answers, until told to end."""

    def __init__(self, address: wire.Address, secrets: Mapping[str, str]) -> None:
        context = get_context("spawn")
        self._mine, theirs = context.Pipe()
        self._process = context.Process(
            target=_run, args=(address, secrets["stripe"], theirs), daemon=True
        )
        self._process.start()
        theirs.close()
        self._mine.recv()  # it has begun

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    def end(self) -> list[Sent]:
        """Return all that was sent, once every answer is there or overdue."""
        self._mine.send("end")
        sent: list[Sent] = self._mine.recv()
        return sent


def _run(address: wire.Address, secret: str, pipe: Connection) -> None:
    sent = asyncio.run(_send_all(address, secret, pipe))
    pipe.send(sent)


async def _send_all(address: wire.Address, secret: str, pipe: Connection) -> list[Sent]:
    start = time.monotonic()
    out: list[asyncio.Task[Sent]] = []
    pipe.send("begun")
    while not pipe.poll():  # also true when who started us is gone
        due = start + len(out) / RATE
        await asyncio.sleep(max(0, due - time.monotonic()))
        out.append(asyncio.create_task(_send(address, secret, due)))
    return await asyncio.gather(*out)


async def _send(address: wire.Address, secret: str, due: float) -> Sent:
    body = json.dumps(stripe.example("customer.updated", int(time.time()))).encode()
    request = wire.request("/webhooks/stripe", signed("stripe", secret, body), body)
    answers = (await wire.ask(address, request)).answers
    status = answers[0].status if answers else 0
    honest = any(is_honest(answer) for answer in answers)
    return Sent(due, time.monotonic() - due, status, digest(body), honest)


def milliseconds(sent: Sequence[Sent]) -> tuple[str, str]:
    """Return the median and the 99th percentile of the answers, as they are shown."""
    took = [one.took * 1000 for one in sent]
    if len(took) < 2:
        return "", ""
    cuts = quantiles(took, n=100, method="inclusive")
    return f"{cuts[49]:.1f}", f"{cuts[98]:.1f}"
