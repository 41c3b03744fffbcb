"""The log in memory passes the suite of the port."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.clock import wall_clock_ms
from adapters.transport.memory import MemoryStore, MemoryTransport
from contracts.ports import Transport
from contracts.testkit.transport import TransportSuite


class MemoryBench:
    """A log in memory; another opening would be another log, and a crash takes it along."""

    def __init__(self) -> None:
        self._transport = MemoryTransport(wall_clock_ms)

    async def open(self) -> Transport:
        """The one log."""
        return self._transport

    async def crash(self, transport: Transport) -> Transport:
        """Not promised."""
        raise NotImplementedError

    async def away(self) -> None:
        """Refuse everything."""
        self._store.available = False

    async def back(self) -> None:
        """Take everything again."""
        self._store.available = True

    @property
    def _store(self) -> MemoryStore:
        store = self._transport.store
        assert isinstance(store, MemoryStore)
        return store


@pytest.fixture
async def bench() -> AsyncIterator[MemoryBench]:
    bench = MemoryBench()
    yield bench
    await (await bench.open()).close()


class TestMemory(TransportSuite):
    """`memory:`"""
