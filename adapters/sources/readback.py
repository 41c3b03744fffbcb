"""Reading back from the log what a source has brought in already."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Final

from adapters.sources.fence import Fence
from contracts.envelope import header
from contracts.errors import LogError
from contracts.partitions import all_partitions
from contracts.ports import Extent, Partition, Transport

log = logging.getLogger(__name__)

FILE: Final = "sourcefile"
ROW: Final = "sourcerow"
"""The attributes by which a message tells of which file and row it was made."""

_AGAIN_S: Final = 1.0


async def extents_of(transport: Transport, channels: Collection[str], fence: Fence) -> Mapping[Partition, Extent]:
    """What the channels hold now. A log that is away is waited for. LeaseLost."""
    partitions = [partition for name in channels for partition in all_partitions(transport, name)]
    while True:
        fence.check()
        try:
            return await transport.extents(partitions)
        except LogError as error:
            log.warning("the log cannot say what it holds: %s", error)
            await fence.sleep(_AGAIN_S)


async def rows_brought_in(
    transport: Transport,
    channels: Collection[str],
    since: Mapping[Partition, int],
    *,
    sender: str,
    sha256: str,
    after: int,
    fence: Fence,
) -> set[int]:
    """The rows of a file, beyond row `after`, that lie on the log at or after `since`. LeaseLost."""
    ends: dict[Partition, int] = {}
    starts: dict[Partition, int] = {}
    for where, extent in (await extents_of(transport, channels, fence)).items():
        start = max(since.get(where, 0), extent.first)
        if start < extent.end:
            starts[where], ends[where] = start, extent.end
    found: set[int] = set()
    if not starts:
        return found
    reader = await transport.reader(starts)
    try:
        while any(reader.positions()[where] < ends[where] for where in ends):
            fence.check()
            for stored in await reader.take(wait_s=0.5):
                headers = stored.message.headers
                if header(headers, f"ce_{FILE}") == sha256 and header(headers, "ce_sender") == sender:
                    row = header(headers, f"ce_{ROW}") or ""
                    if row.isascii() and row.isdigit() and int(row) > after:
                        found.add(int(row))
    finally:
        await reader.close()
    return found
