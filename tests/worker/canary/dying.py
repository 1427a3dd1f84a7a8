"""What letters die of, and some that do."""

from integrations.errors import Permanent
from tests.worker.stories import customer_event, stripe


def refuse(_session, event):
    """What a handler with a defect does: the event's id and a number are in its words."""
    raise Permanent(f"there is no plan {event.id!r} for 1,200 seats")


def customers(*times):
    """Events of one customer each, whose numbers are their times."""
    return [customer_event(f"evt_{at}", at, id=f"cus_{at}") for at in times]


def invoices(count):
    """So many events of one invoice each."""
    ids = [f"{n:02}" for n in range(count)]
    return [stripe(f"evt_{n}", "invoice.paid", {"object": "invoice", "id": f"in_{n}"}) for n in ids]
