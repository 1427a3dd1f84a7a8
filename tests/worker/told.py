"""Stories of a few objects, as their services tell them; each may be told of many copies."""

from tests.worker import stories
from tests.worker.stories import T0, clerk, stripe


def customers(n):
    """Created, changed, changed twice in one second, deleted."""
    id = f"cus_{n}"
    gone = {"object": "customer", "id": id, "deleted": True}
    return [
        stripe(f"evt_1_{n}", "customer.created", stories.customer(id), T0),
        stripe(f"evt_2_{n}", "customer.updated", stories.customer(id, name="Bea"), T0 + 1),
        stripe(f"evt_3_{n}", "customer.updated", stories.customer(id, name="Cleo"), T0 + 2),
        stripe(f"evt_4_{n}", "customer.updated", stories.customer(id, name="Dora"), T0 + 2),
        stripe(f"evt_5_{n}", "customer.deleted", gone, T0 + 3),
    ]


def ties(n):
    """One second: the same content in two events, other content in a third; an older one."""
    id = f"cus_{n}"
    return [
        stripe(f"evt_1_{n}", "customer.created", stories.customer(id), T0),
        stripe(f"evt_2_{n}", "customer.updated", stories.customer(id, name="Bea"), T0 + 1),
        stripe(f"evt_3_{n}", "customer.updated", stories.customer(id, name="Bea"), T0 + 1),
        stripe(f"evt_4_{n}", "customer.updated", stories.customer(id, name="Cleo"), T0 + 1),
    ]


def settled_ties(n):
    """A tie, and what is newer than it."""
    newer = stories.customer(f"cus_{n}", name="Dora")
    return [*ties(n), stripe(f"evt_5_{n}", "customer.updated", newer, T0 + 2)]


def catalogue(n):
    """A product and its price, which name each other; products have a clock of their own."""
    prod, price = f"prod_{n}", f"price_{n}"
    first = stories.product(prod, default_price=price)
    later = stories.product(prod, name="Pro", updated=T0 + 5)
    return [
        stripe(f"evt_1_{n}", "product.created", first, T0),
        stripe(f"evt_2_{n}", "price.created", stories.price(price, product=prod), T0),
        stripe(f"evt_3_{n}", "product.updated", later, T0 + 9),
        stripe(f"evt_4_{n}", "product.updated", first | {"name": "Late"}, T0 + 10),
        stripe(f"evt_5_{n}", "product.deleted", later, T0 + 11),
    ]


def prices(n):
    """A price, changed in one second to two things, deleted before the last change."""
    id, prod = f"price_{n}", f"prod_{n}"
    shape = stories.price(id, product=prod)
    return [
        stripe(f"evt_1_{n}", "price.created", shape, T0),
        stripe(f"evt_2_{n}", "price.updated", shape | {"active": True}, T0 + 1),
        stripe(f"evt_3_{n}", "price.updated", shape | {"active": False}, T0 + 1),
        stripe(f"evt_4_{n}", "price.deleted", shape, T0 + 2),
        stripe(f"evt_5_{n}", "price.updated", shape | {"nickname": "late"}, T0 + 3),
    ]


def subscriptions(n):
    """Items added, replaced, removed; the customer and prices come embedded, and for real."""
    sub, cus = f"sub_{n}", f"cus_{n}"
    a, b, c = (stories.item(f"si_{x}_{n}", f"price_{x}_{n}") for x in "abc")
    shapes = [
        stories.subscription(sub, items, customer=cus, metadata={"step": str(step)})
        for step, items in enumerate([[a], [a, b], [c], []])
    ]
    kind = "customer.subscription.updated"
    told = [stripe(f"evt_{i}_{n}", kind, s, T0 + i) for i, s in enumerate(shapes)]
    return [*told, stripe(f"evt_9_{n}", "customer.created", stories.customer(cus), T0)]


def two_shapes(n):
    """The same subscription by API versions before and after basil, in one second and later."""
    sub = f"sub_{n}"
    old, new = stories.old_subscription(sub), stories.subscription(sub)
    two = stories.subscription(sub, [stories.item("si_1"), stories.item("si_2", "price_2")])
    kind = "customer.subscription.updated"
    return [
        stripe(f"evt_1_{n}", kind, old, T0, api_version="2024-06-20"),
        stripe(f"evt_2_{n}", kind, new, T0),
        stripe(f"evt_3_{n}", kind, two, T0 + 1),
        stripe(f"evt_4_{n}", kind, old | {"status": "past_due"}, T0 + 1),
        stripe(f"evt_5_{n}", "customer.subscription.deleted", two | {"status": "canceled"}, T0 + 2),
    ]


