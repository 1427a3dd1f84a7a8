"""The bytes of one request while they come: is there anything left to wait for?

This says only when to ask gunicorn's parser. What the bytes mean, that parser alone decides.
"""

import re

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
_EXPECTS = re.compile(
    rb"[^\r\n]* HTTP/1\.1\r\n(?:[^\r\n]*\r\n)*?expect:[ \t]*100-continue", re.IGNORECASE
)
_CHUNK = re.compile(rb"([0-9a-f]{1,8})[^\r\n]*\r\n", re.IGNORECASE)
_BETWEEN = 65_536  # bytes around the chunks of a body, at most


class Arrival:
    """What came of a request. A head beyond `head` bytes and a body beyond `most` are refused."""

    def __init__(self, *, head: int, most: int) -> None:
        self.came = bytearray()
        self.expects = False
        """Whether the sender waits for a word before it sends the body."""
        self._longest_head, self._most = head, most
        self._searched = 0
        self._body = 0  # where it begins: 0 while the head is not here
        self._end = 0  # where it ends or, if it comes in chunks, where the next of them begins
        self._chunked = False
        self._promised = 0  # bytes in the chunks, by their own heads

    def whole(self) -> bool:
        """Return whether all is here, or enough to be refused."""
        if not self._body and not self._find_body():
            return len(self.came) > self._longest_head
        if self._chunked:
            return self._chunks_are_whole()
        return len(self.came) >= self._end

    def _find_body(self) -> bool:
        end = self.came.find(b"\r\n\r\n", max(0, self._searched - 3))
        self._searched = len(self.came)
        if end >= 0:
            self._body = self._end = end + 4
            self._read_head(bytes(self.came[: end + 2]))
        return end >= 0

    def _read_head(self, head: bytes) -> None:
        self._chunked = bool(_CHUNKED.search(head))
        self.expects = bool(_EXPECTS.match(head))
        length = _LENGTH.search(head)
        if length and not self._chunked and int(length[1]) <= self._most:
            self._end += int(length[1])

    def _chunks_are_whole(self) -> bool:
        last = self._last_chunk()
        here = self._promised - max(0, self._end - 2 - len(self.came))
        if here > self._most or len(self.came) - self._body - here > _BETWEEN:
            return True
        if last:  # trailers may follow it
            return self.came.find(b"\r\n\r\n", last.end() - 2) >= 0
        return self.came.find(b"\r\n", self._end) >= 0  # a line that is no head of a chunk

    def _last_chunk(self) -> re.Match[bytes] | None:
        """Go through the chunks that are here; return the empty one that ends them."""
        while chunk := _CHUNK.match(self.came, self._end):
            size = int(chunk[1], 16)
            if size == 0:
                return chunk
            self._promised += size
            self._end = chunk.end() + size + 2
        return None
