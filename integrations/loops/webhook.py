"""Who calls as Loops, by Standard Webhooks, and what it says (https://loops.so/docs/webhooks)."""

from datetime import UTC, datetime

from integrations import standard_webhooks
from integrations.interface import Delivery, Event, Snapshot
from integrations.loops import schemas
from integrations.schema import JSON, parse

HEADERS, ID_HEADERS = standard_webhooks.HEADERS, standard_webhooks.ID_HEADERS
verify, sign = standard_webhooks.verify, standard_webhooks.sign

OF_A_LIST = frozenset({"contact.mailingList.subscribed", "contact.mailingList.unsubscribed"})
OF_A_CONTACT = frozenset(
    {
        *("contact.created", "contact.unsubscribed", "contact.deleted"),
        *("transactional.email.sent", "campaign.email.sent", "loop.email.sent"),
        *("email.delivered", "email.softBounced", "email.hardBounced", "email.spamReported"),
        *("email.opened", "email.clicked", "email.unsubscribed", "email.resubscribed"),
    }
)


def read(delivery: Delivery) -> Event:
    """Return the event in a verified delivery. Raises Unreadable.

    The body has no id of its own: the message's is the event's. Its clock is in seconds.
    """
    payload = parse(delivery.body)
    id = standard_webhooks.message_id(delivery.headers)
    envelope = schemas.Envelope.read(payload | {"id": id})
    occurred_at = datetime.fromtimestamp(envelope.time / 1000, UTC)
    kind, object_id = _about(payload, envelope.type)
    return Event(
        service=delivery.service,
        id=id,
        type=envelope.type,
        occurred_at=occurred_at,
        snapshot=Snapshot(
            object_type=kind,
            object=payload | {"id": object_id},
            clock=max(1, envelope.time),
            source="webhook",
            gone_at=occurred_at if envelope.type == "contact.deleted" else None,
            event_id=id,
        ),
        payload=payload,
    )


def _about(payload: JSON, event_type: str) -> tuple[str, str]:
    """Return the type and the id of what an event is about; '' of nobody, as the test event."""
    contact = schemas.id_in(payload, "contactIdentity")
    if event_type in OF_A_LIST:
        of_list = schemas.id_in(payload, "mailingList")
        return "list_member", f"{contact}:{of_list}" if contact and of_list else ""
    return ("contact" if event_type in OF_A_CONTACT else ""), contact
