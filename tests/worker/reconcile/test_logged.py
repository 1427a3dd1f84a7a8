"""What the log of a reconcile names."""

import pytest

from worker.syncs.drift import loggable


@pytest.mark.parametrize("id", ["cus_NffrFeUfNV2Hib", "user_29w83sxmDNGwOuEthce5gg56FcC", "42"])
def test_an_id_that_a_service_made_is_logged_as_it_is(id):
    assert loggable(id) == id


@pytest.mark.parametrize("id", ["bucket/ada@example.com.pdf", "bucket/Ada Lovelace", ""])
def test_of_what_somebody_has_named_a_hash_is_logged(id):
    assert loggable(id).startswith("sha256:")
