"""The sample systems as processes."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import Process
from typing import Final

from deploy.demo.city import RECEIVERS, City
from deploy.demo.systems.dieuhanh import SECRET_FILE

_UP_S: Final = 20.0
_DOWN_S: Final = 8.0


class SystemProcesses:
    """Starts and stops the sample systems of a city. They end by themselves when this process is gone."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._running: dict[str, Process] = {}

    async def start(self, *systems: str) -> None:
        """Start `systems` (all, where none is named) and wait until they listen. TimeoutError."""
        chosen = systems or tuple(RECEIVERS)
        for system in chosen:
            module = f"deploy.demo.systems.{system.replace('-', '_')}"
            # -P: the folder we happen to stand in must not shadow our packages.
            arguments = ("-P", "-m", module, "--port", str(self._city.ports[system]))
            journal = str(self._city.journal(system))
            self._running[system] = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                "--journal",
                journal,
                stdin=asyncio.subprocess.DEVNULL,
                env={**os.environ, SECRET_FILE: str(self._city.webhook_secret)},
            )
        async with asyncio.timeout(_UP_S):
            for system in chosen:
                await _until_it_listens(self._city.ports[system])

    async def stop(self, *systems: str) -> None:
        """Stop `systems` (all, where none is named)."""
        for system in systems or tuple(self._running):
            process = self._running.pop(system, None)
            if process is None or process.returncode is not None:
                continue
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _DOWN_S)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _until_it_listens(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
