"""What we ask of PostHog to keep its mirror complete: the feature flags, of which no webhook tells.

Flags change without their `updated_at`, such as `last_called_at` and `status`: what stands is what
was answered last. Endpoints: PostHog/posthog posthog/api/feature_flag.py, FeatureFlagViewSet.
"""

import re
from datetime import UTC, datetime
from time import monotonic

from integrations import outbound
from integrations.errors import Permanent, Transient, Unreadable
from integrations.interface import Snapshot
from integrations.offsets import Place
from integrations.outbound import Answer
from integrations.schema import JSON, parse
from integrations.syncs import FETCH, LIST, Collection, Page, Sync
from settings import settings

LIMIT = 100
_KIND = "feature_flag"
# what sends goes to us.i.posthog.com, what reads to us.posthog.com (posthog.com/docs/api)
_INGESTION = re.compile(r"^(https://\w+)\.i(\.posthog\.com)$")


def on() -> bool:
    """Return whether the personal key and the project are set.

    Which one `@current` is depends on what the key's owner looked at last: posthog/api/routing.py.
    """
    own = settings().posthog
    return bool(own.posthog_personal_api_key.get_secret_value() and own.posthog_project_id)


def host() -> str:
    """Return where the API is that reads; of one's own PostHog it is where events go, too."""
    return _INGESTION.sub(r"\1\2", settings().posthog.posthog_host.rstrip("/"))


def _page(_account: str, cursor: str | None) -> Page:
    """Return a page. The next is asked for by its offset: `next` may name any host."""
    place, began = Place.read(cursor), monotonic()
    asked = {"limit": str(LIMIT), "offset": str(place.offset), "order": "id"}
    answer = _ask("list", "", asked)
    told, begun = _read(answer), outbound.begun(answer.headers, monotonic() - began)
    found, total = told.get("results"), told.get("count")
    if not isinstance(found, list):
        raise Transient("posthog answered without a list", unknown=True)
    flags = [one if isinstance(one, dict) else {} for one in found]
    known = total if type(total) is int else None
    new, after = Place(place.offset, place.last, known).past(flags, LIMIT)
    snapshots = [_snapshot(flag, begun, LIST) for flag in new]
    return Page(snapshots, None if after is None else str(after), begun, known)


def _fetch(_account: str, id: str) -> Snapshot:
    """Return one flag. Of a deleted one no listing tells; asked for by its id, it says so."""
    if not id.isdecimal():
        raise Permanent("posthog: that is no flag's id")
    began = monotonic()
    answer = _ask("get", f"{id}/", fine=(404,))
    told, begun = _read(answer), outbound.begun(answer.headers, monotonic() - began)
    if answer.status == 404:
        if told.get("code") != "not_found":  # of the API itself, not of a proxy
            raise Permanent("posthog answered 404: see POSTHOG_HOST")
        told = {"id": int(id), "deleted": True}
    return _snapshot(told, begun, FETCH)


def _snapshot(flag: JSON, begun: int, source: str) -> Snapshot:
    gone_at = datetime.fromtimestamp(begun / 1000, UTC) if flag.get("deleted") is True else None
    return Snapshot(_KIND, flag, begun, source, gone_at=gone_at)


def _ask(what: str, path: str, params: JSON | None = None, fine: tuple[int, ...] = ()) -> Answer:
    """Return the answer. Raises Transient, Permanent, Deferred."""
    own = settings().posthog
    key = own.posthog_personal_api_key.get_secret_value()
    return outbound.request(
        "posthog.api",
        f"feature_flags.{what}",
        "GET",
        f"{host()}/api/projects/{own.posthog_project_id}/feature_flags/{path}",
        headers={"Authorization": f"Bearer {key}"},
        params=params,
        fine=fine,
    )


def _read(answer: Answer) -> JSON:
    try:
        return parse(answer.body)
    except Unreadable:
        if answer.status == 404:
            return {}
        what = f"posthog answered {answer.status} without JSON"
        raise Transient(what, unknown=True) from None


SYNC = Sync(
    name="posthog",
    on=on,
    collections=(Collection(object_type=_KIND, list=_page, fetch=_fetch),),
)
