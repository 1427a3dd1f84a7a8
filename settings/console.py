"""The console's settings: where it listens, and who may use it."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr

from settings.group import Group
from settings.lists import split

Network = IPv4Network | IPv6Network


def _users(value: object) -> object:
    """Return `ann:hash, ben:hash` as hashes by name."""
    if not isinstance(value, str):
        return value
    pairs = (part.partition(":") for part in value.split(",") if part.strip())
    return {name.strip(): hashed.strip() for name, _, hashed in pairs}


class Console(Group):
    """The web console. `console_url` is where browsers find it, if that is not this machine."""

    console_address: str = "127.0.0.1"
    console_port: int = Field(8001, ge=1, le=65535)
    console_url: str = Field("", pattern=r"^(https?://[^/?#@\s]+/?)?$")
    console_secret: SecretStr = SecretStr("")
    console_users: Annotated[dict[str, SecretStr], BeforeValidator(_users)] = Field(
        default_factory=dict
    )
    console_trusted_header: str = Field("", pattern=r"^[A-Za-z0-9-]*$")
    console_trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(split)] = ()
    console_hours: float = Field(12, gt=0, le=24 * 30)
    console_flower_url: str = Field("", pattern=r"^(https?://[^\s@]+)?$")
