"""How single objects are asked for."""

from collections.abc import Callable, Sequence
from urllib.parse import quote

from integrations.errors import Transient
from integrations.interface import Snapshot
from integrations.stripe.sync.answers import Caller, Missing
from integrations.stripe.sync.snapshots import gone, snapshot
from integrations.stripe.sync.whole import whole
from integrations.syncs import FETCH

Fetch = Callable[[str, str], Snapshot]


def at(kind: str, path: str, *, expand: Sequence[str] = ()) -> Fetch:
    """Return what fetches an object of that type from below the path, its lists whole.

    That raises as `Caller.ask`, but not Missing: the object is gone then. Of deleted customers and
    products Stripe still knows that they were: `deleted` is true.
    """

    def fetch(account: str, id: str) -> Snapshot:
        stripe = Caller(account)
        params = {"expand": list(expand)} if expand else {}
        try:
            answer = stripe.ask(f"{path}/{quote(id, safe='')}", **params)
        except Missing as missing:
            return gone(kind, id, missing, account)
        try:
            value = whole(kind, stripe, answer.value)
        except Missing:
            raise Transient(f"stripe: a {kind} was deleted while it was read") from None
        return snapshot(kind, value, answer, FETCH, account)

    return fetch
