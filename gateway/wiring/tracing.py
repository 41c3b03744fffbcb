"""`lienthong trace`: the hops of an exchange, from the ledger or, where that cannot be asked, from the log itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.ledger.trace import Hop, hops_from_ledger, hops_from_log
from adapters.workspace.snapshot import Workspace
from contracts.errors import BusError, LedgerUnavailable, LogUnavailable
from contracts.said import said
from gateway.wiring.core import open_core, ordered_channels
from gateway.wiring.ledger import followed, ledger_queries
from gateway.wiring.offline import load_workspace

_IN_MEMORY = "memory:"


@dataclass(frozen=True, slots=True)
class Traced:
    """The hops of an exchange in the order of time, and where they were read: ``ledger`` or ``log``."""

    hops: Sequence[Hop]
    source: str


def trace_exchange(root: Path, exchange: str, *, from_log: bool) -> Traced:
    """All that is known of `exchange`. InvalidWorkspace, BusError."""
    return asyncio.run(_trace(load_workspace(root), exchange, from_log=from_log))


async def _trace(workspace: Workspace, exchange: str, *, from_log: bool) -> Traced:
    if not from_log:
        queries = ledger_queries(workspace)
        try:
            hops = await hops_from_ledger(queries, exchange)
        except LedgerUnavailable:
            hops = []
        finally:
            await queries.close()
        if hops:
            return Traced(hops, "ledger")
    if workspace.bus.transport.startswith(_IN_MEMORY):
        raise LogUnavailable(said("the log is in the memory of the bus, and is read nowhere else"))
    core = await open_core(workspace, read_only=True)
    try:
        ordered = ordered_channels(core)
        return Traced(await hops_from_log(core.transport, exchange, followed(core), ordered=ordered), "log")
    finally:
        await core.close()


__all__ = ["BusError", "Traced", "trace_exchange"]
