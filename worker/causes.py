"""Dead letters grouped by what they died of: one defect is one line, however many it killed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.models.effects import EffectRecord
from db.session import transaction
from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from worker.arrays import array
from worker.ledger import TABLE, sql

LOOKED = 10_000
"""So many dead letters of a service are grouped, the newest: of many more, a page would wait."""
MOST = 50_000
"""So many letters of a cause are redriven or discarded at once, those that died first."""
EFFECTS = EffectRecord.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py

# What varies, in order: what is in quotes, which begin at no letter; ids without a digit; and words
# with one, but for an HTTP status, as 404 and 503 are not the same cause.
_VARIES = (
    (r"""(^|\W)(''[^'']*''|"[^"]*"|`[^`]*`)""", r"\1''..''"),
    (r"\m[a-z]{2,10}_(?=[A-Za-z]*[A-Z])[A-Za-z]{8,}\M", "#"),
    (r"(?<!(answered|status|Status|code|Code|HTTP):? )\m[\w-]*\d([,.]?[\w-])*", "#"),
    (r"\m(?![45]\d\d\M)[\w-]*\d([,.]?[\w-])*", "#"),
)


_TOLD = 200  # characters of an error: what is behind them is details


def _told(error: str) -> str:
    return f"left(coalesce({error}, ''), {_TOLD})"


def _normal(error: str) -> str:
    """Return the SQL of an error without what varies: quoted values, ids and numbers."""
    found = _told(error)
    for pattern, instead in _VARIES:
        found = f"regexp_replace({found}, '{pattern}', '{instead}', 'g')"
    return found


def _rough(error: str) -> str:
    """Return the SQL of an error of which the same is left by `_normal`, and fewer are different.

    A number behind a letter is of a word that is an id by any number.
    """
    return rf"regexp_replace({_told(error)}, '([A-Za-z_])\d+', '\10', 'g')"


def _hashed(kind: str, service: str, type: str, error: str) -> str:
    """Return the SQL of the short hash that names a cause; all four are SQL, none of them null."""
    return f"left(md5(concat_ws(chr(31), {kind}, {service}, {type}, {error})), 10)"


@dataclass(frozen=True, slots=True)
class Cause:
    """What dead letters have in common. `sample` is the id of the one that died last.

    `kind` is event or effect; of effects, `service` is the target and `type` the action. Of events
    that could not be read, `type` is ''.
    """

    id: str
    kind: str
    service: str
    type: str
    error: str
    count: int
    first: datetime
    last: datetime
    sample: str


# each service's own part of the partial index, from its end
_NEWEST = f"""
    SELECT 'event' AS kind, one.service, coalesce(type, '') AS type, coalesce(error, '') AS error,
        event_id AS letter, settled_at AS died_at
    FROM unnest(CAST(:services AS text[])) AS one(service), LATERAL (
        SELECT type, error, event_id, settled_at FROM {TABLE} AS kept
        WHERE kept.service = one.service AND status = 'dead'
        ORDER BY settled_at DESC LIMIT :looked) AS kept
    UNION ALL
    SELECT 'effect', one.target, action, coalesce(error, ''), CAST(id AS text), settled_at
    FROM unnest(CAST(:targets AS text[])) AS one(target), LATERAL (
        SELECT action, error, id, settled_at FROM {EFFECTS} AS kept
        WHERE kept.target = one.target AND status IN ('dead', 'held') AND status = 'dead'
        ORDER BY settled_at DESC LIMIT :looked) AS kept
"""  # noqa: S608  our own tables

# nearly equal errors first, of which there are few: what varies is looked for in each of these once
_GROUPED = f"""
    WITH newest AS ({_NEWEST}),
    equal AS (
        SELECT kind, service, type, {_rough("error")} AS error, count(*) AS count,
            min(died_at) AS first, max(died_at) AS last,
            (array_agg(letter ORDER BY died_at DESC))[1] AS sample
        FROM newest GROUP BY 1, 2, 3, 4),
    plain AS MATERIALIZED (
        SELECT kind, service, type, {_normal("error")} AS error, count, first, last, sample
        FROM equal),
    cause AS (
        SELECT kind, service, type, error, CAST(sum(count) AS bigint) AS count,
            min(first) AS first, max(last) AS last,
            (array_agg(sample ORDER BY last DESC))[1] AS sample
        FROM plain GROUP BY kind, service, type, error)
    SELECT {_hashed("kind", "service", "type", "error")} AS id, cause.* FROM cause
    ORDER BY count DESC, last DESC
"""  # noqa: S608  our own tables


def causes(service: str | None = None) -> list[Cause]:
    """Return the causes of dead letters, those with most of them first.

    Of each service or target the newest `LOOKED` letters are grouped.
    """
    with transaction() as session:
        found = session.execute(sql(_GROUPED), _keys(service)).all()
    return [Cause(**row._mapping) for row in found]  # noqa: SLF001  documented


def _keys(service: str | None) -> dict[str, Any]:
    def meant(names: Sequence[str]) -> str:
        return array(name for name in names if service in {None, name})

    return {
        "services": meant(list(INTEGRATIONS)),
        "targets": meant(list(TARGETS)),
        "looked": LOOKED,
    }


def cause(id: str) -> Cause | None:
    """Return the cause whose id begins so; None where there is none (any more), or several."""
    found = [one for one in causes() if id and one.id.startswith(id)]
    return found[0] if len(found) == 1 else None


# table, whose, type, and what the partial index has: with the status in the text, as it wants it
_DEAD = {
    "event": (TABLE, "service", "coalesce(type, '')", "status = 'dead'"),
    "effect": (EFFECTS, "target", "action", "status IN ('dead', 'held') AND status = 'dead'"),
}


def dead_of(kind: str, columns: str, also: str = "") -> str:
    """Return the SQL of what is dead of a cause, what died first before, for the keys of `keys`.

    What varies is looked for in each error once, and only where the error begins as the cause's.
    Of these there may be thousands: `IS TRUE` has Postgres put them into a hash, and not join them.
    """
    table, whose, type, dead = _DEAD[kind]
    mine = f"{whose} = :service AND {dead} AND {type} = :type"
    return f"""
        SELECT {columns} FROM {table}
        WHERE {mine} {also} AND ({_told("error")} IN (
            SELECT told FROM (SELECT DISTINCT {_told("error")} AS told FROM {table}
                WHERE {mine} AND starts_with({_told("error")}, :beginning) OFFSET 0) AS errors
            WHERE {_hashed(f"'{kind}'", ":service", ":type", _normal("told"))} = :cause)) IS TRUE
        ORDER BY settled_at LIMIT :most
    """  # noqa: S608  our own tables


def keys(id: str, service: str, type: str, error: str, most: int = MOST) -> dict[str, Any]:
    """Return the keys of `dead_of`, for a cause of that id."""
    beginning = re.split("#|'", error)[0]  # what varies begins there, as do quotes
    return {
        "cause": id,
        "service": service,
        "type": type,
        "beginning": beginning,
        "most": min(most, MOST),
    }
