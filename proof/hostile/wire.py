"""Requests as bytes, and connections that carry whatever bytes they are given."""

import asyncio
import os
import socket
import struct
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext, suppress
from dataclasses import dataclass

from proof.hostile.answers import Answer, parse

PATIENCE = 30.0  # seconds: no sender waits longer
Address = tuple[str, int]
_AT_ONCE = nullcontext()
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


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back, and whether all had gone out while the other side still listened."""

    answers: Sequence[Answer]
    said: bool


def exchange(address: Address, sent: bytes, patience: float = PATIENCE) -> list[Answer]:
    """Send the bytes and nothing after them; return all answers that come, none if none do."""
    came = bytearray()
    with suppress(OSError), socket.create_connection(address, timeout=patience) as line:
        with suppress(OSError):  # it may have answered, and gone, in the middle
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
        while chunk := line.recv(65536):
            came += chunk
    return parse(bytes(came))


async def ask(
    address: Address,
    sent: bytes,
    patience: float = PATIENCE,
    opening: AbstractAsyncContextManager[None] = _AT_ONCE,
) -> Heard:
    """Send the bytes over a connection of their own; return all answers that come.

    Whoever is more than `opening` lets in waits with opening the connection.
    """
    came, said = bytearray(), asyncio.Event()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(patience):
            async with AsyncExitStack() as ending:
                async with opening:
                    reader, writer = await asyncio.open_connection(*address)
                    ending.callback(writer.transport.abort)  # also what could not be said
                    await _say(writer, sent, said)
                await _listen(reader, came)
    return Heard(parse(bytes(came)), said.is_set())


async def _say(writer: asyncio.StreamWriter, sent: bytes, said: asyncio.Event) -> None:
    """Write all; what the other side ends in the middle was not said."""
    writer.transport.set_write_buffer_limits(0)  # so that `drain` waits until all has gone out
    writer.write(sent)
    with suppress(OSError):
        await writer.drain()
        if not _is_ended(writer):
            said.set()


def _is_ended(writer: asyncio.StreamWriter) -> bool:
    """Return whether the other side has already ended: what is written then, it never sees."""
    descriptor = writer.get_extra_info("socket").fileno()
    with socket.socket(fileno=os.dup(descriptor)) as line:  # asyncio's own cannot peek
        try:
            return not line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False


async def _listen(reader: asyncio.StreamReader, came: bytearray) -> None:
    while chunk := await reader.read(65536):
        came += chunk


def vanish(writer: asyncio.StreamWriter) -> None:
    """End a connection as a host does that is gone: without a goodbye."""
    line = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
