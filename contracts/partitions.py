"""What many ask of a log through its port: all of a channel, and whatever comes from now on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from contracts.ports import Partition, Reader, Transport


def all_partitions(transport: Transport, channel: str) -> list[Partition]:
    """The partitions of a channel, in order. ValueError where there is no such channel."""
    return [Partition(channel, number) for number in range(transport.partitions(channel))]


@asynccontextmanager
async def reading_from_now(transport: Transport, partitions: Collection[Partition]) -> AsyncIterator[Reader]:
    """A reader of what comes after the ends of `partitions` as they are now, closed at the end. LogUnavailable."""
    extents = await transport.extents(partitions)
    reader = await transport.reader({each: extents[each].end for each in partitions})
    try:
        yield reader
    finally:
        await reader.close()
