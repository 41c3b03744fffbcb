"""What many ask at once, few questions answer; and no answer is older than its asking."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from adapters.clock import wall_clock_ms
from adapters.transport.memory import MemoryTransport
from contracts.ports import ChannelSpec, Extent, Message, Partition
from gateway.ends import Ends


class Slow(MemoryTransport):
    """Takes its time to say how far it goes, and counts how often it is asked."""

    asked = 0

    async def extents(self, partitions: Collection[Partition]) -> Mapping[Partition, Extent]:
        """What each partition holds."""
        self.asked += 1
        found = await super().extents(partitions)
        await asyncio.sleep(0.05)
        return found


async def opened() -> Slow:
    transport = Slow(wall_clock_ms)
    await transport.start()
    await transport.ensure([ChannelSpec("event.x", 2, None)])
    return transport


async def test_a_hundred_that_ask_together_cost_two_questions_at_most() -> None:
    transport = await opened()
    ends = Ends(transport, "event.x")
    assert await asyncio.gather(*(ends.now() for _ in range(100))) == [[0, 0]] * 100
    assert transport.asked <= 2
    await transport.close()


async def test_what_was_stored_before_the_asking_is_in_the_answer() -> None:
    """Also where a question was under way already: its answer may be too old."""
    transport = await opened()
    ends = Ends(transport, "event.x")
    under_way = asyncio.create_task(ends.now())
    await asyncio.sleep(0.01)
    await transport.append(Message("event.x", b"k", b"v"))
    assert sum(await ends.now()) == 1
    assert sum(await under_way) == 0
    await transport.close()
