"""Connections whose tokens end."""

from collections.abc import Iterator
from typing import Any

from db.session import transaction
from integrations.oauth.connections import TABLE
from worker.arrays import array
from worker.ledger import sql
from worker.signals.reason import Look, Reason
from worker.signals.words import age, counted

_ENDING = f"""
    SELECT service, status, count(*) AS connections, min(expires_at) AS ends,
        min(coalesce(last_failure_at, expires_at)) AS since,
        mode() WITHIN GROUP (ORDER BY last_error_code) AS error
    FROM {TABLE} WHERE status IN ('expiring', 'exhausted')
        AND service = ANY(CAST(:services AS text[]))
    GROUP BY service, status ORDER BY service, status
"""  # noqa: S608  our own table


def reasons(look: Look) -> Iterator[tuple[str, Reason]]:
    """Yield where tokens cannot be renewed, or have ended for good."""
    with transaction() as session:
        found = session.execute(sql(_ENDING), {"services": array(look.services)}).all()
    yield from ((row.service, _ending(look, row)) for row in found)


def _ending(look: Look, row: Any) -> Reason:
    over = row.status == "exhausted"
    what = counted(row.connections, "connection")
    return Reason(
        "token_ending",
        "failing" if over else "degraded",
        f"{what} {_over(row) if over else _soon(look, row)}",
        row.since if row.since and row.since <= look.now else None,
        row.status,
        look=f"tallyman oauth list --service {row.service}",
        mend=f"tallyman oauth start {row.service} --account ACCOUNT, and have its owner open the"
        " link"
        if over
        else "see its last error; it is tried again by itself",
        page=f"/connections?service={row.service}",
    )


def _over(row: Any) -> str:
    code = f" ({row.error})" if row.error else ""
    return f"must be made again: no token is good any more{code}."


def _soon(look: Look, row: Any) -> str:
    left = None if row.ends is None else (row.ends - look.now).total_seconds()
    code = f" ({row.error})" if row.error else ""
    when = "" if left is None else f"; the first token ends in {age(max(left, 0))}"
    return f"cannot be renewed at the moment{code}{when}."
