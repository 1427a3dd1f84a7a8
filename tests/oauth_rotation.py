"""Keys are changed while all else goes on: tokens are read, renewed and connected meanwhile.

`python -m tests.oauth_rotation 4 2000 3` has 4 processes do so, with 2000 connections that are
there already, and changes the key 3 times by `tallyman oauth rotate-keys`. It prints as JSON what
was rotated, what the processes did meanwhile, and what could not be read afterwards with the last
key alone. Stores are those of DATABASE_URL and REDIS_URL, or embedded ones.
"""

import json
import multiprocessing
import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import structlog
from cryptography.fernet import Fernet

from tests.oauth_crowd import set_up

LIFE = 4  # seconds that an access token of those lives which are renewed
LIVELY = 20  # connections that are
_spawn = multiprocessing.get_context("spawn")


def work(name, over, told):
    """Read, renew and connect until it is over; tell how often, and what failed."""
    from integrations.errors import Deferred
    from integrations.oauth.tokens import token
    from tests.oauth_loopback import PROVIDERS, connect

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    done: Counter[str] = Counter()
    made, known = 0, [f"lively_{n}" for n in range(LIVELY)]
    told.put("ready")
    while not over.is_set():
        try:
            token("loopback", random.choice(known))
            token("loopback", f"quiet_{random.randrange(100)}")
            done["reads"] += 2
            if not done["reads"] % 40:
                made += 1
                connect(PROVIDERS[0], known[-1] if made % 2 else f"{name}_{made}")
        except Deferred:  # the gate lets so many through in a second
            done["deferred"] += 1
        except Exception as error:  # noqa: BLE001  it is told
            done[f"{type(error).__name__}: {error}"] += 1
    told.put(dict(done))


def quiet(rows):
    """Have so many connections that nobody has to renew."""
    from db.session import transaction
    from integrations.oauth import connections
    from integrations.oauth.answers import Grant
    from tests.oauth_loopback import PROVIDERS

    with transaction() as session:
        for n in range(rows):
            grant = Grant(access_token=f"at-{n}", refresh_token=f"rt-{n}", expires_in=86_400)
            connections.store(session, PROVIDERS[0], f"quiet_{n}", grant, by="nobody")


def set_keys(*keys):
    """Have this process, and those that it starts, know these keys."""
    from settings import settings

    os.environ["ENCRYPTION_KEYS"] = ",".join(keys)
    settings.cache_clear()


def unreadable():
    """Count the connections of which a token cannot be opened."""
    from db.session import transaction
    from integrations.oauth.connections import TABLE, held, sql
    from integrations.oauth.interface import Locked

    lost = 0
    with transaction() as session:
        for row in session.execute(sql(f"SELECT * FROM {TABLE} WHERE key_id IS NOT NULL")):
            try:
                held(row)
            except Locked:
                lost += 1
    return lost


def rotated(processes, authority, old, new):
    """Change the key under load; give what became of it."""
    from integrations.oauth import rotation

    set_keys(new, old)
    over, told = _spawn.Event(), _spawn.Queue()
    workers = [
        _spawn.Process(target=work, args=(f"{new[:6]}_{n}", over, told)) for n in range(processes)
    ]
    for worker in workers:
        worker.start()
    for _ in workers:
        told.get()
    before, begun = authority.counts.copy(), time.monotonic()
    command = [str(Path(sys.executable).with_name("tallyman")), "oauth", "rotate-keys", "--json"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    meanwhile, seconds = authority.counts - before, time.monotonic() - begun
    over.set()
    done = sum((Counter(told.get()) for _ in workers), Counter())
    for worker in workers:
        worker.join()
    set_keys(new)
    return json.loads(said.stdout) | {
        "seconds": round(seconds, 1),
        "refreshes meanwhile": meanwhile["refresh_token"],
        "connects meanwhile": meanwhile["authorization_code"],
        "reads": done.pop("reads"),
        "deferred": done.pop("deferred", 0),
        "failures": dict(done),
        "unreadable afterwards": unreadable(),
        "under the old key afterwards": rotation.left(),
    }


def main():
    """Change the key so many times."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    processes, rows, times = map(int, sys.argv[1:4])
    with ExitStack() as stack:
        authority, _ = set_up(stack)
        keys = [os.environ["ENCRYPTION_KEYS"]]
        keys += [Fernet.generate_key().decode() for _ in range(times)]
        from tests.oauth_loopback import PROVIDERS, connect

        authority.dials.access_seconds, authority.dials.grace_seconds = LIFE, 120
        quiet(rows)
        for n in range(LIVELY):
            connect(PROVIDERS[0], f"lively_{n}")
        found = [rotated(processes, authority, *keys[n : n + 2]) for n in range(times)]
        revoked = sum(family.revoked for family in authority.families)
    given = {"processes": processes, "rows": rows, "families revoked": revoked}
    sys.stdout.write(json.dumps(given | {"rotations": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