def cut_short(n):
    """Items, of which some events list only the first: one is the newest, one ties with another."""
    sub, kind = f"sub_{n}", "customer.subscription.updated"
    a, b, c, d = (stories.item(f"si_{x}_{n}") for x in "abcd")
    short = {"items": {"object": "list", "data": [b], "has_more": True}}
    late = stories.subscription(sub, status="past_due") | short
    return [
        stripe(f"evt_1_{n}", kind, stories.subscription(sub, [a]), T0),
        stripe(f"evt_2_{n}", kind, stories.subscription(sub) | short, T0 + 1),
        stripe(f"evt_3_{n}", kind, stories.subscription(sub, [c]), T0 + 1),
        stripe(f"evt_4_{n}", kind, stories.subscription(sub, [d, a]), T0 + 2),
        stripe(f"evt_5_{n}", kind, late, T0 + 3),
    ]


def entitlements(n):
    """What a customer may use: whole, cut short, whole again in one second with another."""
    kind = "entitlements.active_entitlement_summary"
    sets = [(T0, "ab", False), (T0 + 1, "cd", True), (T0 + 2, "e", False), (T0 + 2, "f", False)]
    told = [(at, stories.summary(f"cus_{n}", names, has_more=short)) for at, names, short in sets]
    return [
        *[stripe(f"evt_{i}_{n}", f"{kind}.updated", s, at) for i, (at, s) in enumerate(told)],
        stripe(f"evt_9_{n}", "customer.created", stories.customer(f"cus_{n}"), T0),
    ]


def payments(n):
    """A payment from its intent to its refund, each of which names the one before."""
    intent = {"object": "payment_intent", "id": f"pi_{n}", "customer": f"cus_{n}"}
    charge = {"object": "charge", "id": f"ch_{n}", "payment_intent": f"pi_{n}", "amount": 990}
    refund = {"object": "refund", "id": f"re_{n}", "charge": f"ch_{n}", "amount": 990}
    return [
        stripe(f"evt_1_{n}", "payment_intent.created", intent, T0),
        stripe(f"evt_2_{n}", "charge.succeeded", charge, T0 + 1),
        stripe(f"evt_3_{n}", "refund.created", refund, T0 + 2),
        stripe(f"evt_4_{n}", "charge.refunded", charge | {"refunded": True}, T0 + 2),
        stripe(f"evt_5_{n}", "refund.updated", refund | {"status": "failed"}, T0 + 3),
    ]


def users(n):
    """Created, changed twice in one second, deleted, and a change that was on its way."""
    id = f"user_{n}"
    gone = {"object": "user", "id": id, "deleted": True}
    return [
        clerk(f"msg_1_{n}", "user.created", stories.user(id), T0),
        clerk(f"msg_2_{n}", "user.updated", stories.user(id, T0 + 1, first_name="A"), T0 + 1),
        clerk(f"msg_3_{n}", "user.updated", stories.user(id, T0 + 1, first_name="B"), T0 + 2),
        clerk(f"msg_4_{n}", "user.deleted", gone, T0 + 3),
        clerk(f"msg_5_{n}", "user.updated", stories.user(id, T0 + 4, username="late"), T0 + 4),
    ]


def members(n):
    """A member joins, is made an admin, leaves and joins again; the organization comes late."""
    org, joined = f"org_{n}", "organizationMembership.created"
    first = stories.membership(f"orgmem_1_{n}", organization={"id": org})
    admin = first | {"role": "org:admin", "updated_at": (T0 + 1) * 1000}
    again = first | {"id": f"orgmem_2_{n}", "updated_at": (T0 + 3) * 1000}
    late = {"object": "organization", "id": org, "created_by": "user_1", "updated_at": T0 * 1000}
    return [
        clerk(f"msg_1_{n}", joined, first, T0),
        clerk(f"msg_2_{n}", "organizationMembership.updated", admin, T0 + 1),
        clerk(f"msg_3_{n}", "organizationMembership.deleted", admin, T0 + 2),
        clerk(f"msg_4_{n}", joined, again, T0 + 3),
        clerk(f"msg_5_{n}", "organization.created", late, T0 + 4),
    ]


TOLD = {
    tell.__name__: tell
    for tell in (
        customers,
        ties,
        settled_ties,
        catalogue,
        prices,
        subscriptions,
        two_shapes,
        cut_short,
        entitlements,
        payments,
        users,
        members,
    )
}
