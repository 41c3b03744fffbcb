"""The console with a full ledger: `python -m tests.benchmarks.console [--exchanges 100000] [--watchers 20] [--pairs 5]`.

First each page is asked for ten times, one after the other, over a SQLite ledger with so many exchanges of the last
day: its size, and how long it took. Then four clients query, in pairs of rounds: nobody watches *Now*, and so many people
watch it. Everything runs in one process, as embedded. Absolute figures belong to the machine. No test depends on it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from argon2 import PasswordHasher

from deploy.ports import free_port
from tests.benchmarks.beside import Felt, ask
from tests.benchmarks.city import QUERY, SECRET, write_workspace
from tests.benchmarks.processes import process, ready, token

PAGES: Final = (
    "now",
    "map",
    "exchanges",
    "exchanges?outcome=data",
    "exchanges?contract=bench.person-lookup&receiver=target",
    "exchanges/{exchange}",
    "dead",
    "in-doubt",
    "contracts",
    "agencies",
    "laws",
)
_TIMES: Final = 10
_DAY_MS: Final = 86_400_000
_WARM_S: Final = 3.0
_USERS: Final = 'users:\n  - {id: vanhanh, name: Vận Hành, password: "file:secrets/sender.hash", role: operator}\n'


def fill(ledger: Path, template: str, count: int) -> None:
    """Copy the exchange `template`, with its steps, so many times over the last day, each under an id of its own."""
    drawn = random.Random(7)
    now_ms = time.time_ns() // 1_000_000
    connection = sqlite3.connect(ledger)
    connection.row_factory = sqlite3.Row
    row = dict(connection.execute("SELECT * FROM exchanges WHERE id = ?", (template,)).fetchone())
    told = [dict(each) for each in connection.execute("SELECT * FROM steps WHERE exchange = ?", (template,))]

    def copies() -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        for number in range(count):
            name, at_ms = str(uuid.UUID(int=drawn.getrandbits(128), version=4)), now_ms - drawn.randrange(_DAY_MS)
            times = {"sealed_ms": at_ms, "seen_ms": at_ms, "about_log_ms": at_ms, "ended_ms": at_ms + 8}
            # Places on the log that the bus does not write to: no step of its own is in the way.
            steps = [
                {**each, "exchange": name, "time_ms": at_ms, "offset": -1 - number * len(told) - item}
                for item, each in enumerate(told)
            ]
            yield {**row, **times, "id": name}, steps

    with connection:
        for exchange, steps in copies():
            connection.execute(_inserting("exchanges", exchange), exchange)
            connection.executemany(_inserting("steps", told[0]), steps)
    connection.close()


def _inserting(table: str, row: dict[str, Any]) -> str:
    names = ", ".join(f'"{name}"' for name in row)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"


@contextmanager
def running(root: Path, port: int) -> Iterator[str]:
    """The bus over that workspace; gives its address."""
    with process("-m", "gateway", "serve", str(root), port=port):
        ready(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"


def visitor(url: str) -> httpx.Client:
    """Somebody who is signed in."""
    client = httpx.Client(base_url=url, timeout=60, trust_env=False)
    form = {"user": "vanhanh", "password": SECRET, "next": "/console/now"}
    entered = client.post("/console/sign-in", data=form, headers={"origin": url})
    assert entered.is_redirect, f"not let in: {entered.status_code}"
    return client


def show_pages(client: httpx.Client, exchange: str) -> None:
    """Ask for each page, and print what it came to."""
    for name in PAGES:
        path = f"/console/{name.format(exchange=exchange)}"
        took_ms = []
        for _ in range(_TIMES):
            began_s = time.perf_counter()
            page = client.get(path)
            took_ms.append(1000 * (time.perf_counter() - began_s))
        first, *later = took_ms
        print(
            f"{name:56} {page.status_code} {len(page.content) / 1024:6.1f} KB  first {first:6.1f} ms"
            f"  then p50 {statistics.median(later):6.1f}  worst {max(later):6.1f}",
            flush=True,
        )


async def watched(url: str, bearer: str, cookies: httpx.Cookies, watchers: int, seconds: float) -> Felt:
    """What queries feel while so many people watch *Now*."""
    async with httpx.AsyncClient(base_url=url, cookies=cookies, timeout=None, trust_env=False) as client:

        async def watch() -> None:
            async with client.stream("GET", "/console/now/events") as events:
                events.raise_for_status()
                async for _ in events.aiter_bytes():
                    pass

        watching = [asyncio.create_task(watch()) for _ in range(watchers)]
        felt = await ask(url, bearer, seconds)
        assert not any(task.done() for task in watching), "somebody was turned away"
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    return felt


def main() -> None:
    """Fill, measure the pages, then the pairs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=int, default=100_000)
    parser.add_argument("--watchers", type=int, default=20)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    provider, port = free_port(), free_port()
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lienthong-bench-"))) / "bus"
        stack.enter_context(process("-m", "tests.benchmarks.provider", str(provider), port=provider))
        write_workspace(root, "sqlite:log.db", port, provider)
        (root / "users").mkdir()
        (root / "users/people.yaml").write_text(_USERS, encoding="utf-8")
        (root / "secrets/sender.hash").write_text(PasswordHasher().hash(SECRET), encoding="utf-8")
        with running(root, port) as url:
            exchange = _asked(url)
        fill(root / "ledger.db", exchange, options.exchanges)
        url = stack.enter_context(running(root, port))
        client = stack.enter_context(closing(visitor(url)))
        show_pages(client, exchange)
        bearer = token(url)
        asyncio.run(ask(url, bearer, _WARM_S))
        ratios = []
        for _ in range(options.pairs):
            alone = asyncio.run(ask(url, bearer, options.seconds))
            beside = asyncio.run(watched(url, bearer, client.cookies, options.watchers, options.seconds))
            ratios.append(beside.p50_ms / alone.p50_ms)
            print(
                f"alone p50 {alone.p50_ms:6.1f} p99 {alone.p99_ms:6.1f} ms ({alone.queries})  watched by"
                f" {options.watchers}: p50 {beside.p50_ms:6.1f} p99 {beside.p99_ms:6.1f} ms ({beside.queries})"
                f"  p50 × {ratios[-1]:.2f}",
                flush=True,
            )
        if ratios:
            print(f"p50 × {statistics.median(ratios):.2f} (median of {len(ratios)} pairs)")


def _asked(url: str) -> str:
    """One query, and its exchange once the ledger has it."""
    headers = {"authorization": f"Bearer {token(url)}"}
    body = {"person_id": "999314000017"}
    exchange: str = httpx.post(f"{url}/exchange/{QUERY}", json=body, headers=headers, timeout=60).json()["id"]
    while not any(
        step["kind"] == "replied"
        for step in httpx.get(f"{url}/exchanges/{exchange}", headers=headers, timeout=60).json().get("steps", [])
    ):
        time.sleep(0.1)
    return exchange


if __name__ == "__main__":
    main()
