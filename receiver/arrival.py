"""The bytes of one request while they come: is there anything left to wait for?

This says only when to ask gunicorn's parser. What the bytes mean, that parser alone decides.
However they are cut, each of them is searched a few times at most.
"""

import re

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
_EXPECTS = re.compile(
    rb"[^\r\n]* HTTP/1\.1\r\n(?:[^\r\n]*\r\n)*?expect:[ \t]*100-continue", re.IGNORECASE
)
_BARE_LF = re.compile(rb"(?<!\r)\n")  # in no head that gunicorn takes
_CHUNK = re.compile(rb"([0-9a-f]{1,8})[ \t]*(?:;[^\r\n]*)?", re.IGNORECASE)  # its first line
_LINE = 4096  # bytes of such a line, at most, as with gunicorn
_BETWEEN = 65_536  # bytes around the chunks of a body, at most


class Arrival:
    """What came of a request. A head beyond `head` bytes and a body beyond `most` are refused."""

    def __init__(self, *, head: int, most: int) -> None:
        self.came = bytearray()
        self.expects = False
        """Whether the sender waits for a word before it sends the body."""
        self._longest_head, self._most = head, most
        self._searched = 0  # up to where what is looked for now does not stand
        self._bare_lf = False  # where every line has to end with CRLF
        self._body = 0  # where it begins: 0 while the head is not here
        self._end = 0  # where it ends or, if it comes in chunks, where the next of them begins
        self._chunked = False
        self._promised = 0  # bytes in the chunks, by their own heads
        self._trailers = 0  # where they begin, with the line end before them: 0 while unknown

    def whole(self) -> bool:
        """Return whether all is here, or enough to be refused."""
        if not self._body and not self._find_body():
            return self.head_is_too_long or self._bare_lf
        if self._chunked:
            return self._chunks_are_whole()
        return len(self.came) >= self._end

    @property
    def head_is_too_long(self) -> bool:
        """Whether more came than a head may have, and its end did not."""
        return not self._body and len(self.came) > self._longest_head

    def _find(self, mark: bytes, start: int) -> int:
        """Return where the mark stands, or -1: then what was searched is not searched again."""
        at = self.came.find(mark, max(start, self._searched - len(mark) + 1))
        self._searched = len(self.came) if at < 0 else at + len(mark)
        return at

    def _find_end(self, start: int) -> int:
        """Return where lines end that an empty one follows, or -1; notice lines that end wrong."""
        searched = max(start, self._searched)
        end = self._find(b"\r\n\r\n", start)
        self._bare_lf = end < 0 and bool(_BARE_LF.search(self.came, searched))
        return end

    def _find_body(self) -> bool:
        end = self._find_end(0)
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
        if not self._pass_chunks() or self._too_much():
            return True
        return self._trailers > 0 and (self._find_end(self._trailers) >= 0 or self._bare_lf)

    def _too_much(self) -> bool:
        here = self._promised - max(0, self._end - 2 - len(self.came))
        return here > self._most or len(self.came) - self._body - here > _BETWEEN

    def _pass_chunks(self) -> bool:
        """Go through the chunks that are here, to the empty one; return whether they are chunks."""
        while not self._trailers and (at := self._find(b"\r\n", self._end)) >= 0:
            chunk = _CHUNK.fullmatch(self.came, self._end, min(at, self._end + _LINE))
            if not chunk or chunk.end() < at:
                return False  # or with more digits than anybody needs: gunicorn judges
            self._pass_chunk(int(chunk[1], 16), at)
        return self._trailers > 0 or len(self.came) - self._end <= _LINE

    def _pass_chunk(self, size: int, at: int) -> None:
        if size == 0:
            self._trailers = at
        self._promised += size
        self._end = at + 2 + (size + 2 if size else 0)
