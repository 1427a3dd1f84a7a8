"""The way of webhooks to a receiver, on which some are lost, doubled, mixed up and late."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

import requests

from simulator.dials import Dials
from simulator.sender import EXAMPLES
from simulator.signing import both
from simulator.store import Told
from simulator.text import JSON, dump

PATIENCE = 10  # seconds for the receiver's answer
TRIES = 5  # services try for days: here a receiver that restarts must be back within seconds
PAUSE = 1.0  # seconds between them


class Letter(NamedTuple):
    """A webhook on its way, no earlier than `due`; its body is written when it is sent."""

    service: str
    id: str
    told: JSON
    due: float


@dataclass
class Post:
    """Webhooks that wait to be sent, and what became of the others.

    `secrets` are those of each service, the one in use first, which `rotate` has joined by the
    next. `dropped` are the ids of what nobody will be sent. Without a receiver all wait. A
    service signs with the time of its clock, `now`.
    """

    receiver: str
    secrets: dict[str, list[str]]
    dials: Dials = field(default_factory=Dials)
    dice: Random = field(default_factory=Random)
    now: Callable[[], float] = time.time
    at_once: int = 1
    waiting: deque[Letter] = field(default_factory=deque)
    dropped: list[tuple[str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _over: threading.Event = field(default_factory=threading.Event, repr=False)
    _own: threading.local = field(default_factory=threading.local, repr=False)

    def taker(self, service: str) -> Callable[[Told], None]:
        """Return what takes the events of a service: `Store.tell`."""
        return lambda told: self.take(service, told)

    def take(self, service: str, told: Told) -> None:
        """Take a webhook to be sent, or lose it."""
        with self._lock:
            self.counts["told"] += 1
            if self.dice.random() < self.dials.drop:
                self.dropped.append((service, told.id))
                return
            for _ in range(1 + (self.dice.random() < self.dials.repeat)):
                due = time.monotonic() + self.dice.random() * self.dials.delay
                self.waiting.append(Letter(service, told.id, told.body, due))

    def flush(self) -> None:
        """Send all that waits, whether due or not, in the order that the dice make of it."""
        if self.receiver:
            self._send_all(lambda _letter: True)

    def run(self) -> None:
        """Send what is due, until the end; without a receiver nobody is told. For a thread."""
        while not self._over.wait(0.05):
            moment = time.monotonic()
            if not self.receiver:
                self.waiting.clear()
            self._send_all(lambda letter: letter.due <= moment)  # noqa: B023  used at once

    def end(self) -> None:
        """End `run`."""
        self._over.set()

    def _send_all(self, ready: Callable[[Letter], bool]) -> None:
        with self._lock:
            going = [letter for letter in self.waiting if ready(letter)]
            held = [letter for letter in self.waiting if not ready(letter)]
            self.waiting = deque(held)
            mixed = self._mixed(going)
        if self.at_once > 1:
            with ThreadPoolExecutor(self.at_once) as pool:
                deque(pool.map(self._send, mixed), maxlen=0)
        else:
            deque(map(self._send, mixed), maxlen=0)

    def _mixed(self, going: list[Letter]) -> list[Letter]:
        """Return them in another order: each is any of the next ones, so many as the dial says."""
        if self.dials.reorder < 2:
            return going
        window, rest, mixed = list[Letter](), deque(going), list[Letter]()
        while window or rest:
            while rest and len(window) < self.dials.reorder:
                window.append(rest.popleft())
            mixed.append(window.pop(self.dice.randrange(len(window))))
        return mixed

    def _send(self, letter: Letter) -> None:
        """Send it until it is taken; after so many times it is dropped."""
        for attempt in range(TRIES):
            if attempt and self._over.wait(PAUSE):
                break
            if self._posted(letter):
                self.counts["sent"] += 1
                return
        self.counts["refused"] += 1
        self.dropped.append((letter.service, letter.id))

    def _posted(self, letter: Letter) -> bool:
        url = f"{self.receiver}/webhooks/{letter.service}"
        body = dump(letter.told).encode()
        headers = self._signed(letter, body)
        try:
            return self._session.post(url, body, headers=headers, timeout=PATIENCE).ok
        except requests.RequestException:
            return False

    def _signed(self, letter: Letter, body: bytes) -> dict[str, str]:
        sign, at = EXAMPLES[letter.service].sign, self.now()
        made = [sign(body, secret, at, letter.id) for secret in self.secrets[letter.service]]
        return both(*made[:2]) if self.dials.rotate and len(made) > 1 else made[0]

    @property
    def _session(self) -> requests.Session:
        """Return the session of this thread: a connection is used again."""
        if not hasattr(self._own, "session"):
            self._own.session = requests.Session()
        found: requests.Session = self._own.session
        return found
