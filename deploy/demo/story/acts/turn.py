"""Act 6: the person kills the bus in the middle of its work. Whatever it had promised is kept."""

from __future__ import annotations

import asyncio
import shlex
import time
from datetime import datetime
from typing import Final

from rich.panel import Panel
from rich.text import Text

from deploy.demo.journals import length_of, lines_of
from deploy.demo.player import Sent
from deploy.demo.scenario import Scene
from deploy.demo.story.account import Count
from deploy.demo.story.acts.plug import RECEIVER, arrive
from deploy.demo.story.counters import Row, counters
from deploy.demo.story.keyboard import ENTER
from deploy.demo.story.screen import ACCENT, BAD, GOOD, QUIET
from deploy.demo.story.stage import Stage

_TICK_S: Final = 0.1
_PACE_S: Final = 0.2
_SLOW_S: Final = 3.0
_SLOW_FROM: Final = 0.75
_HELD_BACK: Final = 10


async def play(stage: Stage) -> None:
    """Send while waiting for the death of the bus; start it again; send the rest; count what arrived."""
    screen = stage.screen
    scene = stage.scenario.scene("receiver-restarts")
    written = length_of(stage.city.journal(RECEIVER))
    screen.say("turn.how")
    screen.space()
    screen.console.print(Text(" " * 6 + shlex.join(("kill", "-9", str(stage.bus.pid))), style=f"bold {BAD}"))
    screen.space()
    flow = _Flow(stage, scene)
    try:
        await _until_killed(stage, flow, written)
        await _start_again(stage)
        sent = await flow.rest()
    finally:
        flow.stop()
    screen.space()
    await arrive(stage, [each.exchange for each in sent], written, _sums)
    seen = await stage.player.observe(scene, sent)
    screen.differences(stage.account.add(scene, seen))
    await screen.pause()


class _Flow:
    """Sends the crowd of a scene, one after the other, and slower the longer it takes: some are left for later."""

    def __init__(self, stage: Stage, scene: Scene) -> None:
        self._stage = stage
        self._scene = scene
        self._sending: list[asyncio.Task[Sent]] = []
        self._pacing = asyncio.create_task(self._pace())

    @property
    def receipts(self) -> int:
        """How many have been answered so far."""
        return sum(task.done() for task in self._sending)

    @property
    def times(self) -> int:
        """How many there are in all."""
        return self._scene.times

    async def rest(self) -> list[Sent]:
        """Send what is left, at once, and wait until each has its answer. TimeoutError."""
        self._pacing.cancel()
        while len(self._sending) < self.times:
            self._send()
        return await asyncio.gather(*self._sending)

    def stop(self) -> None:
        """Let go of what is still on its way."""
        for task in (self._pacing, *self._sending):
            task.cancel()

    async def _pace(self) -> None:
        while len(self._sending) < self.times - _HELD_BACK:
            self._send()
            await asyncio.sleep(_PACE_S if len(self._sending) < self.times * _SLOW_FROM else _SLOW_S)

    def _send(self) -> None:
        number = len(self._sending)
        self._sending.append(asyncio.create_task(self._stage.player.send(self._scene, number)))


async def _until_killed(stage: Stage, flow: _Flow, written: int) -> None:
    """Draw the counters until the bus is dead: by the person or, once they press Enter, by us."""
    screen = stage.screen
    screen.keyboard.forget()
    death, key = asyncio.create_task(stage.bus.ended()), asyncio.create_task(screen.keyboard.key())
    try:
        with screen.moving(_flowing(stage, flow, written)) as drawn:
            while not death.done():
                if key.done():
                    if key.result() in ENTER:
                        stage.bus.kill()
                    key = asyncio.create_task(screen.keyboard.key())
                await asyncio.wait((death, key), timeout=_TICK_S, return_when=asyncio.FIRST_COMPLETED)
                drawn.update(_flowing(stage, flow, written), refresh=True)
        screen.say("turn.dead", time=f"{datetime.now().astimezone():%H:%M:%S}", signal=await death, count=flow.receipts)
    finally:
        death.cancel()
        key.cancel()


async def _start_again(stage: Stage) -> None:
    screen = stage.screen
    began = time.monotonic()
    with screen.console.status(screen.text("turn.restarting"), spinner_style=ACCENT):
        await stage.bus.start(stage.client)
    screen.say("turn.alive", seconds=f"{time.monotonic() - began:.1f}", pid=stage.bus.pid)
    screen.say("turn.again")


def _flowing(stage: Stage, flow: _Flow, written: int) -> Panel:
    screen = stage.screen
    entered = sum(1 for line in lines_of(stage.city.journal(RECEIVER), written) if not line.get("repeat"))
    rows = [("plug.receipts", flow.receipts, ACCENT), ("plug.entered", entered, GOOD)]
    return screen.framed(counters(screen, rows, flow.times), Text(), screen.text("turn.not_you", style=QUIET))


def _sums(counted: Count) -> list[Row]:
    return [
        ("turn.received", counted.sent, ACCENT),
        ("turn.delivered", counted.delivered, GOOD),
        ("plug.lost", counted.lost, BAD),
        ("plug.repeats", counted.twice, BAD),
    ]
