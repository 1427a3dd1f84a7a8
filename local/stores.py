"""The two stores that everything needs: those that settings name, or embedded ones."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from local import postgres, valkey
from local.server import Server, write_private


@dataclass(frozen=True)
class Stores:
    """Where the two stores answer."""

    database_url: str
    redis_url: str


@contextmanager
def stores(
    folder: Path | None, *, database_url: str | None = None, redis_url: str | None = None
) -> Iterator[Stores]:
    """Give both stores; what no URL is given for is started in `folder` and ended afterwards.

    Without a folder they start empty, in a temporary one. Raises local.errors.NotStartedError.
    """
    if database_url and redis_url:
        yield Stores(database_url, redis_url)
        return
    with ExitStack() as stack:
        place = folder or _temporary(stack)
        found = Stores(
            database_url or _until_left(stack, postgres.start(place / "postgres")),
            redis_url or _until_left(stack, valkey.start(place / "valkey")),
        )
        note = _note(place)
        write_private(note, json.dumps(asdict(found)))
        stack.callback(note.unlink, missing_ok=True)
        yield found


def stores_in_use(folder: Path) -> Stores | None:
    """Return what another process' `stores(folder)` gave; None when nothing is noted there.

    After a kill of that process the note stands there still, and nobody answers at its URLs.
    """
    note = _note(folder)
    return Stores(**json.loads(note.read_text())) if note.exists() else None


def _note(folder: Path) -> Path:
    return folder / "stores.json"


def _until_left(stack: ExitStack, server: Server) -> str:
    stack.callback(server.stop)
    return server.url


def _temporary(stack: ExitStack) -> Path:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tallyman-")))
    folder.chmod(0o711)  # the account of Postgres must pass through
    return folder
