"""A contact as Loops has it, and in what it is not as it would be sent. Loops lists none.

https://loops.so/docs/api-reference/find-contact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

from integrations import outbound
from integrations.errors import Unreadable
from integrations.interface import Snapshot
from integrations.loops import client
from integrations.schema import JSON, clean
from integrations.syncs import FETCH

_FIELDS = {"email": "primary_email", "firstName": "first_name", "lastName": "last_name"}
"""What is sent of a contact that may differ, and the column of the user that it comes from."""


@dataclass(frozen=True, slots=True)
class Found:
    """What Loops answered: a contact, or that there is none.

    `begun` is Loops' own time before which it cannot have said so, in milliseconds since 1970.
    """

    contact: JSON | None
    begun: int

    @property
    def snapshot(self) -> Snapshot | None:
        """Return what it tells, in the form of an event: the mirror reads no other."""
        if self.contact is None:
            return None
        identity = {name: self.contact.get(name) for name in ("id", "email", "userId")}
        told = {
            "id": self.contact.get("id"),
            "eventName": "contact.found",
            "eventTime": self.begun // 1000,
            "contactIdentity": identity,
            "contact": self.contact,
        }
        return Snapshot("contact", told, self.begun, FETCH)


def find(user_id: str) -> Found:
    """Return the contact of a user. Raises Transient, Permanent, Deferred.

    Unreadable is about this user alone.
    """
    began = monotonic()
    answer = client.found_by(user_id)
    seconds = monotonic() - began
    said = clean(answer.json()) if answer.status < 400 else None
    if not isinstance(said, list):
        raise Unreadable(f"loops answered {answer.status} and no list of contacts")
    mine = (one for one in said if isinstance(one, dict) and one.get("userId") == user_id)
    return Found(next(mine, None), outbound.begun(answer.headers, seconds))


def differing(sent: JSON, contact: JSON) -> Iterator[tuple[str, str, str]]:
    """Yield the user's column, its value here and the contact's there, where these differ.

    Whether somebody is subscribed is not for us to say: it is left out.
    """
    for name, column in _FIELDS.items():
        here, there = (str(side.get(name) or "") for side in (sent, contact))
        same = here.lower() == there.lower() if name == "email" else here == there
        if not same:
            yield column, here, there
