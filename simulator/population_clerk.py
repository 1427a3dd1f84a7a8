"""Teams at Clerk: an organization of a few people, each with what happens to them."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from simulator import clerk
from simulator.chronicle import DAY, Chronicle, Step, Thrown
from simulator.text import JSON

PEOPLE = 4
"""How many users there are for each organization; the last of them is no member."""


def steps(teams: int, thrown: Thrown) -> Iterator[Step]:
    """Yield what happens to each team."""
    lives = (Chronicle("clerk", number, thrown) for number in range(teams))
    return chain.from_iterable(_live(life) for life in lives)


def _live(life: Chronicle) -> Chronicle:
    """Tell one life; about half of the teams were there before."""
    old = life.chance(0.5)
    born = life.began - life.dice.randrange(1, 400) * DAY if old else life.now
    users = [_user(life, which, born) for which in range(PEOPLE)]
    fields: JSON = {
        "id": life.id("org"),
        "name": f"Team {life.number}",
        "slug": f"team-{life.number}",
    }
    fields |= {"created_by": users[0]["id"], "members_count": PEOPLE - 1}
    organization = life.put(
        clerk.organization(born * 1000, **fields), born + 1, "organization.created"
    )
    members = [_member(life, organization, user, born + 2) for user in users[:-1]]
    _invite(life, organization, users[0], born + 3)
    _change(life, users, organization, members)
    return life


def _stamped(life: Chronicle, obj: JSON, at: int, **changes: Any) -> JSON:
    """Return the object changed then, to the millisecond."""
    return obj | changes | {"updated_at": at * 1000 + life.dice.randrange(1000)}


def _user(life: Chronicle, which: int, born: int) -> JSON:
    address = clerk.ADDRESS | {
        "id": life.id("idn", which),
        "email_address": f"person{life.number}x{which}@example.com",
    }
    made = clerk.user(
        born * 1000,
        id=life.id("user", which),
        email_addresses=[address],
        primary_email_address_id=address["id"],
        external_accounts=[{"object": "external_account", "provider": "oauth_google"}],
    )
    return life.put(made, born, "user.created")


def _member(life: Chronicle, organization: JSON, user: JSON, at: int) -> JSON:
    public = {
        "user_id": user["id"],
        "identifier": user["email_addresses"][0]["email_address"],
        **{name: user[name] for name in ("first_name", "last_name", "image_url", "has_image")},
    }
    fields = {"id": user["id"].replace("user_", "orgmem_"), "organization": organization}
    made = clerk.membership(at * 1000, **fields, public_user_data=public)
    return life.put(made, at, "organizationMembership.created")


def _invite(life: Chronicle, organization: JSON, inviter: JSON, at: int) -> None:
    made = clerk.invitation(
        at * 1000,
        id=life.id("orginv"),
        organization_id=organization["id"],
        inviter_id=inviter["id"],
        email_address=f"guest{life.number}@example.com",
    )
    life.put(made, at, "organizationInvitation.created")
    later = max(at, life.now) + 2
    if life.chance(0.5):
        status = life.dice.choice(["accepted", "revoked"])
        told = _stamped(life, made, later, status=status)
        life.put(told, later, f"organizationInvitation.{status}")
    elif life.chance(0.02):  # no event tells that one has expired
        life.put(_stamped(life, made, later, status="expired"), later)


def _change(life: Chronicle, users: list[JSON], organization: JSON, members: list[JSON]) -> None:
    """Tell what happens later; one person leaves, and another is deleted, now and then."""
    at = life.now + 4
    users = [_renamed(life, user, at) if life.chance(0.3) else user for user in users]
    if life.chance(0.3):
        told = _stamped(life, organization, at, name=f"Renamed {life.number}")
        life.put(told, at, "organization.updated")
    if life.chance(0.1):
        role = {"role": "org:admin", "role_name": "Admin"}
        told = _stamped(life, members[0], at, **role)
        life.put(told, at, "organizationMembership.updated")
    _unseen(life, users, members)
    if life.chance(0.05):
        life.end(members[-1], at + 2, "organizationMembership.deleted")
    if life.chance(0.03):
        remains = {"id": users[-1]["id"], "object": "user", "deleted": True}
        life.end(remains, at + 3, "user.deleted" if life.chance(0.75) else None)


def _renamed(life: Chronicle, user: JSON, at: int) -> JSON:
    return life.put(_stamped(life, user, at, first_name="Bea"), at, "user.updated")


def _unseen(life: Chronicle, users: list[JSON], members: list[JSON]) -> None:
    """Change what no event tells of."""
    if life.chance(0.03):
        told = _stamped(life, users[1], life.now + 6, banned=True)
        life.put(told, life.now + 6)
    if life.chance(0.01):
        told = _stamped(life, members[1], life.now + 6, role="org:admin", role_name="Admin")
        life.put(told, life.now + 6)
