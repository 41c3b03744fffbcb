"""Roles on Kafka that are suspended and killed while a file comes in: what becomes of its rows."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from contracts.channels import event
from contracts.envelope import header
from contracts.ports import Partition, Transport
from deploy.ports import free_port
from gateway.wiring.core import open_core
from gateway.wiring.offline import load_workspace
from tests.trials.account import given
from tests.trials.children import Child
from tests.trials.city import ORDERED, folder_of, write_workspace
from tests.trials.files_under_kill import Lines, all_up, pullers, ready, subscribe
from tests.trials.station import Written, write_file

WITHIN_S: Final = 200


@dataclass(frozen=True, slots=True)
class City:
    """The workspace of the trial on a Kafka, with nothing running yet."""

    work: Path
    notes: Path
    port: int
    receiver: int
    stack: AsyncExitStack

    async def run(self, *roles: str) -> dict[str, Child]:
        """Start processes, each called by its role and a number."""
        started = {name: Child(name, self._arguments(name), self.notes) for name in roles}
        for child in started.values():
            await child.start()
            self.stack.push_async_callback(child.end, signal.SIGKILL)
        await all_up([child for name, child in started.items() if name != "receiver"])
        return started

    def _arguments(self, name: str) -> tuple[str, ...]:
        if name == "receiver":
            return ("tests.trials.receiver", str(self.receiver), str(self.notes))
        return ("gateway", name.split("-", maxsplit=1)[0], str(self.work))

    def drop(self, rows: int) -> Written:
        """The station leaves a file."""
        return write_file(folder_of(self.work, ORDERED) / "day.csv", rows, random.Random(7))


@pytest.fixture
async def city(tmp_path: Path, kafka_bootstrap: str) -> AsyncIterator[City]:
    """A city whose processes end with the test."""
    work, notes, port, receiver = tmp_path / "bus", tmp_path / "notes", free_port(), free_port()
    notes.mkdir()
    write_workspace(work, f"kafka://{kafka_bootstrap}", port, receiver)
    async with AsyncExitStack() as stack:
        yield City(work, notes, port, receiver, stack)


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something to hold."""
    async with asyncio.timeout(WITHIN_S):
        while not holds():
            await asyncio.sleep(0.05)


@pytest.mark.timeout(400)
async def test_a_worker_that_sleeps_while_it_holds_a_source_makes_no_row_another_event_when_it_wakes(
    city: City,
) -> None:
    """What was in flight when it fell asleep may be on the log once more; then it is the same event."""
    written = city.drop(8_000)
    children = await city.run("ledger", "worker-1", "worker-2")
    workers = [children["worker-1"], children["worker-2"]]
    await until(lambda: any(f"{ORDERED}: held by" in each.said() for each in workers))
    holder, other = sorted(workers, key=lambda each: f"{ORDERED}: held by" not in each.said())
    core = await open_core(load_workspace(city.work), read_only=True)
    city.stack.push_async_callback(core.close)
    async with asyncio.timeout(WITHIN_S):
        while await stored(core.transport) < 300:
            await asyncio.sleep(0.05)
    assert holder.process is not None
    holder.process.send_signal(signal.SIGSTOP)
    assert await stored(core.transport) < len(written.good)
    done = folder_of(city.work, ORDERED) / "done" / written.path.name
    await until(done.exists)
    assert f"{ORDERED}: held by" in other.said()
    holder.process.send_signal(signal.SIGCONT)
    await until(lambda: f"{ORDERED}: let go by" in holder.said())
    made = [row for row, _ in sorted(await events(core.transport))]
    assert made == [row for row in range(1, written.rows + 1) if row not in written.bad]


@pytest.mark.timeout(400)
async def test_who_subscribed_by_itself_is_pushed_in_order_over_kills_of_the_worker(city: City) -> None:
    children = await city.run("receiver", "ledger", "worker-1", "gateway")
    await ready(city.port)
    await subscribe(city.work, city.port, city.receiver)
    written = city.drop(2_000)
    lines = Lines(city.notes)
    for reached in (50, 400):
        await until(lambda reached=reached: lines.of("w5") >= reached)  # type: ignore[misc]
        await children["worker-1"].end(signal.SIGKILL)
        await children["worker-1"].start()
    await until(lambda: len(given(city.notes, "w5", {ORDERED: written})[ORDERED].effects) >= len(written.good))
    assert given(city.notes, "w5", {ORDERED: written})[ORDERED].faults(written, ordered=True) == []


@pytest.mark.timeout(400)
async def test_a_puller_misses_nothing_over_kills_of_the_gateway_and_of_itself(city: City) -> None:
    children = await city.run("ledger", "worker-1", "gateway")
    await ready(city.port)
    written = city.drop(10_000)
    client = next(each for each in pullers(city.work, city.notes) if each.name == f"p1.{ORDERED}")
    await client.start()
    city.stack.push_async_callback(client.end, signal.SIGKILL)
    lines = Lines(city.notes)
    for reached, killed in ((1, children["gateway"]), (1000, client), (2000, children["gateway"])):
        await until(lambda reached=reached: lines.of("p1") >= reached)  # type: ignore[misc]
        await killed.end(signal.SIGKILL)
        await killed.start()
    await until(lambda: len(given(city.notes, "p1", {ORDERED: written})[ORDERED].effects) >= len(written.good))
    assert given(city.notes, "p1", {ORDERED: written})[ORDERED].faults(written, ordered=True) == []


def parts(transport: Transport) -> list[Partition]:
    """The partitions of the events."""
    channel = event(ORDERED)
    return [Partition(channel, number) for number in range(transport.partitions(channel))]


async def stored(transport: Transport) -> int:
    """How many events the log has."""
    return sum(extent.end for extent in (await transport.extents(parts(transport))).values())


async def events(transport: Transport) -> set[tuple[int, str]]:
    """The events on the log: the row of the file that each was made of, and its id."""
    extents = await transport.extents(parts(transport))
    reader = await transport.reader({each: extent.first for each, extent in extents.items()})
    found: set[tuple[int, str]] = set()
    while any(reader.positions()[each] < extent.end for each, extent in extents.items()):
        for each in await reader.take(wait_s=0.5):
            headers = each.message.headers
            found.add((int(header(headers, "ce_sourcerow") or 0), header(headers, "ce_id") or ""))
    await reader.close()
    return found
