"""What must stand in columns that no field holds as it is."""

from collections.abc import Callable, Iterator

from rehearsal.fields import JSON, Value, as_kind, found


def items(subscription: JSON) -> list[JSON]:
    """Return the items that a subscription lists."""
    return list(subscription["items"]["data"])


def period(which: str, choose: Callable[[Iterator[int]], int]) -> Value:
    """Return what says when the period of a subscription begins or ends, by its items."""
    return lambda sub: (
        as_kind("s", choose(item[which] for item in items(sub))) if items(sub) else None
    )


def coupons(obj: JSON) -> list[str] | None:
    """Return the ids of the coupons that are told."""
    told = obj.get("discounts")
    return None if told is None else [d["source"]["coupon"] for d in told if isinstance(d, dict)]


def tax(invoice: JSON) -> int | None:
    """Return the sum of the taxes."""
    taxes = invoice.get("total_taxes")
    return None if taxes is None else sum(tax["amount"] for tax in taxes)


def paid_by(which: str) -> Value:
    """Return what says by what an invoice is paid: its default payment, else its first."""

    def value(invoice: JSON) -> object:
        told = (invoice.get("payments") or {}).get("data") or [{}]
        paid = next((one for one in told if one.get("is_default")), told[0])
        return found(paid, ["payment", which])

    return value


def primary(which: str, of: str, path: str) -> Value:
    """Return what says something of the address or number that the user named as primary."""

    def value(user: JSON) -> object:
        named = user.get(of)
        chosen = next((one for one in user[which] if named and one["id"] == named), None)
        return chosen and found(chosen, path.split("."))

    return value


def verified(user: JSON) -> bool | None:
    """Return whether the primary address is verified; None where there is none."""
    status = primary("email_addresses", "primary_email_address_id", "verification.status")
    return status(user) == "verified" if email(user) else None


def accounts(user: JSON) -> list[JSON]:
    """Return with whom the user signs in, and by which id there."""
    return [
        {
            "provider": account["provider"].removeprefix("oauth_"),
            "provider_user_id": account.get("provider_user_id"),
        }
        for account in user["external_accounts"]
    ]


email = primary("email_addresses", "primary_email_address_id", "email_address")
phone = primary("phone_numbers", "primary_phone_number_id", "phone_number")
