"""A process goes by the configuration that is applied: it switches itself, in one step, or keeps the one it has."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Final

from adapters.configuration.snapshots import built, remove
from adapters.workspace.snapshot import Workspace
from contracts.configuration import Applied, ConfigStatus, ProcessState
from contracts.errors import BusError, LogError
from gateway.wiring.core import Core, make_room
from gateway.wiring.current import Switch, prepared
from gateway.wiring.secrets import SecretMissing

log = logging.getLogger(__name__)

SAY_EVERY_S: Final = 5.0
_AGAIN_S: Final = 1.0
_SLOWLY_S: Final = 5.0
_REFUSED_AGAIN_S: Final = 30.0
_MAX_REASON: Final = 2_000


class ConfigurationRole:
    """Follows `config` for all roles of a process, and says how that went. Used from one event loop."""

    def __init__(self, core: Core, instance: str, names: tuple[str, ...]) -> None:
        self._core = core
        self._current = core.current
        self._instance = instance
        self._names = names
        self._running = core.workspace.hash
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to follow. LogUnavailable."""
        await self._core.statuses.start()
        await self._say()
        self._tasks = [
            asyncio.create_task(self._follow(), name="configuration"),
            asyncio.create_task(self._go_on_saying(), name="configuration-status"),
        ]

    async def stop(self) -> None:
        """Stay with what runs, and tell that nobody need wait for this process. Idempotent."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if tasks:
            await self._say(ProcessState.ENDED)

    async def _follow(self) -> None:
        while True:
            # What was missing here may have been put in place meanwhile.
            again_s = None if self._current.refused is None else _REFUSED_AGAIN_S
            with suppress(TimeoutError):
                async with asyncio.timeout(again_s):
                    await self._core.configurations.changed(self._current.seen)
            applied = self._core.configurations.current
            if applied is None:
                continue
            try:
                await self._reach(applied)
            except LogError as error:
                log.warning("configuration %s waits for the log: %s", applied.id[:12], error)
                await asyncio.sleep(_AGAIN_S)
                continue
            self._current.seen = applied
            await self._say()

    async def _reach(self, applied: Applied) -> None:
        """Run it from now on, or refuse it. LogError."""
        try:
            workspace = await built(self._core.configurations, applied, self._current.disk, self._current.folders)
        except LogError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it cannot be used
            self._refuse(applied, reason_of(error))
            return
        try:
            switches = await self._ready(workspace)
        except BaseException as error:
            await remove(workspace.folder)
            if isinstance(error, LogError) or not isinstance(error, Exception):
                raise
            self._refuse(applied, reason_of(error))
            return
        await self._switch(applied, workspace, switches)

    async def _ready(self, workspace: Workspace) -> list[Switch]:
        await make_room(self._core, workspace)
        return await prepared(self._current.roles, workspace)

    async def _switch(self, applied: Applied, workspace: Workspace, switches: list[Switch]) -> None:
        left = self._current.become(workspace)
        for switch in switches:
            switch.now()
        self._current.refused = None
        try:
            await self._current.reach.got_to(applied)
            log.info("configuration %s runs: %s", applied.id[:12], applied.manifest.message)
            for switch in switches:
                await _until_done(switch)
            self._running = applied.id
        finally:
            if left is not None:
                await remove(left)

    def _refuse(self, applied: Applied, reason: str) -> None:
        refused = (applied.id, reason[:_MAX_REASON])
        if self._current.refused != refused:
            running = self._current.workspace.hash[:12]
            log.error("configuration %s cannot be used here, %s stays: %s", applied.id[:12], running, reason)
        self._current.refused = refused

    async def _go_on_saying(self) -> None:
        while True:
            await asyncio.sleep(SAY_EVERY_S)
            await self._say()

    async def _say(self, state: ProcessState | None = None) -> None:
        refused, reason = self._current.refused or ("", "")
        told = ProcessState.REFUSED if refused else ProcessState.RUNNING
        now_ms = self._core.clock()
        status = ConfigStatus(self._instance, self._names, now_ms, state or told, self._running, refused, reason)
        try:
            await self._core.statuses.say(status)
        except LogError as error:
            log.debug("not said, the next time tells: %s", error)


def reason_of(error: Exception) -> str:
    """Why something cannot be used. The words of what nobody meant to raise may quote anything: only its kind."""
    if isinstance(error, BusError | SecretMissing | OSError):
        return str(error)
    log.error("unexpected while a configuration was tried", exc_info=error)
    return f"unexpected {type(error).__name__}: see this process's log"


async def _until_done(switch: Switch) -> None:
    while True:
        try:
            await switch.settle()
        except LogError as error:
            log.warning("the new configuration waits for the log: %s", error)
            await asyncio.sleep(_AGAIN_S)
        except Exception:
            # A fault in the bus itself: nobody confirms what is not done, and an operator sees why in the log.
            log.exception("the new configuration is not in effect yet")
            await asyncio.sleep(_SLOWLY_S)
        else:
            return
