"""What we ask of Clerk to keep its mirrors complete: clerk_backend_api, by its own calls.

It keeps no log of events: what was missed is found in its listings. They go by offset, and only
that of users can have the newest first (models/getuserlistop.py, order_by).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache

from integrations.clerk import calls, schemas
from integrations.clerk.answers import Answer, ask
from integrations.clerk.envelope import Times
from integrations.errors import Permanent, Transient, Unreadable
from integrations.interface import Snapshot
from integrations.offsets import Place
from integrations.schema import JSON
from integrations.syncs import FETCH, LIST, Collection, Page, Sync
from settings import settings

FetchCall = Callable[..., object]


def on() -> bool:
    """Return whether the key is set."""
    return bool(settings().clerk.clerk_secret_key.get_secret_value())


def _listing(
    kind: str, call: calls.ListCall, count: Callable[[], int | None] = lambda: None
) -> Callable[[str, str | None], Page]:
    """Return what lists objects by a call that is given the offset.

    `count` says how many there are where the pages themselves do not.
    """

    def page(_account: str, cursor: str | None) -> Page:
        place = Place.read(cursor)
        answer = ask(lambda clerk: call(clerk, place.offset))
        told = (answer.total, place.total)
        total = next((known for known in told if known is not None), None) or count()
        new, after = Place(place.offset, place.last, total).past(answer.objects, calls.LIMIT)
        snapshots = [_snapshot(kind, one, answer, LIST) for one in new]
        cursor = None if after is None else str(after)
        return Page(snapshots, cursor, answer.begun, total, answer.unfit)

    return page


def _count_users() -> int | None:
    """Return how many users there are: their list does not say it. users.py, count."""
    return ask(lambda clerk: clerk.users.count(request={})).total


def _fetching(kind: str, call: FetchCall, path: int = 1) -> Callable[[str, str], Snapshot]:
    """Return what fetches an object by a call that is given the `path` ids in its name."""

    def fetch(_account: str, name: str) -> Snapshot:
        ids = name.split("/")
        if len(ids) != path:
            raise Permanent(f"clerk: a {kind} cannot be asked for by its id alone")
        answer = ask(lambda clerk: call(clerk, *ids))
        found = _one(answer, ids[-1])
        if found is None:
            return _gone(kind, ids[-1], answer)
        return _snapshot(kind, found, answer, FETCH)

    return fetch


def _one(answer: Answer, id: str) -> JSON | None:
    """Return the object in an answer, None where there is no such one. Raises Permanent."""
    if answer.status == 403:
        raise Permanent("clerk: organizations are switched off there")
    if answer.status == 404:
        return None
    if isinstance(answer.told, dict) and "data" not in answer.told:
        return answer.told
    return next((one for one in answer.objects if one.get("id") == id), None)


def _gone(kind: str, id: str, answer: Answer) -> Snapshot:
    at = datetime.fromtimestamp(answer.begun / 1000, UTC)
    return Snapshot(kind, {"id": id}, answer.begun, FETCH, gone_at=at, columns=_columns())


def _snapshot(kind: str, obj: JSON, answer: Answer, source: str) -> Snapshot:
    """Return what is told of an object, as a webhook's is: integrations/clerk/webhook.py."""
    return Snapshot(kind, obj, _clock(obj) or answer.begun, source, columns=_columns())


def _clock(obj: JSON) -> int | None:
    """Return when it changed last; None where that cannot be read, of which the mirror will say."""
    try:
        changed = Times.read(obj).updated_at
    except Unreadable:
        return None
    return None if changed is None else max(1, changed)


def _columns() -> Mapping[str, str]:
    """Return the columns that webhooks add to all rows: the instance whose key we have."""
    own = settings().clerk
    return {"instance_id": _instance(own.clerk_secret_key.get_secret_value(), own.clerk_api_base)}


@cache
def _instance(_key: str, _base: str) -> str:
    """Return the id of the instance. instancesettings_sdk.py, get."""
    told = ask(lambda clerk: clerk.instance_settings.get()).told
    found = told.get("id") if isinstance(told, dict) else None
    if not (isinstance(found, str) and found):
        raise Transient("clerk does not say which instance it is", unknown=True)
    return found


def _named_membership(known: Mapping[str, object]) -> str:
    told = schemas.Membership.read(dict(known))
    return "/".join(filter(None, (told.organization, told.user_id, told.id)))


def _named_invitation(known: Mapping[str, object]) -> str:
    told = schemas.Invitation.read(dict(known))
    return "/".join(filter(None, (told.organization_id, told.id)))


SYNC = Sync(
    name="clerk",
    on=on,
    collections=(
        Collection(
            object_type="user",
            list=_listing("user", calls.users(calls.NEWEST), _count_users),
            newest_first=True,
            in_order=_listing("user", calls.users(calls.OLDEST), _count_users),
            fetch=_fetching("user", calls.user),
        ),
        Collection(
            object_type="organization",
            list=_listing("organization", calls.organizations),
            fetch=_fetching("organization", calls.organization),
        ),
        Collection(
            object_type="organization_membership",
            list=_listing("organization_membership", calls.memberships),
            fetch=_fetching("organization_membership", calls.membership, 3),
            named=_named_membership,
        ),
        Collection(
            object_type="organization_invitation",
            list=_listing("organization_invitation", calls.invitations),
            fetch=_fetching("organization_invitation", calls.invitation, 2),
            named=_named_invitation,
        ),
    ),
)
