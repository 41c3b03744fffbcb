"""Numbers that grow while they are watched, each with its bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from deploy.demo.story.screen import QUIET, Screen

Row = tuple[str, int, str]
"""The name of a sentence, a number, and the colour of its bar."""
_BAR: Final = 30


def counters(screen: Screen, rows: Sequence[Row], whole: int) -> Table:
    """A line for each of `rows`; a bar is full at `whole`."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, min_width=24)
    table.add_column(justify="right", no_wrap=True, min_width=len(str(whole)))
    table.add_column(width=_BAR)
    for name, number, style in rows:
        bar = ProgressBar(total=whole, completed=number, style=QUIET, complete_style=style, finished_style=style)
        table.add_row(screen.text(name), Text(str(number), style=f"bold {style}" if number else "bold"), bar)
    return table


def note(screen: Screen, name: str, said: Text) -> Table:
    """A line under counters: what, and how it stands."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, min_width=24)
    table.add_column()
    table.add_row(screen.text(name), said)
    return table
