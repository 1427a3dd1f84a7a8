"""Many processes ask for the same expired token at once, round after round; some are killed.

`python -m tests.oauth_crowd 40 100 --kills 12` prints as JSON what became of that: the exchanges of
each round, families that were revoked, processes that got no token. Kills take turns: before the
exchange and after it, at a provider that answers a used refresh token once more for two minutes,
and at one that revokes all for it. There a kill after the exchange loses the tokens, whatever one
does: these rounds are counted apart. Stores are those of DATABASE_URL and REDIS_URL, or embedded.
"""

import argparse
import base64
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psycopg

from local.stores import stores

ROOT = Path(__file__).parents[1]
GRACE = 120  # seconds
MARKED, EXCHANGED = "oauth.marked", "oauth.exchanged"
TURNS = [(MARKED, GRACE), (EXCHANGED, GRACE), (MARKED, 0), (EXCHANGED, 0)]
EXPIRE = (
    "UPDATE oauth_connections SET expires_at = now() - interval '1 second',"
    " granted_at = granted_at - interval '1 hour'"
)


class Crowd:
    """Processes that ask, and the folder that says who is killed: at the first of these points."""

    def __init__(self, asked, folder):
        """Talk to them through the pipes of a process that forks them."""
        self._asked, self._folder = asked, folder

    def asks(self, processes, authority, kill=""):
        """Give what each of so many got, '' for one that was killed."""
        from tests import oauth_loopback  # which reads the settings: after they are made

        if kill:
            (self._folder / kill).touch()
        told = {
            oauth_loopback.AT: authority.url,
            oauth_loopback.GRACE: str(authority.dials.grace_seconds),
        }
        self._asked.stdin.write(json.dumps({"processes": processes, "authority": told}) + "\n")
        self._asked.stdin.flush()
        found = next(line for line in self._asked.stdout if line.startswith("["))
        assert list(self._folder.iterdir()) == [], f"nobody was killed: {found}"
        return json.loads(found)


@contextmanager
def crowd(folder):
    """Have a crowd meanwhile; what arms the kills is in the folder."""
    given = {"FAULT_POINTS": str(folder), "OAUTH_PROVIDERS": "tests.oauth_loopback"}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.oauth_askers"],
        cwd=ROOT,
        env=os.environ | given,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as asked:
        yield Crowd(asked, folder)


def expire():
    """Let the tokens of all connections just have expired."""
    place = f"-c search_path={os.environ['DATABASE_SCHEMA']}"
    with psycopg.connect(os.environ["DATABASE_URL"], options=place) as connection:
        connection.execute(EXPIRE)


class Show:
    """The rounds, and what became of them."""

    def __init__(self, authority, ask, reconnect):
        """Have `ask` ask; `reconnect` makes a new family."""
        self._authority, self._ask, self._reconnect = authority, ask, reconnect
        self.exchanges: Counter[str] = Counter()
        self.apart: Counter[str] = Counter()
        self.without = 0

    def round(self, kill="", grace=0):
        """Have all ask once."""
        self._authority.dials.grace_seconds = grace
        before = self._authority.counts["refresh_token"]
        expire()
        survivors = [answer for answer in self._ask(kill) if answer]
        exchanges = self._authority.counts["refresh_token"] - before
        if (kill, grace) == (EXCHANGED, 0):
            self._lost(survivors, exchanges)
            return
        works = self._authority.tokens.works
        self.exchanges[f"{exchanges} after {kill}" if kill else str(exchanges)] += 1
        self.without += sum(not works(one, self._authority.now()) for one in survivors)

    def _lost(self, survivors, exchanges):
        self.apart["rounds"] += 1
        self.apart["exchanges"] += exchanges
        self.apart["processes"] += len(survivors)
        self.apart["told of interrupted_refresh"] += sum(
            "NotConnected" in one and "interrupted_refresh" in one for one in survivors
        )
        self.apart["families revoked"] += self._authority.families[-1].revoked
        self._reconnect()

    def told(self):
        """Give what became of it."""
        revoked = sum(family.revoked for family in self._authority.families)
        return {
            "rounds by exchanges": dict(self.exchanges),
            "families revoked": revoked - self.apart["families revoked"],
            "processes without a token": self.without,
            "killed after the exchange without a grace": dict(self.apart),
        }


def set_up(stack):
    """Give the authority and how to connect anew: with stores and keys of our own."""
    running = stack.enter_context(
        stores(
            None,
            database_url=os.environ.get("DATABASE_URL"),
            redis_url=os.environ.get("REDIS_URL"),
        )
    )
    os.environ |= {
        "TALLYMAN_NO_ENV_FILES": "1",
        "DATABASE_URL": running.database_url,
        "REDIS_URL": running.redis_url,
        "DATABASE_SCHEMA": "tallyman_crowd",
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "OAUTH_PROVIDERS": "tests.oauth_loopback",
    }
    from db import migrate
    from simulator.oauth_server import oauth_server
    from tests import oauth_loopback

    migrate.upgrade()
    authority = stack.enter_context(oauth_server(redirect_uris=[oauth_loopback.BACK]))
    os.environ[oauth_loopback.AT] = authority.url
    return authority, lambda: oauth_loopback.connect(oauth_loopback.PROVIDERS[0])


def main():
    """Do so many rounds, with so many kills spread over them."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("processes", type=int)
    given.add_argument("rounds", type=int)
    given.add_argument("--kills", type=int, default=0)
    told, begun = given.parse_args(), time.monotonic()
    with ExitStack() as stack:
        authority, connect = set_up(stack)
        connect()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        asked = stack.enter_context(crowd(folder))
        show = Show(authority, partial(asked.asks, told.processes, authority), connect)
        for n in range(told.rounds):
            kills = (n + 1) * told.kills // told.rounds
            killed = kills > n * told.kills // told.rounds
            show.round(*(TURNS[(kills - 1) % len(TURNS)] if killed else ()))
    asked_for = {"processes": told.processes, "rounds": told.rounds, "kills": told.kills}
    seconds = round(time.monotonic() - begun)
    sys.stdout.write(json.dumps(asked_for | show.told() | {"seconds": seconds}, indent=2) + "\n")


if __name__ == "__main__":
    main()
