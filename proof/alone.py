"""A proof sees nothing of what a developer has set up for himself, and ends when it is told to."""

import os
import signal
import sys

from settings import Group, Settings


def alone() -> None:
    """Forget every setting of the environment, and end in order by SIGTERM and SIGHUP."""
    groups = [f.default_factory for f in Settings.model_fields.values()]
    names = {
        name.upper()
        for group in groups
        if isinstance(group, type) and issubclass(group, Group)
        for name in group.model_fields
    }
    for name in [n for n in os.environ if n in names or "_WEBHOOK_SECRETS" in n]:  # noqa: TID251
        del os.environ[name]  # noqa: TID251  so that no process that we start inherits it
    os.environ["TALLYMAN_NO_ENV_FILES"] = "1"  # noqa: TID251  for those too
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
