"""Write what a service answered about its objects: through the same mirrors as what it tells."""

from collections.abc import Sequence

from db.session import transaction
from integrations import INTEGRATIONS
from integrations.interface import Snapshot
from worker import rows


def write(service: str, snapshots: Sequence[Snapshot]) -> None:
    """Write the snapshots in one transaction; where more is known than they say, they lose.

    Raises Unreadable, naming the field that does not fit.
    """
    if snapshots:
        mirrors = INTEGRATIONS[service].mirrors
        projected = [(one, mirrors[one.object_type].project(one)) for one in snapshots]
        with transaction() as session:
            rows.upsert(session, projected)
