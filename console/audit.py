"""What people did here: every action, and every look at personal values, by whom and when."""

from flask import request

from console import who
from worker import actions


def note(
    action: str, service: str = "", target: str = "", count: int | None = None, *, by: str = ""
) -> None:
    """Keep that the user of this request did something, before it is done.

    `target` names what it was done to, by an id, never by a personal value. Raises SQLAlchemyError
    where it cannot be kept: then it shall not be done either.
    """
    actions.add(
        actions.Action(
            by=by or who.user(),
            address=who.address(),
            action=action,
            service=service,
            target=target[:500],
            count=count,
            page=request.path[:200],
        )
    )
