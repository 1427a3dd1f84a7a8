"""Whether services send us all that we handle: what their endpoints are, against what we need."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from integrations.endpoints import Endpoint
from integrations.errors import Deferred, Permanent, Transient
from integrations.oauth.providers import BadProvidersError, providers
from integrations.senders import ENDPOINTS
from telemetry import describe
from worker.checks import Finding
from worker.handlers import handlers
from worker.reactions import table

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Compared:
    """An endpoint, and what is to be mended of it; nothing where it is as it should be."""

    endpoint: Endpoint
    lacks: Sequence[str]
    other_version: bool

    @property
    def faults(self) -> list[str]:
        """Return what is wrong, in words."""
        few, more = ", ".join(self.lacks[:_SHOWN]), len(self.lacks) - _SHOWN
        told = f"{few} and {more} more" if more > 0 else few
        version = self.endpoint.api_version or "the account's own version"
        faults = {
            "is disabled": not self.endpoint.enabled,
            f"is not sent {told}": bool(self.lacks),
            f"has the shapes of {version}": self.other_version,
        }
        return [words for words, true in faults.items() if true]


def wanted(service: str) -> list[str]:
    """Return the types of events that a service is to send.

    Those that tell of what we mirror, those of which a handler or a reaction takes note, and those
    that end a connection. Raises what `handlers`, `table` and `providers` do.
    """
    mirrored = [type for types in ENDPOINTS[service].types.values() for type in types]
    reacted = [type for name, type in table() if name == service]
    provider = providers().get(service)
    ending = provider.ends if provider and provider.on() else ()
    return sorted({*mirrored, *handlers().get(service, ()), *reacted, *ending})


def ours(service: str, url: str) -> bool:
    """Return whether an address is one of the receiver's for that service."""
    return f"{urlsplit(url).path}/".find(f"/webhooks/{service}/") >= 0


def compared(service: str) -> list[Compared]:
    """Return the endpoints of a service that lead to us. Raises as the gate, and as `wanted`."""
    keeping, types = ENDPOINTS[service].keeping, wanted(service)
    if keeping is None or not keeping.on():
        return []
    return [
        Compared(one, one.lacks(types), one.api_version != keeping.api_version)
        for one in keeping.listed()
        if ours(service, one.url)
    ]


def findings() -> Iterator[Finding]:
    """Ask the services whose endpoints can be asked for; yield what is wrong with them."""
    for name, endpoints in ENDPOINTS.items():
        if endpoints.keeping and endpoints.keeping.on():
            yield from _findings(name)


def _findings(service: str) -> Iterator[Finding]:
    mend = f"run: tallyman endpoints {service} --url https://..."
    try:
        found = compared(service)
    except BadProvidersError:  # doctor says so where it tells of them
        return
    except (Transient, Permanent, Deferred) as error:
        what = f"{service}: its endpoints are not known: {describe(error)}"
        yield Finding("warn", what, "its key must be allowed to read them")
        return
    if not found:
        what = f"{service}: none of the account's endpoints leads to /webhooks/{service}"
        yield Finding("warn", what, mend)
    for url in dict.fromkeys(one.endpoint.url for one in found):
        yield _of_url(service, [one for one in found if one.endpoint.url == url], mend)


def _of_url(service: str, at_one: Sequence[Compared], mend: str) -> Finding:
    """Return what is said of an address: one endpoint in order is enough."""
    if any(not one.faults for one in at_one):
        return Finding("ok", f"{service}: an endpoint sends all that is handled")
    one = at_one[0]
    return Finding("warn", f"{service}: {one.endpoint.id} {', '.join(one.faults)}", mend)
