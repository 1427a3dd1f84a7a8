"""Whose accounts a service's objects are in: one's own, and those connected to it."""

from sqlalchemy import Table
from sqlalchemy.orm import Session

from db.session import transaction
from integrations import INTEGRATIONS
from worker import statements
from worker.ledger import sql

# a jump from account to account through the key, however many rows each has
_DISTINCT = """
    WITH RECURSIVE known(account) AS (
        (SELECT account FROM {table} ORDER BY account LIMIT 1)
        UNION ALL
        SELECT (SELECT account FROM {table} WHERE account > known.account ORDER BY account LIMIT 1)
        FROM known WHERE known.account IS NOT NULL)
    SELECT account FROM known WHERE account IS NOT NULL
"""


def accounts(service: str) -> list[str]:
    """Return '', one's own, and the connected accounts of which there are rows."""
    tables = {mirror.model.__table__ for mirror in INTEGRATIONS[service].mirrors.values()}
    keyed = sorted(table.fullname for table in tables if statements.key(table)[0] == "account")
    if not keyed:
        return [""]
    with transaction() as session:
        found = session.execute(sql(" UNION ".join(map(_distinct, keyed)))).scalars().all()
    return sorted({"", *found})


def in_table(session: Session, table: Table) -> list[str]:
    """Return the accounts of which a table has rows; its key begins with the account."""
    return list(session.execute(sql(_DISTINCT.format(table=table.fullname))).scalars())


def _distinct(table: str) -> str:
    return f"SELECT account FROM ({_DISTINCT.format(table=table)}) AS of_{table.rpartition('.')[2]}"  # noqa: S608
