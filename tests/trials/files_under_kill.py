"""Files come in and ten subscribers take, while each role of the bus is killed again and again: what is lost?

`python -m tests.trials.files_under_kill [--rows 100000] [--kafka HOST:PORT]`, by hand; without a Kafka it is `serve` on
the embedded log. Half of the rows are of a contract that is `ordered`. Ends with 1 where anything is missing, came as
two events, came out of order, or where the reject files or the ledger say otherwise; a delivery that came again under
its id is counted only.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import httpx

from deploy.ports import free_port
from gateway.wiring.issue import issue_token
from tests.trials import account
from tests.trials.children import Child, Killer
from tests.trials.city import CONTRACTS, PULLING, PUSHED, SELF, SUBSCRIBERS, folder_of, write_workspace
from tests.trials.station import write_file

_UP_S: Final = 60.0
_LOOK_S: Final = 5.0
_ROWS_A_LOOK: Final = 1000
"""The more there is to be counted, the less often that is done."""


async def trial(root: Path, options: argparse.Namespace) -> bool:
    """One trial from beginning to end; whether all went right."""
    rng = random.Random(options.seed)
    port, receiver = free_port(), free_port()
    work, notes = root / "bus", root / "notes"
    notes.mkdir(parents=True)
    write_workspace(work, f"kafka://{options.kafka}" if options.kafka else "sqlite:log.db", port, receiver)
    names = {"ledger": "ledger", "worker-1": "worker", "worker-2": "worker", "gateway": "gateway"}
    roles = names if options.kafka else {"serve": "serve"}
    buses = [Child(name, ("gateway", role, str(work)), notes) for name, role in roles.items()]
    clients = list(pullers(work, notes))
    hooks = Child("receiver", ("tests.trials.receiver", str(receiver), str(notes)), notes)
    async with AsyncExitStack() as stack:
        for child in (hooks, *buses):
            await child.start()
            stack.push_async_callback(child.end, signal.SIGTERM)
        await all_up(buses)
        await ready(port)
        await subscribe(work, port, receiver)
        for child in clients:
            await child.start()
            stack.push_async_callback(child.end, signal.SIGTERM)
        files = {
            contract: write_file(folder_of(work, contract) / "day.csv", options.rows // 2, rng)
            for contract in CONTRACTS
        }
        began_s = time.monotonic()
        killer = Killer(
            [*buses, *(each for each in clients if each.name.startswith(("p1", "p2")))],
            options.kills,
            (options.pause, 4 * options.pause),
            rng,
        )
        killing = asyncio.create_task(killer.run(began_s))
        wanted = sum(len(written.good) for written in files.values())
        look_s = max(_LOOK_S, wanted / _ROWS_A_LOOK / 5)
        took_s = await _all_given(notes, work, files, wanted, killing, options.patience, look_s, buses)
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
    print(f"seed {options.seed}: {options.rows} rows, {wanted * len(SUBSCRIBERS)} deliveries wanted, {took_s:.0f} s")
    killed = ", ".join(f"{each.name} {each.kills}" for each in killer.children)
    print(f"kill -9: {killed}; {killer.holders} of them held a source; at {[round(at) for at in killer.at_s]} s")
    return account.account(work, notes, files, SUBSCRIBERS)


def pullers(work: Path, notes: Path) -> Iterator[Child]:
    """The pulling clients; each keeps its place in a file."""
    for name in PULLING:
        for contract in CONTRACTS:
            options = ("--as", name, "--env-file", str(work / "clients.env"), "--follow", "--json")
            place = ("--cursor-file", str(notes / f"{name}.{contract}.cursor"))
            yield Child(f"{name}.{contract}", ("gateway", "inbox", contract, *options, *place), notes)


async def all_up(roles: Sequence[Child]) -> None:
    """Return once all run. RuntimeError: one ended; TimeoutError."""
    async with asyncio.timeout(_UP_S):
        while not all(each.is_up() for each in roles):
            for each in roles:
                if each.ended_by_itself():
                    raise RuntimeError(f"{each.name} ended: {each.said()}")
            await asyncio.sleep(0.1)


async def ready(port: int) -> None:
    """Return once the gateway takes requests. TimeoutError."""
    async with asyncio.timeout(_UP_S), httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


async def subscribe(work: Path, port: int, receiver: int) -> None:
    """Some subscribe by themselves."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
        for name in SELF:
            headers = {"authorization": f"Bearer {issue_token(work, name, 600)}"}
            for contract in CONTRACTS:
                asked = {"contract": contract, "url": f"http://127.0.0.1:{receiver}/{name}"}
                answer = await client.post("/subscriptions", json=asked, headers=headers)
                answer.raise_for_status()


