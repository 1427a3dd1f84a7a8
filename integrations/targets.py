"""Where effects go, by name. To add one, see docs/adding-a-service.md."""

from collections.abc import Mapping

from integrations.app.effects import TARGET as APP
from integrations.effects import Target
from integrations.loops.effects import TARGET as LOOPS
from integrations.posthog.effects import TARGET as POSTHOG
from integrations.r2.effects import TARGET as R2

TARGETS: Mapping[str, Target] = {target.name: target for target in (LOOPS, POSTHOG, R2, APP)}
