"""Senders: signed events of few objects in many versions, and what was answered to each."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random

import requests

from integrations.schema import JSON, dump
from proof.checker import Accepted
from proof.handlers import KILLERS, TELL
from simulator import stripe
from simulator.sender import Sender

OBJECTS = 40  # of each sender
T0 = 1_700_000_000
DOOMED = {"poison", *KILLERS}


@dataclass
class Journal:
    """What the senders know: the ids that were accepted, what must die, and all answers.

    `tells` are those with an effect, `forgotten` those of them whose key is not known any more.
    """

    accepted: set[str] = field(default_factory=set)
    doomed: set[str] = field(default_factory=set)
    tells: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    unread: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, body: JSON, content: bytes, answer: str) -> None:
        """Enter one answer."""
        id, do = body["id"], body["data"]["object"]["metadata"]["do"]
        with self.lock:
            self.answers[answer] += 1
            if answer == "202":
                self.accepted.add(id)
            self.unread[id] = f"sha256:{sha256(content).hexdigest()}"
            if do in DOOMED:
                self.doomed.add(id)
            if do == TELL:
                self.tells.add(id)

    def told(self) -> Accepted:
        """Return what the checker is told."""
        with self.lock:
            return Accepted(sorted(self.accepted), frozenset(self.doomed), dict(self.unread))


def event(object_id: str, version: int, do: str = "") -> JSON:
    """Return a version of a subscription; its set of items differs from version to version."""
    created = T0 + version
    items = [
        stripe.item(created, id=f"si_{object_id}_{bit}", subscription=f"sub_{object_id}")
        for bit in range(3)
        if version >> bit & 1
    ]
    made = stripe.subscription(
        created,
        items,
        id=f"sub_{object_id}",
        customer=f"cus_{object_id}",
        metadata={"version": str(version), "do": do},
    )
    id = f"evt_{object_id}_{version}"
    return stripe.event("customer.subscription.updated", made, created, id)


class Senders:
    """Threads that send until they are stopped; each repeats some, and holds some back."""

    def __init__(self, receiver: str, secret: str, journal: Journal, seed: str) -> None:
        self._sender = (receiver, "stripe", secret)
        self.journal, self._seed = journal, seed
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self.pause = 0.0  # seconds between two events of a sender

    def start(self, how_many: int) -> None:
        """Start so many."""
        for number in range(how_many):
            name = f"{self._seed}x{number}"
            thread = threading.Thread(target=self._run, args=(name,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Stop all, and wait until they have."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(60)

    def _run(self, name: str) -> None:
        sender, dice = Sender(*self._sender), Random(name)
        for body in shuffled(events(name, dice), dice):
            for _ in range(2 if dice.random() < 0.1 else 1):
                send(sender, self.journal, body)
            if self._stopped.wait(self.pause):
                return


def events(name: str, dice: Random) -> Iterator[JSON]:
    """Yield events without end: most are simple, some fail once, few for ever."""
    versions: Counter[str] = Counter()
    while True:
        object_id = f"{name}o{dice.randrange(OBJECTS)}"
        versions[object_id] += 1
        chance = dice.random()
        do = "poison" if chance < 0.005 else "flaky" if chance < 0.03 else ""
        do = TELL if chance > 0.995 else do
        yield event(object_id, versions[object_id], do)


def shuffled(told: Iterator[JSON], dice: Random) -> Iterator[JSON]:
    """Yield the same in a somewhat different order, as webhooks come."""
    held: list[JSON] = []
    for body in told:
        held.append(body)
        if len(held) > 8:
            yield held.pop(dice.randrange(len(held)) if dice.random() < 0.2 else 0)


def send(sender: Sender, journal: Journal, body: JSON) -> bool:
    """Send one event and note the answer; return whether it was accepted."""
    content = dump(body).encode()
    try:
        answer = str(sender.send(content).status_code)
    except requests.RequestException as error:
        answer = type(error).__name__
    journal.note(body, content, answer)
    return answer == "202"
