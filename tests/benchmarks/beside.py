"""What live queries feel while a file comes in: `python -m tests.benchmarks.beside [--rows 1000000] [--seconds 60]`.

Four clients ask the same query again and again, with a pause between, for so many seconds without and then with a file
of so many rows under way; the p50 and p99 of both and their ratio are printed. Embedded everything is in one process;
`--kafka` runs the roles apart on a real Kafka. Absolute figures belong to the machine. No test depends on any of it.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from deploy.local.kafka import LocalKafka
from deploy.ports import free_port
from tests.benchmarks.city import QUERY
from tests.benchmarks.files import rows_in
from tests.benchmarks.processes import process, ready, token
from tests.benchmarks.station import leave_file, write_station

CLIENTS = 4
PAUSE_S = 0.02
_WARM_S = 3.0


@dataclass(frozen=True, slots=True)
class Felt:
    """How long queries took."""

    queries: int
    p50_ms: float
    p99_ms: float
    failed: int


async def ask(url: str, bearer: str, seconds: float) -> Felt:
    """Ask for so long."""
    took_s: list[float] = []
    failed = 0
    headers = {"authorization": f"Bearer {bearer}"}
    until_s = time.perf_counter() + seconds

    async def client(session: aiohttp.ClientSession) -> None:
        nonlocal failed
        while (began_s := time.perf_counter()) < until_s:
            async with session.post(f"{url}/exchange/{QUERY}", json={"person_id": "999314000017"}) as answer:
                await answer.read()
                failed += answer.status != 200
            took_s.append(time.perf_counter() - began_s)
            await asyncio.sleep(PAUSE_S)

    async with aiohttp.ClientSession(headers=headers) as session:
        await asyncio.gather(*(client(session) for _ in range(CLIENTS)))
    took_s.sort()
    return Felt(len(took_s), 1000 * took_s[len(took_s) // 2], 1000 * took_s[len(took_s) * 99 // 100], failed)


@contextmanager
def running(root: Path, *, kafka: bool) -> Iterator[tuple[str, str, Path]]:
    """A bus with a provider that costs next to nothing; gives its address, where its sources' metrics are, its folder."""
    with ExitStack() as stack:
        provider, port = free_port(), free_port()
        stack.enter_context(process("-m", "tests.benchmarks.provider", str(provider), port=provider))
        transport = "sqlite:log.db"
        if kafka:
            broker = LocalKafka()
            broker.start()
            stack.callback(broker.stop)
            transport = f"kafka://{broker.bootstrap}"
        folder = write_station(root, transport, port, provider)
        for role in ("ledger", "worker", "gateway") if kafka else ("serve",):
            stack.enter_context(
                process("-m", "gateway", role, str(root), port=port if role in {"serve", "gateway"} else None)
            )
        url = f"http://127.0.0.1:{port}"
        ready(url)
        yield url, token(url), folder


def main() -> None:
    """Measure without and with, and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--kafka", action="store_true", help="the roles apart, on a real Kafka")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="lienthong-bench-") as place,
        running(Path(place) / "bus", kafka=options.kafka) as (url, bearer, folder),
    ):
        asyncio.run(ask(url, bearer, _WARM_S))
        alone = asyncio.run(ask(url, bearer, options.seconds))
        done = folder / "done" / leave_file(folder, options.rows).name
        beside = asyncio.run(ask(url, bearer, options.seconds))
        came_in = "" if options.kafka else f"; {rows_in(url):,.0f} rows came in meanwhile"
        over = " (the whole file: take more rows)" if done.exists() else ""
    for what, felt in (("alone", alone), ("beside a file", beside)):
        print(
            f"{what:14} {felt.queries:6} queries  p50 {felt.p50_ms:6.1f} ms  p99 {felt.p99_ms:6.1f} ms  {felt.failed} failed"
        )
    print(f"p99 × {beside.p99_ms / alone.p99_ms:.2f}{came_in}{over}")


if __name__ == "__main__":
    main()
