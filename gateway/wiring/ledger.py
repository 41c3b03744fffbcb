"""The ledger, joined: the projector's role, and the reading side that gateways and workers share."""

from __future__ import annotations

import asyncio
from pathlib import Path

from adapters.ledger.projector import Projector
from adapters.ledger.queries import LedgerQueries
from adapters.workspace.snapshot import Workspace
from contracts import channels
from contracts.partitions import all_partitions
from contracts.ports import Partition
from gateway.wiring.core import Core, event_contracts, lying_inboxes
from gateway.wiring.current import Switch, nothing


def ledger_path(workspace: Workspace) -> Path:
    """Where the ledger's SQLite file is."""
    return Path(workspace.root, workspace.bus.ledger.removeprefix("sqlite:"))


def followed(core: Core) -> list[Partition]:
    """The partitions that the ledger is a fold of."""
    names = [channels.REPLY, channels.DEAD, channels.JOURNAL]
    names += [channels.event(contract) for contract in event_contracts(core.workspace)]
    for inbox in lying_inboxes(core):
        names += [inbox.channel, inbox.settled]
    return [partition for name in names for partition in all_partitions(core.transport, name)]


class LedgerRole:
    """Runs the projector. Used from one event loop."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._version = core.subscriptions.version
        self._projector = Projector(core.transport, ledger_path(core.workspace), followed(core), core.own.decode)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the database, bring its tables up to date and begin to read."""
        await self._projector.start()
        self._tasks = [
            asyncio.create_task(self._projector.run(), name="projector"),
            asyncio.create_task(self._follow_subscriptions(), name="projector-channels"),
        ]

    async def try_out(self, _workspace: Workspace) -> None:
        """Nothing stands in the way."""

    async def prepare(self, _workspace: Workspace) -> Switch:
        """Ready for another configuration: its channels are followed beside those of before."""
        return Switch(lambda: None, self._follow_now, nothing)

    async def stop(self) -> None:
        """Store what was read and stop. Idempotent."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._projector.close()

    async def _follow_subscriptions(self) -> None:
        while True:
            self._version = await self._core.subscriptions.changed(self._version)
            await self._follow_now()

    async def _follow_now(self) -> None:
        await self._projector.follow(followed(self._core))


def ledger_queries(workspace: Workspace) -> LedgerQueries:
    """The reading side; it works whether or not the projector runs in this process."""
    return LedgerQueries(ledger_path(workspace))
