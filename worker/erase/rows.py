"""What stays of a row: of a person their id, of their things also figures, times and states."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Row, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB

from integrations.schema import LATEST
from worker import statements
from worker.erase.needles import ERASED, Needles
from worker.erase.owned import ITSELF, Owned

_IDS = frozenset(
    {"customer", "subscription", "invoice", "charge", "payment_intent", "price", "product"}
    | {"latest_invoice", "latest_charge", "payment_method", "default_payment_method"}
    | {"organization_id", "user_id", "balance_transaction", "setup_intent", "payment_link"}
    | {"feature", "bucket", "instance_id", "api_version", "account"}
)
_STATES = frozenset(
    {"status", "payment_status", "currency", "type", "mode", "role", "collection_method"}
    | {"billing_reason", "capture_method", "payment_type", "payment_method_type", "storage_class"}
)
_CARD = frozenset({"card_exp_month", "card_exp_year"})
_OF_A_PERSON = frozenset({"created", "created_at", "livemode", "account", "instance_id"})
_MARKS: Mapping[str, Any] = {
    "data": None,
    "source": ERASED,
    "content_hash": 0,
    "refetch_at": None,
    # no version is newer: what a webhook or a sync tells later does not bring it back
    "clock": LATEST,
    "members_version": "9 erased",
    "identity": '["999999999999999.9",null,null]',
}
_OURS = frozenset({"last_event_id", "deleted_at"}) | statements.OURS


def erased(table: Table) -> Mapping[str, Any]:
    """Return the values that a row of the person's is given."""
    itself = table.name in ITSELF.values()
    values: dict[str, Any] = {n: v for n, v in _MARKS.items() if n in table.columns}
    for column in table.columns:
        if column.computed is None and column.name not in values and _goes(column, itself=itself):
            values[column.name] = None
    if itself:
        values["deleted_at"] = func.coalesce(table.c.deleted_at, func.now())
    return values | {"written_at": func.now()}


def _goes(column: Column[Any], *, itself: bool) -> bool:
    name = column.name
    if name in statements.key(column.table) or name in _OURS:
        return False
    if itself:
        return name not in _OF_A_PERSON
    says = isinstance(column.type, Text | JSONB)
    return name in _CARD or (says and name not in _IDS | _STATES)


def change(table: Table, row: Row[Any], owned: Owned) -> Mapping[str, Any] | None:
    """Return what a mirror's row is given, None where it may stay, {} where it has to go."""
    if owned.needles.address_in(row.id):
        return {}
    if row.id not in owned.rows[table.name]:
        # of another one with the same address: who erases them says so
        return None if owned.itself(table) else redacted(table, row, owned.needles)
    return None if row.source == ERASED else erased(table)


def redacted(table: Table, row: Row[Any], needles: Needles) -> Mapping[str, Any] | None:
    """Return the columns that name an address without it, None where none does."""
    keys = statements.key(table)
    found = {
        name: needles.redacted(value)
        for name, value in row._mapping.items()  # noqa: SLF001  SQLAlchemy's public name of it
        if name not in keys and isinstance(value, str) and needles.address_in(value)
    }
    return found or None
