"""The `tallyman` command."""

import sys

import click
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError, ProgrammingError

from tallyman.commands import dead_letters, doctor, events, pause, status, trigger, up


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def tallyman() -> None:
    """Keep what services send, apply it once, and see what became of it."""


for command in (
    up.up,
    status.status,
    doctor.doctor,
    doctor.migrate,
    events.events,
    dead_letters.dead_letters,
    trigger.trigger,
    pause.pause,
    pause.resume,
):
    tallyman.add_command(command)


def main() -> None:
    """Run the command; say in a line what to do when a store is away."""
    try:
        tallyman()
    except RedisError as error:
        _fail(f"Redis does not answer ({type(error).__name__})", "REDIS_URL")
    except OperationalError:
        _fail("Postgres does not answer", "DATABASE_URL")
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", "") != "42P01":  # undefined_table
            raise
        sys.exit("error: the tables are not there yet. Next: tallyman migrate")


def _fail(what: str, setting: str) -> None:
    sys.exit(
        f"error: {what}. Next: start everything with `tallyman up`, or check {setting} "
        "(`tallyman doctor` says more)"
    )
