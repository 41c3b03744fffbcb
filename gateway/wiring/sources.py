"""The sources of a workspace, joined: part of every worker, at work in the one that holds a source's lease."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import CollectorRegistry

from adapters.hurry import Hurry
from adapters.metrics import SourceMetrics
from adapters.sources.kinds import open_source
from adapters.sources.lease import Leases
from adapters.sources.tools import SourceTools
from adapters.workspace.snapshot import SourceConfig, Workspace
from contracts import channels
from contracts.outcome import Pattern
from contracts.ports import Ledger
from contracts.wording import Language
from gateway.board import Board
from gateway.directory import Limits
from gateway.quota import Quotas
from gateway.source_intake import SourceIntake
from gateway.wiring.core import Core, inboxes
from gateway.wiring.current import Switch, nothing
from gateway.wiring.gateway import directory_of
from gateway.wiring.intake import intake_of
from gateway.wiring.secrets import token_key_of


class SourcesRole:
    """Everything that brings records in by itself. Used from one event loop."""

    def __init__(self, core: Core, ledger: Ledger, metrics: CollectorRegistry, instance: str, hurry: Hurry) -> None:
        self._core = core
        self._board = Board(core.transport, core.own, core.clock, Limits().max_backlog)
        self._quotas = Quotas(time.monotonic)
        self._key = token_key_of(core.workspace)
        self._ledger = ledger
        self._metrics = SourceMetrics(metrics)
        self._instance = instance
        self._hurry = hurry
        self._leases = self._opened(core.workspace)
        self._running: Leases | None = None
        self._board_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Follow how long inboxes are, and join the group that shares the sources out. Idempotent. LogUnavailable."""
        if self._board_task is None:
            self._board_task = asyncio.create_task(self._board.run(), name="board")
        await self._settle()

    async def stop(self) -> None:
        """End what is in flight, leave the rest to others. Idempotent."""
        await self._rest()
        if self._board_task is not None:
            self._board_task.cancel()
            await asyncio.gather(self._board_task, return_exceptions=True)
            self._board_task = None

    async def try_out(self, workspace: Workspace) -> None:
        """Open every source, and touch nothing. What one cannot be opened for is raised."""
        await asyncio.to_thread(self._opened, workspace)

    async def prepare(self, workspace: Workspace) -> Switch:
        """Ready for another configuration. What a source cannot be opened for is raised."""
        leases = await asyncio.to_thread(self._opened, workspace)

        def now() -> None:
            self._leases = leases

        return Switch(now, self._settle, nothing)

    async def _settle(self) -> None:
        """A source goes on where its notes say, so the old ones end before the new ones begin. LogError."""
        if self._running is self._leases:
            return
        await self._rest()
        if self._leases is not None:
            await self._leases.start()
        self._running = self._leases

    async def _rest(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            await running.stop()

    def _opened(self, workspace: Workspace) -> Leases | None:
        """The sources of a workspace, not started; None where it has none."""
        if not workspace.sources:
            return None
        core, directory = self._core, directory_of(workspace)
        intake = intake_of(core, lambda: directory, self._key, self._ledger, self._board, self._quotas)
        tools = SourceTools(
            transport=core.transport,
            own=core.own,
            intake=SourceIntake(intake, lambda: directory),
            metrics=self._metrics,
            clock=core.clock,
            holder=self._instance,
            language=Language(workspace.bus.languages[0]),
            zone=workspace.bus.time_zone,
            codelists=workspace.codelists,
            hurry=self._hurry,
        )
        sources = [open_source(each, workspace.root, _channels(workspace, each), tools) for each in workspace.sources]
        return Leases(sources, tools)


def _channels(workspace: Workspace, source: SourceConfig) -> tuple[str, ...]:
    """Where a source's records may lie: with their contract's events, or in any inbox that may get them."""
    if workspace.contracts[source.contract].pattern is Pattern.EVENT:
        return (channels.event(source.contract),)
    return tuple(inbox.channel for inbox in inboxes(workspace))
