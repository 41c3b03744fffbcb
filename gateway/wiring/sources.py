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
from adapters.workspace.snapshot import SourceConfig
from contracts import channels
from contracts.outcome import Pattern
from contracts.ports import Ledger
from contracts.wording import Language
from gateway.board import Board
from gateway.quota import Quotas
from gateway.source_intake import SourceIntake
from gateway.wiring.core import Core, inboxes
from gateway.wiring.gateway import directory_of
from gateway.wiring.intake import intake_of
from gateway.wiring.secrets import token_key_of


class SourcesRole:
    """Everything that brings records in by itself. Used from one event loop."""

    def __init__(self, core: Core, ledger: Ledger, metrics: CollectorRegistry, instance: str, hurry: Hurry) -> None:
        workspace = core.workspace
        directory = directory_of(workspace)
        key = token_key_of(workspace)
        self._board = Board(core.transport, core.own, core.clock, directory.limits.max_backlog)
        intake = intake_of(core, directory, key, ledger, self._board, Quotas(time.monotonic))
        tools = SourceTools(
            transport=core.transport,
            own=core.own,
            intake=SourceIntake(intake, lambda: directory),
            metrics=SourceMetrics(metrics),
            clock=core.clock,
            holder=instance,
            language=Language(workspace.bus.languages[0]),
            zone=workspace.bus.time_zone,
            codelists=workspace.codelists,
            hurry=hurry,
        )
        self._leases = Leases(
            [open_source(each, workspace.root, _channels(core, each), tools) for each in workspace.sources], tools
        )
        self._board_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Follow how long inboxes are, and join the group that shares the sources out. LogUnavailable."""
        self._board_task = asyncio.create_task(self._board.run(), name="board")
        await self._leases.start()

    async def stop(self) -> None:
        """End what is in flight, leave the rest to others. Idempotent."""
        await self._leases.stop()
        if self._board_task is not None:
            self._board_task.cancel()
            await asyncio.gather(self._board_task, return_exceptions=True)
            self._board_task = None


def _channels(core: Core, source: SourceConfig) -> tuple[str, ...]:
    """Where a source's records may lie: with their contract's events, or in any inbox that may get them."""
    if core.workspace.contracts[source.contract].pattern is Pattern.EVENT:
        return (channels.event(source.contract),)
    return tuple(inbox.channel for inbox in inboxes(core.workspace))
