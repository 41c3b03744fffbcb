"""Act 1: the systems come up, and what the ward list says of the day on which codes changed their meaning."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from deploy.demo.city import RECEIVERS
from deploy.demo.story.screen import ACCENT, BAD, GOOD, QUIET
from deploy.demo.story.stage import Stage
from deploy.demo.story.wards import ISLANDS, fates

_BAR: Final = 40


async def play(stage: Stage) -> None:
    """Start everything; then the numbers, counted while the person waits for them."""
    screen = stage.screen
    screen.say("opening.fictitious")
    screen.space()
    await _come_up(stage)
    screen.space()
    name, password = stage.city.operator
    screen.say("opening.console", url=f"{stage.city.url}/console/", name=name, password=password)
    await screen.pause()
    screen.turn_page()
    found = fates(stage.wards)
    screen.say("opening.changed", old=found.old)
    screen.space()
    rows = (
        (found.ended, "ended", QUIET),
        (found.reused, "reused", BAD),
        (found.widened, "widened", "yellow"),
        (len(found.kept), "kept", GOOD),
    )
    screen.frame(_bars(stage, rows, found.old), title=screen.texts("opening.counted"))
    islands = all(row.code in ISLANDS for row in found.kept)
    names = screen.texts("opening.and").join(f"{row.name} ({row.code})" for row in found.kept)
    screen.say("opening.kept_are_islands" if islands else "opening.kept_are", names=names)
    screen.say("opening.so")
    await screen.pause()


async def _come_up(stage: Stage) -> None:
    texts = stage.screen.texts
    columns = (
        SpinnerColumn(style=ACCENT, finished_text=Text("✓", style=GOOD)),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24, style=QUIET, complete_style=ACCENT, finished_style=GOOD),
        TextColumn("{task.fields[state]}", style=QUIET),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=stage.screen.console) as progress:

        async def tick(name: str, starting: Awaitable[None]) -> None:
            await starting
            progress.update(tasks[name], completed=1, state=texts("opening.up"))

        def line(name: str) -> TaskID:
            return progress.add_task(texts.label("systems", name), total=1, state=texts("opening.starting"))

        tasks = {name: line(name) for name in (*RECEIVERS, "bus")}
        await asyncio.gather(*(tick(name, stage.processes.start(name)) for name in RECEIVERS))
        # One after the other: the bus would find nobody there, and say so.
        await tick("bus", stage.bus.start(stage.client))


def _bars(stage: Stage, rows: tuple[tuple[int, str, str], ...], whole: int) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold")
    table.add_column()
    table.add_column()
    for number, name, style in rows:
        bar = "█" * max(1, round(number / whole * _BAR * min(1.0, stage.screen.width / 100)))
        table.add_row(str(number), Text(bar, style=style), stage.screen.text(f"opening.{name}"))
    return table
