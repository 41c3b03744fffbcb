"""What the sample systems share: a server on loopback, and a file with a line for each call received."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import orjson
from aiohttp import web

from deploy.demo.alive import end_with_parent

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CallJournal:
    """`<system>.jsonl`: one line for each call, with the exchange id that came with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO = path.open("a", encoding="utf-8")

    def write(self, request: web.Request, **more: Any) -> None:  # noqa: ANN401 - any JSON
        """Write the line down before the call is answered."""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "exchange": request.headers.get("Idempotency-Key") or request.headers.get("webhook-id", ""),
            "traceparent": request.headers.get("traceparent", ""),
            "path": request.path,
            **more,
        }
        self._file.write(orjson.dumps(line).decode() + "\n")
        self._file.flush()

    def exchanges(self) -> set[str]:
        """The exchange ids of all lines so far."""
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return {orjson.loads(line)["exchange"] for line in lines if line.endswith("}")}


def run(build: Callable[[CallJournal], web.Application]) -> None:
    """Serve what `build` makes on 127.0.0.1 until SIGTERM, or until the parent process is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--journal", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(_serve(build(CallJournal(options.journal)), options.port))


async def _serve(app: web.Application, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
    end_with_parent()
    await stop.wait()
    await runner.cleanup()
