"""How Clerk lists: pages by offset, in the order that is asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from simulator import clerk
from simulator.store import Store
from simulator.text import JSON

USER, ORGANIZATION = "user", "organization"
MEMBERSHIP, INVITATION = "organization_membership", "organization_invitation"
MOST = 500  # clerk/openapi-specs, LimitParameter


class RefusedError(Exception):
    """Clerk refuses what is asked: `status` and `code`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def _all(store: Store, type: str) -> list[JSON]:
    return list(store.objects.get(type, {}).values())


def _page(found: Iterable[JSON], query: JSON, order: str) -> list[JSON]:
    """Return a page: ordered by a field, `-` before it for the greatest first."""
    try:
        limit, offset = int(query.get("limit", 10)), int(query.get("offset", 0))
    except ValueError:
        limit, offset = 0, 0
    if not 1 <= limit <= MOST or offset < 0:
        raise RefusedError(422, "form_param_invalid", "limit or offset is invalid")
    by = str(query.get("order_by", order))
    name = by.lstrip("+- ")  # a plus in a query is a space
    in_order = sorted(
        found, key=lambda obj: (obj.get(name) or 0, obj["id"]), reverse=by.startswith("-")
    )
    return in_order[offset : offset + limit]


def _counted(found: Sequence[JSON], query: JSON) -> JSON:
    return {"data": _page(found, query, "-created_at"), "total_count": len(found)}


def _count(found: Sequence[JSON]) -> JSON:
    return {"object": "total_count", "total_count": len(found)}


def _users(store: Store, query: JSON) -> list[JSON]:
    tests = [(_TESTS[name], value) for name, value in query.items() if name in _TESTS]
    kept = _all(store, USER)
    return [user for user in kept if all(test(user, value) for test, value in tests)]


def _one_of(name: str) -> Callable[[JSON, Any], bool]:
    def test(obj: JSON, wanted: Any) -> bool:
        return obj.get(name) in (wanted if isinstance(wanted, list) else [wanted])

    return test


_TESTS: Mapping[str, Callable[[JSON, Any], bool]] = {
    "user_id": _one_of("id"),
    "external_id": _one_of("external_id"),
    "username": _one_of("username"),
    "banned": lambda user, wanted: user["banned"] is (wanted == "true"),
    "created_at_after": lambda user, at: bool(user["created_at"] > int(at)),
    "created_at_before": lambda user, at: bool(user["created_at"] < int(at)),
}


def _list_users(store: Store, query: JSON) -> list[JSON]:
    return _page(_users(store, query), query, "-created_at")


def _list_organizations(store: Store, query: JSON) -> JSON:
    return _counted(_all(store, ORGANIZATION), query)


def _list_memberships(store: Store, query: JSON, organization: str = "") -> JSON:
    kept = _all(store, MEMBERSHIP)
    found = [one for one in kept if organization in {"", one["organization"]["id"]}]
    return _counted(found, query)


def _list_of_user(store: Store, query: JSON, user: str) -> JSON:
    kept = _all(store, MEMBERSHIP)
    return _counted([one for one in kept if one["public_user_data"]["user_id"] == user], query)


def _list_invitations(store: Store, query: JSON, organization: str = "") -> JSON:
    kept = _all(store, INVITATION)
    wanted = query.get("status")
    return _counted(
        [
            one
            for one in kept
            if organization in {"", one["organization_id"]} and wanted in {None, one["status"]}
        ],
        query,
    )


LISTS: Mapping[str, Callable[..., Any]] = {
    "users": _list_users,
    "organizations": _list_organizations,
    "organization_memberships": _list_memberships,
    "organization_invitations": _list_invitations,
    "organizations/*/memberships": _list_memberships,
    "organizations/*/invitations": _list_invitations,
    "users/*/organization_memberships": _list_of_user,
    "instance": lambda _store, _query: clerk.INSTANCE,
    "jwks": lambda _store, _query: {"keys": []},
    "users/count": lambda store, query: _count(_users(store, query)),
}
"""What lists what lies under a path: (store, query, the id in the path) -> the answer."""
