"""Files come in and ten subscribers take, while each role of the bus is killed again and again: what is lost?

`python -m tests.trials.files_under_kill [--rows 100000] [--kafka HOST:PORT]`, by hand; without a Kafka it is `serve` on
the embedded log. Half of the rows are of a contract that is `ordered`. Ends with 1 where anything is missing, came as
two events, came out of order, or where the reject files or the ledger say otherwise; a delivery that came again under
its id is counted only.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from gateway.wiring.issue import issue_token
from tests.benchmarks.processes import free_port
from tests.trials import account
from tests.trials.city import CONTRACTS, PULLING, PUSHED, SELF, SUBSCRIBERS, folder_of, write_workspace
from tests.trials.station import write_file

_UP_S: Final = 60.0
_LOOK_S: Final = 5.0
_ROWS_A_LOOK: Final = 1000
"""The more there is to be counted, the less often that is done."""


@dataclass(slots=True)
class Child:
    """A process that is killed and started again, always with the same arguments. `log` is of its present life."""

    name: str
    arguments: tuple[str, ...]
    out: Path
    lives: int = 0
    kills: int = 0
    process: Process | None = None

    @property
    def log(self) -> Path:
        """What it says on standard error, in this life."""
        return self.out / f"{self.name}.{self.lives:03d}.log"

    async def start(self) -> None:
        """Begin another life."""
        self.lives += 1
        with self.log.open("wb") as errors, (self.out / f"{self.name}.{self.lives:03d}.jsonl").open("wb") as printed:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *self.arguments, stdout=printed, stderr=errors
            )

    async def end(self, number: signal.Signals) -> None:
        """End it that way."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)
            await self.process.wait()

    def is_up(self) -> bool:
        """Whether a role has said in this life that it runs; a client always is."""
        is_role = self.arguments[1] != "inbox"
        return not is_role or " runs (configuration " in self._said()

    def holds_a_source(self) -> bool:
        """Whether it has said in this life that it holds one, and not that it let go."""
        said = self._said()
        return said.count(": held by ") > said.count(": let go by ")

    def _said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@dataclass(slots=True)
class Killer:
    """Kills at random times until each child was killed often enough."""

    children: list[Child]
    kills: int
    pause_s: tuple[float, float]
    rng: random.Random
    holders: int = 0
    at_s: list[float] = field(default_factory=list)

    async def run(self, began_s: float) -> None:
        """Kill, wait, start again. Every third time that a worker is due it is one that holds a source."""
        for turn in itertools.count():
            due = [each for each in self.children if each.kills < self.kills]
            if not due:
                return
            await asyncio.sleep(self.rng.uniform(*self.pause_s))
            up = [each for each in due if each.is_up()]
            if not up:
                continue
            child = self.rng.choice(up)
            if child.name.startswith("worker") and turn % 3 == 0:
                child = next((each for each in self.children if _is_holder(each)), child)
            self.holders += child.holds_a_source()
            child.kills += 1
            self.at_s.append(time.monotonic() - began_s)
            await child.end(signal.SIGKILL)
            await asyncio.sleep(self.rng.uniform(0.0, 2.0))
            await child.start()


def _is_holder(child: Child) -> bool:
    return child.name.startswith("worker") and child.holds_a_source()


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
    pullers = list(_pullers(work, notes))
    hooks = Child("receiver", ("tests.trials.receiver", str(receiver), str(notes)), notes)
    async with AsyncExitStack() as stack:
        for child in (hooks, *buses):
            await child.start()
            stack.push_async_callback(child.end, signal.SIGTERM)
        await _ready(port)
        await _subscribe(work, port, receiver)
        for child in pullers:
            await child.start()
            stack.push_async_callback(child.end, signal.SIGTERM)
        files = {
            contract: write_file(folder_of(work, contract) / "day.csv", options.rows // 2, rng)
            for contract in CONTRACTS
        }
        began_s = time.monotonic()
        killer = Killer(
            [*buses, *(each for each in pullers if each.name.startswith(("p1", "p2")))],
            options.kills,
            (options.pause, 4 * options.pause),
            rng,
        )
        killing = asyncio.create_task(killer.run(began_s))
        wanted = sum(len(written.good) for written in files.values())
        look_s = max(_LOOK_S, wanted / _ROWS_A_LOOK / 5)
        took_s = await _all_given(notes, work, files, wanted, killing, options.patience, look_s)
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
    print(f"seed {options.seed}: {options.rows} rows, {wanted * len(SUBSCRIBERS)} deliveries wanted, {took_s:.0f} s")
    killed = ", ".join(f"{each.name} {each.kills}" for each in killer.children)
    print(f"kill -9: {killed}; {killer.holders} of them held a source; at {[round(at) for at in killer.at_s]} s")
    return account.account(work, notes, files, SUBSCRIBERS)


def _pullers(work: Path, notes: Path) -> Iterator[Child]:
    """The pulling clients; each keeps its place in a file."""
    for name in PULLING:
        for contract in CONTRACTS:
            options = ("--as", name, "--env-file", str(work / "clients.env"), "--follow", "--json")
            place = ("--cursor-file", str(notes / f"{name}.{contract}.cursor"))
            yield Child(f"{name}.{contract}", ("gateway", "inbox", contract, *options, *place), notes)


async def _ready(port: int) -> None:
    async with asyncio.timeout(_UP_S), httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


async def _subscribe(work: Path, port: int, receiver: int) -> None:
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
