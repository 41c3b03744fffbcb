"""The gateway's way in for sources passes the suite of its port, over a whole workspace on the memory log."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.transport.memory import MemoryStore, MemoryTransport
from contracts import channels
from contracts.errors import Rejected
from contracts.json_types import JsonValue
from contracts.ports import Partition, Position, Stored, Submitted
from contracts.testkit.intake import IntakeSuite
from gateway.board import Board
from gateway.quota import Quotas
from gateway.source_intake import SourceIntake
from gateway.wiring.core import Core, open_core
from gateway.wiring.gateway import directory_of
from gateway.wiring.intake import intake_of
from gateway.wiring.ledger import LedgerRole, ledger_queries
from gateway.wiring.offline import load_workspace
from gateway.wiring.secrets import token_key_of
from tests.flows.support import MEASURED, READING, write_workspace


@dataclass(slots=True)
class GatewayBench:
    """The real steps of intake; `asker` publishes readings."""

    core: Core
    intake: SourceIntake
    sender: str = "asker"
    contract: str = READING

    def record(self, name: str) -> JsonValue:
        """A good reading."""
        return {**MEASURED, "station": f"A-{name}"}

    def wrong(self) -> tuple[JsonValue, str]:
        """One whose number is none."""
        return {**MEASURED, "pm25": "bụi"}, "/pm25"

    async def stored(self, position: Position) -> Stored | None:
        """What the log has."""
        return await self.core.transport.read(position)

    async def count(self) -> int:
        """How many events were published."""
        channel = channels.event(READING)
        partitions = [Partition(channel, number) for number in range(self.core.transport.partitions(channel))]
        return sum(extent.end for extent in (await self.core.transport.extents(partitions)).values())

    def away(self, *, is_away: bool) -> None:
        """The log, gone or back."""
        assert isinstance(self.core.transport, MemoryTransport)
        store = self.core.transport.store
        assert isinstance(store, MemoryStore)
        store.available = not is_away


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[GatewayBench]:
    write_workspace(tmp_path, {"memo": 9, "twice": 9})
    workspace = load_workspace(tmp_path)
    core = await open_core(workspace)
    ledger, queries = LedgerRole(core), ledger_queries(workspace)
    await ledger.start()
    directory, key = directory_of(workspace), token_key_of(workspace)
    board = Board(core.transport, core.own, core.clock, directory.limits.max_backlog)
    intake = intake_of(core, lambda: directory, key, queries, board, Quotas(time.monotonic))
    yield GatewayBench(core, SourceIntake(intake, lambda: directory))
    await ledger.stop()
    await queries.close()
    await core.close()


class TestSourceIntake(IntakeSuite):
    """The steps of `POST /exchange`, without HTTP."""

    async def test_half_a_surrogate_pair_is_rejected_at_its_place(self, bench: GatewayBench) -> None:
        """A line of JSON can write one; it is no text, and no fault of the bus."""
        record = {**MEASURED, "station": "A-\ud800"}
        with pytest.raises(Rejected) as rejected:
            await bench.intake.accept(Submitted(bench.sender, bench.contract, None, record, "key-a"))
        assert [(field.pointer, field.code) for field in rejected.value.fields] == [("/station", "lone_surrogate")]

    async def test_a_record_that_is_too_large_for_its_contract_is_rejected(self, bench: GatewayBench) -> None:
        """A value has no length as text: it is measured as the log would hold it."""
        record = {**MEASURED, "station": "A" * 1_000_000}
        with pytest.raises(Rejected):
            await bench.intake.accept(Submitted(bench.sender, bench.contract, None, record, "key-a"))
        assert await bench.count() == 0
