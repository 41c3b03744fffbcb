"""A provider that costs next to nothing: raw HTTP/1.1 over a socket, one fixed JSON answer."""

from __future__ import annotations

import asyncio
import sys

_BODY = b'{"ketQua":"00","congDan":{"so":"999314000017","ten":"NGUYEN THI MINH ANH","sinh":"12/05/2014","gt":"0"}}'
_ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
    + str(len(_BODY)).encode()
    + b"\r\n\r\n"
    + _BODY
)


class Provider(asyncio.Protocol):
    """Answers each request of a keep-alive connection once its body is there."""

    def __init__(self) -> None:
        self._read = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (head_end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:head_end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._read) < head_end + 4 + length:
                return
            self._read = self._read[head_end + 4 + length :]
            if self._transport is not None:
                self._transport.write(_ANSWER)


async def main(port: int) -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
