"""What is encrypted: for one place, with the first key, and never lost while keys change."""

import threading
from itertools import cycle, islice
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet

from integrations.errors import Deferred
from integrations.oauth import rotation, vault
from integrations.oauth.interface import Locked
from integrations.oauth.tokens import token
from integrations.oauth.vault import Place
from tests.oauth_loopback import connect

HERE = Place("loopback", "acme", "refresh")


@pytest.fixture
def keys(set_to):
    """Set the keys, given by their numbers, the first first; give them."""
    made = [Fernet.generate_key().decode() for _ in range(3)]

    def keys(*numbers):
        set_to(ENCRYPTION_KEYS=" , ".join(made[n] for n in numbers))

    return keys


def test_what_is_sealed_is_opened_where_it_was_sealed(keys):
    keys(0)
    sealed = vault.seal(HERE, "rt-1")
    assert "rt-1" not in sealed
    assert vault.opened(HERE, sealed) == "rt-1"
    for other in (
        Place("stripe", "acme", "refresh"),
        Place("loopback", "other", "refresh"),
        Place("loopback", "acme", "access"),
    ):
        with pytest.raises(Locked):
            vault.opened(other, sealed)


def test_any_key_opens_and_none_other(keys):
    keys(0)
    sealed = vault.seal(HERE, "rt-1")
    keys(1, 0)
    assert vault.opened(HERE, sealed) == "rt-1"
    keys(1)
    with pytest.raises(Locked):
        vault.opened(HERE, sealed)


@pytest.mark.parametrize("given", ["", ",", "short", "c" * 43 + "=,short", "é" * 44])
def test_without_sound_keys_nothing_is_sealed(set_to, given):
    set_to(ENCRYPTION_KEYS=given)
    with pytest.raises(Locked) as locked:
        vault.seal(HERE, "rt-1")
    assert "short" not in str(locked.value)


class Busy(threading.Thread):
    """Somebody who does the same over and over, until it is over; and what failed."""

    def __init__(self, work, over):
        super().__init__()
        self._work, self._over, self.failures = work, over, []
        self.start()

    def run(self):
        while not self._over.is_set():
            try:
                self._work()
            except Deferred:  # the gate lets so many through in a second
                continue
            except Exception as error:  # noqa: BLE001  it is told
                self.failures.append(error)


def test_rotation_encrypts_all_anew_while_tokens_are_renewed_and_connected(
    authority, loopback, keys, sql, until
):
    keys(0)
    authority.dials.access_seconds = 1
    accounts = [f"acme_{n}" for n in range(4)]
    for account in accounts:
        connect(loopback, account)
    keys(1, 0)
    written = "SELECT max(token_version) > 1 AND max(account) > 'new' FROM oauth_connections"
    tokens, over = cycle(accounts), threading.Event()
    renewing = Busy(lambda: token("loopback", next(tokens)), over)
    connecting = Busy(lambda: connect(loopback, f"new_{uuid4()}"), over)
    try:
        until(lambda: sql.execute(written).fetchone() == (True,))
        list(rotation.rotate())
    finally:
        over.set()
        renewing.join()
        connecting.join()
    assert (renewing.failures, connecting.failures) == ([], [])
    assert (rotation.left(), len(rotation.key_ids())) == (0, 1)
    keys(2, 1)
    assert not any(batch.unreadable for batch in rotation.rotate())


def test_rotation_passes_over_what_no_key_opens_and_names_it(loopback, keys, sql):
    keys(0)
    for account in ("one", "two", "three"):
        connect(loopback, account)
    sql.execute("UPDATE oauth_connections SET refresh_token = 'cut' WHERE account = 'three'")
    keys(1, 0)
    (batch,) = rotation.rotate()
    assert batch == (2, [("loopback", "three")])
    assert (rotation.left(), sorted(rotation.key_ids().values())) == (1, [1, 2])


def test_rotation_waits_for_a_row_that_is_held_and_not_for_ever(loopback, keys, sql):
    keys(0)
    connect(loopback, "held")
    connect(loopback, "free")
    keys(1, 0)
    with sql.transaction():
        sql.execute("SELECT FROM oauth_connections WHERE account = 'held' FOR UPDATE")
        assert [batch.done for batch in rotation.rotate(patience=0)] == [1]
        assert rotation.left() == 1
    assert [batch.done for batch in rotation.rotate()] == [1]


def test_a_key_that_opens_nothing_of_what_is_kept_is_told(loopback, keys):
    keys(0)
    rotation.check_keys()  # nothing is kept yet
    connect(loopback)
    keys(1, 0)
    rotation.check_keys()
    keys(1)
    with pytest.raises(Locked, match="other keys"):
        rotation.check_keys()


def test_who_goes_on_writing_with_the_old_key_does_not_keep_rotation_going(loopback, keys, sql):
    keys(0)
    connect(loopback)
    columns = "access_token, refresh_token, key_id"
    (old,) = sql.execute(f"SELECT {columns} FROM oauth_connections").fetchall()
    keys(1, 0)
    rounds = 0
    for _ in islice(rotation.rotate(patience=0.5), 20):
        sql.execute(f"UPDATE oauth_connections SET ({columns}) = ROW (%s, %s, %s)", old)
        rounds += 1
    assert 1 < rounds < 20
    assert rotation.left() == 1
