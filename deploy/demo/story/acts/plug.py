"""Act 5: the receiver is switched off under two hundred transfers, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.panel import Panel

from deploy.demo.journals import length_of, lines_of
from deploy.demo.player import Sent
from deploy.demo.scenario import Scene
from deploy.demo.story.account import Count, count
from deploy.demo.story.counters import Row, counters, note
from deploy.demo.story.screen import ACCENT, BAD, GOOD, QUIET, Screen
from deploy.demo.story.stage import Stage

RECEIVER: Final = "gddt"
Sums = Callable[[Count], Sequence[Row]]
"""What is shown of a count, once all of it is there."""
_TICK_S: Final = 0.1
_SEEN_AWAY_S: Final = 15.0
_ARRIVED_S: Final = 180.0


async def play(stage: Stage) -> None:
    """Stop the register, send, look at what waits; start it, and count in its own file."""
    screen = stage.screen
    scene = stage.scenario.scene("receiver-restarts")
    written = length_of(stage.city.journal(RECEIVER))
    pid = stage.processes.pid(RECEIVER)
    await stage.processes.stop(RECEIVER)
    screen.say("plug.stopped", pid=pid, count=scene.times)
    screen.space()
    sent = await _while_away(stage, scene, written)
    screen.say("plug.nobody_failed")
    await screen.pause("plug.start_again")
    await stage.processes.start(RECEIVER)
    screen.say("plug.running", pid=stage.processes.pid(RECEIVER))
    screen.space()
    await arrive(stage, [each.exchange for each in sent], written, _sums)
    seen = await stage.player.observe(scene, sent)
    screen.differences(stage.account.add(scene, seen))
    await screen.pause()


@dataclass(frozen=True, slots=True)
class _Lying:
    """Receipts given and, once the bus was asked for each: how many wait, and when the receiver is tried again."""

    receipts: int
    waiting: int | None = None
    next_trial_s: int | None = None


async def _while_away(stage: Stage, scene: Scene, written: int) -> Sequence[Sent]:
    """Send all of a scene to a receiver that is not there, until the bus has noticed it."""
    sending = [asyncio.create_task(stage.player.send(scene, number)) for number in range(scene.times)]
    try:
        with stage.screen.moving(_drawn(stage, scene, _Lying(0), written)) as drawn:
            lying = _Lying(0)
            while not all(task.done() for task in sending):
                lying = _Lying(sum(task.done() for task in sending))
                drawn.update(_drawn(stage, scene, lying, written), refresh=True)
                await asyncio.sleep(_TICK_S)
            sent = [task.result() for task in sending]
            until = asyncio.get_running_loop().time() + _SEEN_AWAY_S
            while lying.next_trial_s is None and asyncio.get_running_loop().time() < until:
                lying = await _asked(stage, scene, sent)
                drawn.update(_drawn(stage, scene, lying, written), refresh=True)
                await asyncio.sleep(_TICK_S)
    finally:
        for task in sending:
            task.cancel()
    return sent


async def _asked(stage: Stage, scene: Scene, sent: Sequence[Sent]) -> _Lying:
    """What the bus says of each receipt."""
    told = await asyncio.gather(*(stage.player.receipt(scene, each) for each in sent))
    waiting = sum(each["state"] != "settled" for each in told)
    trials = [each["receiver_away"]["next_trial_s"] for each in told if "receiver_away" in each]
    return _Lying(len(sent), waiting, trials[0] if trials else None)


def _drawn(stage: Stage, scene: Scene, lying: _Lying, written: int) -> Panel:
    screen = stage.screen
    entered = len(lines_of(stage.city.journal(RECEIVER), written))
    rows = [("plug.receipts", lying.receipts, ACCENT), ("plug.entered", entered, GOOD)]
    if lying.waiting is not None:
        rows.insert(1, ("plug.waiting", lying.waiting, "yellow"))
    breaker = screen.text("plug.breaker_closed")
    if lying.next_trial_s is not None:
        breaker = screen.text("plug.breaker_open", seconds=lying.next_trial_s, style=f"bold {BAD}")
    return screen.framed(counters(screen, rows, scene.times), note(screen, "plug.breaker", breaker))


async def arrive(stage: Stage, exchanges: Sequence[str], written: int, sums: Sums) -> None:
    """Draw the counter until all of `exchanges` are in the receiver's own file, or it takes too long; then `sums`."""
    screen = stage.screen
    until = asyncio.get_running_loop().time() + _ARRIVED_S
    journal = stage.city.journal(RECEIVER)
    counted = count(exchanges, lines_of(journal, written))
    with screen.moving(_arriving(screen, counted)) as drawn:
        while counted.delivered < counted.sent and asyncio.get_running_loop().time() < until:
            drawn.update(_arriving(screen, counted), refresh=True)
            await asyncio.sleep(_TICK_S)
            counted = count(exchanges, lines_of(journal, written))
        table = counters(screen, sums(counted), counted.sent)
        more = [screen.text("plug.recognised", count=counted.recognised, style=QUIET)] if counted.recognised else []
        style = GOOD if counted.is_whole else BAD
        drawn.update(screen.framed(table, *more, title=screen.texts("plug.counted"), style=style), refresh=True)


def _arriving(screen: Screen, counted: Count) -> Panel:
    rows = [("plug.entered", counted.delivered, GOOD)]
    return screen.framed(counters(screen, rows, counted.sent), title=screen.texts("plug.counted"))


def _sums(counted: Count) -> list[Row]:
    return [
        ("plug.entered", counted.delivered, GOOD),
        ("plug.repeats", counted.twice, BAD),
        ("plug.lost", counted.lost, BAD),
    ]
