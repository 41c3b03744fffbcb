"""What processes tell that listen to nobody stands beside the gateway's own figures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry, Counter, PlatformCollector, generate_latest

from adapters.clock import wall_clock_ms
from adapters.measures import CHANNEL, MetricsPublisher, parts_of
from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from adapters.transport.memory import MemoryTransport
from gateway.measured import Measured


class Bench:
    """A gateway that follows, and workers that tell."""

    def __init__(self, transport: MemoryTransport, own: OwnRecords) -> None:
        self.now_ms = 1_000_000
        self.gateway = CollectorRegistry()
        Counter("requests", "Requests", registry=self.gateway).inc(3)
        Counter("deliveries", "Deliveries", ["system"], registry=self.gateway)
        # It gives the same object at each look.
        PlatformCollector(self.gateway)
        self.measured = Measured(transport, own, lambda: self.now_ms)
        self._transport = transport
        self._own = own
        self.tasks = [asyncio.create_task(self.measured.run())]

    def worker(self, instance: str, deliveries: int, systems: int = 1) -> None:
        """A worker that tells from now on."""
        registry = CollectorRegistry()
        counter = Counter("deliveries", "Deliveries", ["system"], registry=registry)
        for number in range(systems):
            counter.labels(f"s{number}").inc(deliveries)
        PlatformCollector(registry)
        publisher = MetricsPublisher(self._transport, self._own, registry, lambda: self.now_ms, instance, ("worker",))
        self.tasks.append(asyncio.create_task(publisher.run()))

    def shown(self) -> list[str]:
        """The lines of `/metrics`."""
        together = CollectorRegistry()
        together.register(self.measured.beside(self.gateway))
        return generate_latest(together).decode().splitlines()

    async def until(self, line: str) -> None:
        """Wait for a line."""
        async with asyncio.timeout(20):
            while line not in self.shown():
                await asyncio.sleep(0.02)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """On the memory log."""
    transport = MemoryTransport(wall_clock_ms)
    await transport.start()
    await transport.ensure([CHANNEL])
    registry = SchemaRegistry(transport)
    own = OwnRecords(registry)
    await registry.start()
    await own.start()
    bench = Bench(transport, own)
    await asyncio.sleep(0.05)
    yield bench
    for task in bench.tasks:
        task.cancel()
    await asyncio.gather(*bench.tasks, return_exceptions=True)
    await registry.close()
    await transport.close()


async def test_each_process_has_its_own_figures_and_a_family_is_there_once(bench: Bench) -> None:
    bench.worker("a", 5)
    bench.worker("b", 7)
    await bench.until('deliveries_total{process="worker@a",system="s0"} 5.0')
    await bench.until('deliveries_total{process="worker@b",system="s0"} 7.0')
    lines = bench.shown()
    assert "requests_total 3.0" in lines
    assert [line for line in lines if line.startswith("# TYPE deliveries_total")] == ["# TYPE deliveries_total counter"]


async def test_who_is_no_longer_heard_of_is_not_shown(bench: Bench) -> None:
    bench.worker("a", 5)
    await bench.until('deliveries_total{process="worker@a",system="s0"} 5.0')
    bench.tasks.pop().cancel()
    bench.now_ms += 11_000
    assert not any("worker@a" in line for line in bench.shown())


def test_many_figures_travel_in_several_messages_with_whole_families() -> None:
    registry = CollectorRegistry()
    for family in range(3):
        counter = Counter(f"family_{family}", "Many", ["system"], registry=registry)
        for number in range(4_000):
            counter.labels(f"a-system-with-a-long-name-{number}").inc()
    text = generate_latest(registry).decode()
    parts = list(parts_of(text))
    assert len(parts) > 1
    assert "".join(parts) == text
    assert all(part.startswith("# HELP ") for part in parts)
