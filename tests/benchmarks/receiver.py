"""Subscribers that cost next to nothing: raw HTTP/1.1, each POST is taken and counted; a GET tells the counts."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field

_TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass(slots=True)
class Counts:
    """What came so far: pushes, the ids among them, and when the first and the last one came."""

    pushes: int = 0
    ids: set[bytes] = field(default_factory=set)
    first_s: float = 0.0
    last_s: float = 0.0

    def push(self, message_id: bytes) -> None:
        """One more."""
        self.pushes += 1
        self.ids.add(message_id)
        self.last_s = time.monotonic()
        self.first_s = self.first_s or self.last_s

    def told(self) -> bytes:
        """As an answer."""
        told = {"pushes": self.pushes, "different": len(self.ids), "took_s": self.last_s - self.first_s}
        body = json.dumps(told).encode()
        return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


class Receiver(asyncio.Protocol):
    """One kept connection."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._read = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (head_end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:head_end].lower()
            length = int(_header(head, b"content-length") or b"0")
            if len(self._read) < head_end + 4 + length:
                return
            self._read = self._read[head_end + 4 + length :]
            if self._transport is not None:
                self._transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        if head.startswith(b"get"):
            return self._counts.told()
        self._counts.push(_header(head, b"webhook-id"))
        return _TAKEN


def _header(head: bytes, name: bytes) -> bytes:
    _, found, rest = head.partition(b"\r\n" + name + b":")
    return rest.split(b"\r\n", 1)[0].strip() if found else b""


async def main(port: int) -> None:
    """Serve until killed."""
    counts = Counts()
    server = await asyncio.get_running_loop().create_server(lambda: Receiver(counts), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
