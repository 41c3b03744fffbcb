"""Processes that are killed and started again."""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
import sys
import time
from asyncio.subprocess import Process
from dataclasses import dataclass, field
from pathlib import Path


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

    def ended_by_itself(self) -> bool:
        """Whether it is gone though nobody has ended it."""
        return self.process is not None and self.process.returncode is not None

    def is_up(self) -> bool:
        """Whether a role has said in this life that it runs; a client always is."""
        is_role = self.arguments[1] != "inbox"
        return not is_role or " runs (configuration " in self.said()

    def holds_a_source(self) -> bool:
        """Whether it has said in this life that it holds one, and not that it let go."""
        said = self.said()
        return said.count(": held by ") > said.count(": let go by ")

    def said(self) -> str:
        """Its log of this life."""
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
