"""Requests as bytes, and connections that carry whatever bytes they are given."""

import asyncio
import socket
import struct
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from hmac import new as hmac

from integrations import INTEGRATIONS
from proof.hostile.answers import Answer, parse

PATIENCE = 30.0  # seconds: no sender waits longer
Address = tuple[str, int]
_RESET = struct.pack("ii", 1, 0)  # linger on, for no time: closing sends RST


def request(
    path: str,
    headers: Iterable[tuple[str, str]] | Mapping[str, str] = (),
    body: bytes = b"",
    method: str = "POST",
) -> bytes:
    """Return a request that ends its connection."""
    listed = headers.items() if isinstance(headers, Mapping) else headers
    own = [("Host", "localhost"), ("Connection", "close"), ("Content-Length", str(len(body)))]
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in [*own, *listed])]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body


def signed(
    at: str, secret: str, body: bytes, *, id: str = "msg_1", age: float = 0
) -> dict[str, str]:
    """Return the headers of a body that was signed so many seconds ago, for `service/endpoint`."""
    service, now = at.partition("/")[0], time.time() - age
    try:
        return INTEGRATIONS[service].sign(body, secret, now, id)
    except UnicodeDecodeError:  # Stripe's library signs text only, and anybody can sign bytes
        stamp = str(int(now))
        mac = hmac(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
        return INTEGRATIONS[service].sign(b"", secret, now, id) | {
            "stripe-signature": f"t={stamp},v1={mac}"
        }


def exchange(address: Address, sent: bytes, patience: float = PATIENCE) -> list[Answer]:
    """Send the bytes and nothing after them; return all answers that come."""
    came = b""
    with socket.create_connection(address, timeout=patience) as line:
        with suppress(ConnectionError):  # it may have answered, and gone, in the middle
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError, TimeoutError):
            while chunk := line.recv(65536):
                came += chunk
    return parse(came)


async def ask(address: Address, sent: bytes, patience: float = PATIENCE) -> list[Answer]:
    """Send the bytes over a connection of their own; return all answers that come."""
    came = bytearray()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection(*address)
            try:
                await _talk(reader, writer, sent, came)
            finally:
                writer.close()
    return parse(bytes(came))


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes, came: bytearray
) -> None:
    writer.write(sent)
    with suppress(ConnectionError):
        await writer.drain()
    while chunk := await reader.read(65536):
        came += chunk


def vanish(writer: asyncio.StreamWriter) -> None:
    """End a connection as a host does that is gone: without a goodbye."""
    line = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
