"""The sources and ingress topics of a workspace, joined: part of every worker, at work where a lease or a partition is
held."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import CollectorRegistry

from adapters.delivery.outbox import Outbox
from adapters.hurry import Hurry
from adapters.metrics import IngressMetrics, SourceMetrics
from adapters.sources.ingress.dead import DeadRecords
from adapters.sources.ingress.role import IngressTopics
from adapters.sources.ingress.understanding import Understanding
from adapters.sources.kinds import open_source
from adapters.sources.lease import Leases
from adapters.sources.tools import SourceTools
from adapters.workspace.snapshot import SourceConfig, Workspace
from contracts import channels
from contracts.outcome import Pattern
from contracts.ports import Ledger
from contracts.wording import Language
from gateway.board import Board
from gateway.directory import Directory, Limits
from gateway.quota import Quotas
from gateway.source_intake import SourceIntake
from gateway.wiring.core import Core, inboxes
from gateway.wiring.current import Switch, nothing
from gateway.wiring.gateway import directory_of
from gateway.wiring.intake import intake_of
from gateway.wiring.secrets import token_key_of

Running = Leases | IngressTopics
"""What is started and stopped."""


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
        self._ingress_metrics = IngressMetrics(metrics)
        self._ready = self._opened(core.workspace)
        self._running: list[Running] = []
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
        ready = await asyncio.to_thread(self._opened, workspace)

        def now() -> None:
            self._ready = ready

        return Switch(now, self._settle, nothing)

    async def _settle(self) -> None:
        """A source goes on where its notes say, so the old ones end before the new ones begin. LogError."""
        if self._running is self._ready:
            return
        await self._rest()
        for each in self._ready:
            await each.start()
        self._running = self._ready

    async def _rest(self) -> None:
        running, self._running = self._running, []
        await asyncio.gather(*(each.stop() for each in running))

    def _opened(self, workspace: Workspace) -> list[Running]:
        """What a workspace has of both, not started."""
        core, directory = self._core, directory_of(workspace)
        intake = SourceIntake(
            intake_of(core, lambda: directory, self._key, self._ledger, self._board, self._quotas), lambda: directory
        )
        opened: list[Running] = []
        if workspace.sources:
            opened.append(self._leases(workspace, intake))
        if workspace.ingress:
            opened.append(self._topics(workspace, directory, intake))
        return opened

    def _leases(self, workspace: Workspace, intake: SourceIntake) -> Leases:
        core = self._core
        tools = SourceTools(
            transport=core.transport,
            own=core.own,
            intake=intake,
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

    def _topics(self, workspace: Workspace, directory: Directory, intake: SourceIntake) -> IngressTopics:
        core = self._core
        understanding = {}
        for each in workspace.ingress:
            majors = tuple(directory.published_by(each.system, each.contract))
            contract = workspace.contracts[each.contract]
            understanding[each] = Understanding(contract, majors, core.registry, workspace.bus.time_zone)
        outbox = Outbox(core.transport, core.own, core.clock, core.random_bytes, core.telemetry.spans)
        return IngressTopics(
            core.transport,
            self._ledger,
            intake,
            DeadRecords(outbox, core.clock, core.random_bytes, workspace.hash),
            understanding,
            frozenset(each for each in workspace.ingress if workspace.contracts[each.contract].ordered is not None),
            self._ingress_metrics,
            Language(workspace.bus.languages[0]),
        )


def _channels(workspace: Workspace, source: SourceConfig) -> tuple[str, ...]:
    """Where a source's records may lie: with their contract's events, or in any inbox that may get them."""
    if workspace.contracts[source.contract].pattern is Pattern.EVENT:
        return (channels.event(source.contract),)
    return tuple(inbox.channel for inbox in inboxes(workspace))
