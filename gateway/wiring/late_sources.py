"""The sources and ingress topics of a worker, from the first configuration on that has some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from adapters.hurry import Hurry
from adapters.workspace.snapshot import Workspace
from contracts.ports import Ledger
from gateway.wiring.core import Core
from gateway.wiring.current import Switch, nothing

if TYPE_CHECKING:
    from gateway.wiring.sources import SourcesRole


class LateSources:
    """A bus without sources does without the gateway's steps in its workers. Used from one event loop."""

    def __init__(self, core: Core, ledger: Ledger, metrics: CollectorRegistry, instance: str, hurry: Hurry) -> None:
        self._core = core
        self._ledger = ledger
        self._metrics = metrics
        self._instance = instance
        self._hurry = hurry
        self._role: SourcesRole | None = None

    async def start(self) -> None:
        """Bring in what there is to be brought in. LogUnavailable."""
        if _has_some(self._core.workspace):
            await self._made().start()

    async def stop(self) -> None:
        """End what is in flight, leave the rest to others. Idempotent."""
        if self._role is not None:
            await self._role.stop()

    async def try_out(self, workspace: Workspace) -> None:
        """What a source cannot be opened for is raised."""
        if self._role is not None or _has_some(workspace):
            await self._made().try_out(workspace)

    async def prepare(self, workspace: Workspace) -> Switch:
        """Ready for another configuration. What a source cannot be opened for is raised."""
        if self._role is None and not _has_some(workspace):
            return Switch(lambda: None, nothing, nothing)
        role = self._made()
        switch = await role.prepare(workspace)
        return Switch(switch.now, role.start, switch.abandon)

    def _made(self) -> SourcesRole:
        from gateway.wiring.sources import SourcesRole  # noqa: PLC0415

        if self._role is None:
            self._role = SourcesRole(self._core, self._ledger, self._metrics, self._instance, self._hurry)
        return self._role


def _has_some(workspace: Workspace) -> bool:
    return bool(workspace.sources or workspace.ingress)
