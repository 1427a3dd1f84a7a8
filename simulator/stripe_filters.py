"""What a list of Stripe's leaves out: what the filters do not fit, and what it never shows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator.text import JSON

_PAGING = {"limit", "starting_after", "ending_before", "expand", "created"}


class RefusedError(Exception):
    """Stripe refuses what is asked: `status`, `code`, and the parameter that is wrong."""

    def __init__(self, status: int, code: str, message: str, param: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param


def fitting(type: str, query: JSON) -> Callable[[JSON], bool]:
    """Return a test of an object of that type, by all filters of a query but `created`."""
    wanted = {name: value for name, value in query.items() if name not in _PAGING}
    status = wanted.pop("status", None)
    tests = [(_TESTS.get(name, _equals(name)), value) for name, value in wanted.items()]

    def fits(obj: JSON) -> bool:
        if not _in_status(type, obj, status) or _hidden(type, obj, query):
            return False
        return all(test(obj, value) for test, value in tests)

    return fits


def _hidden(type: str, obj: JSON, query: JSON) -> bool:
    """Return whether no list shows it: a payment method of nobody, what is on a test clock.

    Prices that are inactive only show who asks for them (SDK _price_service.py, list).
    """
    if type == "payment_method":
        return not obj.get("customer")
    if type == "price":
        return not obj["active"] and "active" not in query
    return bool(obj.get("test_clock")) and "test_clock" not in query


def between(created: Any) -> tuple[float, float]:
    """Return the first and the last second that the filter lets pass."""
    if created is None:
        return 0, float("inf")
    if not isinstance(created, dict):
        created = {"gte": created, "lte": created}
    try:
        after = max(int(created.get("gte", 0)), int(created.get("gt", -1)) + 1)
        until = min(_or_ever(created, "lte", 0), _or_ever(created, "lt", 1))
    except (TypeError, ValueError):
        raise RefusedError(400, "parameter_invalid_integer", "Invalid integer", "created") from None
    return after, until


def _or_ever(created: JSON, name: str, less: int) -> float:
    return int(created[name]) - less if name in created else float("inf")


def _in_status(type: str, obj: JSON, status: str | None) -> bool:
    """Return whether a list with that status shows it: canceled subscriptions only if asked for.

    https://docs.stripe.com/api/subscriptions/list
    """
    if type != "subscription":
        return status is None or obj.get("status") == status
    if status == "ended":
        return obj["status"] in {"canceled", "incomplete_expired"}
    return status == "all" or (obj["status"] == status if status else obj["status"] != "canceled")


Test = Callable[[JSON, Any], bool]


def _equals(name: str) -> Test:
    def test(obj: JSON, value: Any) -> bool:
        return _text(obj.get(name)) == _text(value)

    return test


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of_type(obj: JSON, type: str) -> bool:
    return obj["type"] == type or (type.endswith("*") and obj["type"].startswith(type[:-1]))


def _of_types(obj: JSON, types: Sequence[str]) -> bool:
    return obj["type"] in types


def _subscribed(obj: JSON, id: str) -> bool:
    details = (obj.get("parent") or {}).get("subscription_details") or {}
    return id in {details.get("subscription"), obj.get("subscription")}


def _anything(_obj: JSON, _value: Any) -> bool:
    return True


def _paid_by(obj: JSON, payment: JSON) -> bool:
    return all(obj["payment"].get(name) == value for name, value in payment.items())


_TESTS: Mapping[str, Test] = {
    "delivery_success": _anything,
    "ids": lambda obj, ids: obj["id"] in ids,
    "payment": _paid_by,
    "subscription": _subscribed,
    "types": _of_types,
    "type": _of_type,
}
