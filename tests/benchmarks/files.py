"""How fast a file comes in: `python -m tests.benchmarks.files [--rows 50000]`, on the embedded log, everything in one process.

The intake is the one of the tests: it validates, encodes and appends as the gateway's does, but looks nothing up.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from pathlib import Path

import uvloop

from tests.adapters.sources.support import HEAD, bus


async def measure(rows: int) -> float:
    """Rows per second for one file of so many rows, from its hash to its last note."""
    with tempfile.TemporaryDirectory() as folder:
        async with bus(Path(folder), sqlite=True) as city:
            with (city.folder / "f.csv").open("w") as file:
                file.write(HEAD)
                for row in range(rows):
                    file.write(f"st-{row},{row / 10},\n")
            begin_s = time.perf_counter()
            await city.start()
            while city.value("lienthong_source_files_total", end="done") == 0:
                await asyncio.sleep(0.05)
            # The lease waits a moment for a holder before it; a new log has none.
            return rows / (time.perf_counter() - begin_s)


def main() -> None:
    """Print rows per second and the memory that was needed at most."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    rows: int = parser.parse_args().rows
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        speed = runner.run(measure(rows))
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"files: {rows} rows, {speed:,.0f} rows/s, at most {memory_mb:.0f} MB")


if __name__ == "__main__":
    main()
