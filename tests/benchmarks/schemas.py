"""What ten thousand schemas cost at start: `python -m tests.benchmarks.schemas`. Figures: docs/contracts.md.

They are put on a log in memory; a registry is started over it, and asked for some by their ids.
"""

from __future__ import annotations

import asyncio
import platform
import time
from hashlib import sha256
from typing import Final

from adapters.clock import wall_clock_ms
from adapters.registry import CHANNEL, SchemaRegistry
from adapters.transport.memory import MemoryTransport
from contracts.channels import SCHEMAS
from contracts.ports import Message
from contracts.schema import parse_schema
from tests.benchmarks.validation import SCHEMA

COUNT: Final = 10_000


def _text(number: int) -> str:
    return SCHEMA.text.replace('"Transfer"', f'"Transfer{number}"')


async def main() -> None:
    """Print the figures."""
    transport = MemoryTransport(wall_clock_ms)
    await transport.ensure([CHANNEL])
    for number in range(COUNT):
        text = _text(number).encode()
        await transport.append(Message(SCHEMAS, sha256(text).hexdigest().encode(), text))
    registry = SchemaRegistry(transport)
    began = time.perf_counter()
    await registry.start()
    started = time.perf_counter() - began
    print(f"Python {platform.python_version()}: {COUNT} schemas of 20 fields are indexed in {started:.2f} s")
    for ids in (range(1, 201), range(COUNT - 199, COUNT + 1)):
        began = time.perf_counter()
        for schema_id in ids:
            await registry.schema(schema_id)
        first = (time.perf_counter() - began) / len(ids)
        began = time.perf_counter()
        for schema_id in ids:
            await registry.schema(schema_id)
        again = (time.perf_counter() - began) / len(ids)
        print(f"ids {ids[0]}–{ids[-1]}: {first * 1e6:.0f} µs for the first time, {again * 1e6:.1f} µs after that")
    began = time.perf_counter()
    for number in range(500):
        parse_schema(_text(number))
    print(f"checking one by both parsers: {(time.perf_counter() - began) / 500 * 1e6:.0f} µs")
    await registry.close()


if __name__ == "__main__":
    asyncio.run(main())
