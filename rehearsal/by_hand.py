"""What somebody does to the tables who should not: fields changed, rows deleted."""

from collections.abc import Iterator

_SOME = (
    "id IN (SELECT id FROM tallyman.{table} WHERE deleted_at IS NULL ORDER BY md5(id) LIMIT {n})"
)
_CHANGES = {
    "stripe_customers": "name = 'Changed by hand', data = data || '{\"name\": \"So\"}'",
    "stripe_subscriptions": "status = 'trialing', cancel_at_period_end = true",
    "stripe_subscription_items": "quantity = 1000",
    "stripe_products": "name = 'Changed by hand'",
    "clerk_users": "first_name = 'Changed by hand', primary_email = NULL",
}
_CATALOGUE = ("stripe_products", "stripe_prices")
_DELETED = ("stripe_charges", "stripe_prices", "clerk_memberships", "clerk_invitations")


def edits(customers: int) -> Iterator[str]:
    """Yield the statements; the more customers, the more rows each is about."""
    for table, change in _CHANGES.items():
        yield f"UPDATE tallyman.{table} SET {change} WHERE {_some(table, customers)}"
    for table in _DELETED:
        yield f"DELETE FROM tallyman.{table} WHERE {_some(table, customers)}"


def _some(table: str, customers: int) -> str:
    """Return which rows: of the catalogue few, as most of a page that differ look like a defect."""
    few = 2
    return _SOME.format(table=table, n=few if table in _CATALOGUE else max(few, customers // 1000))