async def _all_given(
    notes: Path,
    work: Path,
    files: account.Files,
    wanted: int,
    killing: asyncio.Task[None],
    patience_s: float,
    look_s: float,
    children: Sequence[Child],
) -> float:
    """Wait until all was given and all killing is done, or nothing has moved for so long; answers when the last came."""
    began_s = moved_s = time.monotonic()
    before: object = None
    lines = Lines(notes)
    while True:
        await asyncio.sleep(look_s)
        came = {each: await asyncio.to_thread(lines.of, each) for each in SUBSCRIBERS}
        settled = await asyncio.to_thread(_settled, work)
        if (came, settled) != before:
            before, moved_s = (came, settled), time.monotonic()
            least, most = min(came.values()), max(came.values())
            print(
                f"{moved_s - began_s:6.0f} s: {least} to {most} deliveries each of {wanted}; ledger: {settled} settled",
                flush=True,
            )
        enough = min(came.values()) >= wanted and settled >= wanted * (len(PUSHED) + len(SELF))
        if enough and killing.done() and await asyncio.to_thread(_all_came, notes, files):
            return moved_s - began_s
        if time.monotonic() - moved_s > patience_s:
            return moved_s - began_s
        if killing.done():
            killing.result()
            for each in children:
                if each.ended_by_itself():
                    raise RuntimeError(f"{each.name} ended: {each.said()}")


class Lines:
    """How many lines each subscriber has noted: each file is read on where it was left."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes
        self._read: dict[Path, tuple[int, int]] = {}

    def of(self, subscriber: str) -> int:
        """All of a subscriber's."""
        pulls = subscriber in PULLING
        return sum(self._counted(path) for path in self._notes.glob(f"{subscriber}.*.jsonl" if pulls else subscriber))

    def _counted(self, path: Path) -> int:
        at, lines = self._read.get(path, (0, 0))
        with path.open("rb") as file:
            file.seek(at)
            while chunk := file.read(1 << 20):
                at, lines = at + len(chunk), lines + chunk.count(b"\n")
        self._read[path] = at, lines
        return lines


def _all_came(notes: Path, files: account.Files) -> bool:
    return all(
        len(of.effects) >= len(files[contract].good)
        for each in SUBSCRIBERS
        for contract, of in account.given(notes, each, files).items()
    )


def _settled(work: Path) -> int:
    try:
        counts, _ = account.in_ledger(work, {})
    except sqlite3.OperationalError:
        # It is being made.
        return 0
    return sum(count for (_, _, outcome), count in counts.items() if outcome)


def main() -> None:
    """By hand, in numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=3, help="of each process, at least")
    parser.add_argument(
        "--pause", type=float, default=2.0, help="seconds between kills, at least; four times that at most"
    )
    parser.add_argument(
        "--patience", type=float, default=180.0, help="seconds in which nothing moves, before it gives up"
    )
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)))
    parser.add_argument("--kafka", help="HOST:PORT; else the embedded log")
    parser.add_argument("--keep", type=Path, help="a new folder where everything is left to be looked at")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lienthong-trial-") as folder:
        sys.exit(not asyncio.run(trial(options.keep or Path(folder), options)))


if __name__ == "__main__":
    main()
