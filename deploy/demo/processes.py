"""The sample systems, and the bus of the story, as processes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path
from typing import Final

import httpx

from contracts.said import said
from deploy.demo.city import RECEIVERS, City
from deploy.demo.systems.dancu import REGISTER_URL
from deploy.demo.systems.dieuhanh import SECRET_FILE
from gateway.wiring.run import CannotRun

READY_S: Final = 90.0
_UP_S: Final = 60.0
_DOWN_S: Final = 8.0
_BUS_DOWN_S: Final = 20.0


class SystemProcesses:
    """Starts and stops the sample systems of a city. They end by themselves when this process is gone.

    What they say goes to the terminal, or to the end of the file `said`.
    """

    def __init__(self, city: City, said: Path | None = None) -> None:
        self._city = city
        self._said = said
        self._running: dict[str, Process] = {}

    def pid(self, system: str) -> int:
        """The process of a system that runs. KeyError."""
        return self._running[system].pid

    async def start(self, *systems: str) -> None:
        """Start `systems` (all, where none is named) and wait until they listen. TimeoutError."""
        chosen = systems or tuple(RECEIVERS)
        register = f"http://127.0.0.1:{self._city.ports['gddt']}/api/hoc-sinh/chuyen-den"
        more = {SECRET_FILE: str(self._city.webhook_secret), REGISTER_URL: register}
        for system in chosen:
            module = f"deploy.demo.systems.{system.replace('-', '_')}"
            arguments = ("--port", str(self._city.ports[system]), "--journal", str(self._city.journal(system)))
            self._running[system] = await _run(self._said, more, module, *arguments)
        async with asyncio.timeout(_UP_S):
            for system in chosen:
                await _until_it_listens(self._city.ports[system])

    async def stop(self, *systems: str) -> None:
        """Stop `systems` (all, where none is named)."""
        for system in systems or tuple(self._running):
            process = self._running.pop(system, None)
            if process is not None:
                await _stop(process, _DOWN_S)


class BusProcess:
    """The bus as a process of its own: one that can be killed. What it says goes to the end of the file `said`."""

    def __init__(self, city: City, said: Path) -> None:
        self._city = city
        self._said = said
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """The process that was started last; 0 where none was."""
        return 0 if self._process is None else self._process.pid

    async def start(self, client: httpx.AsyncClient) -> None:
        """Start it and wait until it answers `client`. CannotRun with its own last words."""
        said_before = self._said.stat().st_size if self._said.exists() else 0
        process = self._process = await _run(self._said, {}, "deploy.demo.bus", str(self._city.workspace))
        ready, dead = asyncio.create_task(until_ready(client)), asyncio.create_task(process.wait())
        try:
            done, _ = await asyncio.wait((ready, dead), return_when=asyncio.FIRST_COMPLETED)
            is_up = ready in done and ready.exception() is None
        finally:
            ready.cancel()
            dead.cancel()
        if not is_up:
            words = self._said.read_bytes()[said_before:].decode(errors="replace").strip().splitlines()
            raise CannotRun(words[-1] if words else said("the bus did not come up; see {file}", file=self._said))

    async def ended(self) -> int:
        """Wait until it is gone; the signal that killed it, 0 where it ended by itself."""
        code = 0 if self._process is None else await self._process.wait()
        return max(0, -code)

    def kill(self) -> None:
        """Kill it as `kill -9` does, with no chance to put anything in order."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)

    async def stop(self) -> None:
        """Stop it in good order. Idempotent."""
        process, self._process = self._process, None
        if process is not None:
            await _stop(process, _BUS_DOWN_S)


async def until_ready(client: httpx.AsyncClient) -> None:
    """Return once the bus may be sent requests. TimeoutError."""
    async with asyncio.timeout(READY_S):
        while True:
            try:
                if (await client.get("/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


async def _run(said: Path | None, more: dict[str, str], module: str, *arguments: str) -> Process:
    """A process of ours. Ctrl-C in the terminal is for us to hear: we stop it in its turn."""
    output = None if said is None else said.open("ab")
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # the folder we happen to stand in must not shadow our packages
            "-m",
            module,
            *arguments,
            stdin=DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, **more},
        )
    finally:
        if output is not None:
            output.close()


async def _stop(process: Process, within_s: float) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), within_s)
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
