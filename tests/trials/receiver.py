"""Subscribers that are pushed to, each with a file of its own: `python -m tests.trials.receiver PORT FOLDER`.

`POST /NAME` is noted in `FOLDER/NAME` before it is answered. Of the ids that come for the first time about one in 500
is answered 503, and not noted.
"""

from __future__ import annotations

import asyncio
import json
import sys
import zlib
from pathlib import Path
from typing import IO, Final

_TAKEN: Final = b"HTTP/1.1 204 No Content\r\n\r\n"
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
_STUMBLES_EVERY: Final = 500


class Notebook:
    """What came, a line each: the contract, the id of the push, the station and its number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[str]] = {}
        self._stumbled: set[str] = set()

    def take(self, name: str, message_id: str, body: bytes) -> bytes:
        """Note a push; answers what is answered."""
        if zlib.crc32(message_id.encode()) % _STUMBLES_EVERY == 0 and message_id not in self._stumbled:
            self._stumbled.add(message_id)
            return _BUSY
        read = json.loads(body)
        data = read["data"]
        file = self._files.get(name) or self._files.setdefault(name, (self._folder / name).open("a"))
        file.write(f"{read['type']} {message_id} {data['station']} {data['number']}\n")
        file.flush()
        return _TAKEN


class Receiver(asyncio.Protocol):
    """One kept connection."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._read = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (head_end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:head_end].decode("latin-1").lower()
            headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
            end = head_end + 4 + int(headers.get("content-length", "0"))
            if len(self._read) < end:
                return
            body, self._read = self._read[head_end + 4 : end], self._read[end:]
            name = head.split(" ", 2)[1].strip("/")
            if self._transport is not None:
                self._transport.write(self._notebook.take(name, headers["webhook-id"], body))


async def main(port: int, folder: Path) -> None:
    """Serve until killed."""
    notebook = Notebook(folder)
    server = await asyncio.get_running_loop().create_server(lambda: Receiver(notebook), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
