"""What the services tell of Ada and of Bob."""

import json

from integrations.loops import LOOPS
from tests.worker.erase.conftest import ADDRESS, NAME, PHONE
from tests.worker.stories import POLICY, T0, clerk, customer, delivery, put, stripe, subscription
from worker.drain import drain

STREET = "1 Analytical Street"
BOB = "b-ada.l@example.com"  # in which Ada's stands


def user(id, email, name, **fields):
    first, _, last = name.partition(" ")
    return {
        "object": "user",
        "id": id,
        "updated_at": T0 * 1000,
        "first_name": first,
        "last_name": last,
        "primary_email_address_id": "idn_1",
        "email_addresses": [{"id": "idn_1", "email_address": email}],
    } | fields


def invitation(id, email):
    return {
        "object": "organization_invitation",
        "id": id,
        "email_address": email,
        "organization_id": "org_1",
        "status": "pending",
        "updated_at": T0 * 1000,
    }


def organization():
    return {
        "object": "organization",
        "id": "org_1",
        "name": "Abacus",
        "created_by": "user_1",
        "updated_at": T0 * 1000,
    }


def member(id, user_id, email):
    return {
        "object": "organization_membership",
        "id": id,
        "updated_at": T0 * 1000,
        "organization": {"object": "organization", "id": "org_1", "name": "Abacus"},
        "public_user_data": {"user_id": user_id, "identifier": email},
        "role": "org:member",
    }


def charge(id, customer_id, name):
    details = {
        "name": name,
        "email": None,
        "address": {"line1": STREET if name == NAME else "Elsewhere"},
    }
    return {
        "object": "charge",
        "id": id,
        "customer": customer_id,
        "amount": 900,
        "currency": "eur",
        "status": "succeeded",
        "billing_details": details,
    }


def refund(id, charge_id, note):
    return {
        "object": "refund",
        "id": id,
        "charge": charge_id,
        "amount": 900,
        "metadata": {"note": note},
    }


def contact(id, event_id, email, name, at=T0):
    who = {"id": id, "email": email, "userId": "user_1" if email == ADDRESS else "user_12"}
    whole = who | {"firstName": name, "lastName": "", "subscribed": True, "mailingLists": {}}
    body = {
        "eventName": "contact.created",
        "eventTime": at,
        "webhookSchemaVersion": "1.0.0",
        "contactIdentity": who,
        "contact": whole,
    }
    return delivery(json.dumps(body).encode(), "loops", webhook_id=event_id)


def of_clerk():
    phones = {
        "phone_numbers": [{"id": "idn_2", "phone_number": PHONE}],
        "primary_phone_number_id": "idn_2",
    }
    ada = user("user_1", ADDRESS, NAME, **phones)
    return [
        clerk("m1", "user.created", ada),
        clerk("m2", "organization.created", organization()),
        clerk("m3", "organizationInvitation.created", invitation("inv_1", ADDRESS)),
        clerk("m4", "organizationMembership.created", member("mem_1", "user_1", ADDRESS)),
        clerk("m5", "session.created", {"object": "session", "id": "sess_1", "user_id": "user_1"}),
        clerk("m6", "user.created", user("user_12", BOB, "Bob Babbage")),
    ]


def of_stripe():
    ada = customer("cus_1", name=NAME, email=ADDRESS.title(), metadata={"user_id": "user_1"})
    bob = customer("cus_12", name="Bob Babbage", email=BOB)
    return [
        stripe("evt_1", "customer.created", ada),
        stripe("evt_2", "customer.subscription.created", subscription(metadata={"of": NAME})),
        stripe("evt_3", "charge.succeeded", charge("ch_1", "cus_1", NAME)),
        stripe("evt_4", "refund.created", refund("re_1", "ch_1", f"for {NAME}")),
        stripe("evt_5", "customer.created", bob),
        stripe(
            "evt_6",
            "charge.succeeded",
            charge("ch_12", "cus_12", "Bob")
            | {"description": f"paid for {ADDRESS}, see\n{ADDRESS}"},
        ),
    ]


def of_loops():
    return [contact("clx1", "l1", ADDRESS, NAME), contact("clx12", "l2", BOB, "Bob")]


def told():
    """Have everything told, and applied."""
    from tests.worker.stories import drained

    put(*of_clerk(), *of_stripe(), *of_loops())
    drained("clerk")
    drained("stripe")
    drain(LOOPS, POLICY)
