"""What the person sees: a title for each act, sentences, frames in quiet colours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.box import ROUNDED
from rich.console import Console, Group, RenderableType
from rich.control import Control
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.segment import ControlType
from rich.text import Text

from deploy.demo.story.keyboard import Keyboard
from deploy.demo.story.texts import Texts

ACCENT: Final = "cyan"
GOOD: Final = "green"
BAD: Final = "red"
QUIET: Final = "bright_black"
_WIDEST: Final = 100
_LOW: Final = 30
"""A terminal of fewer rows has none to spare for the air in frames."""
_MARGIN: Final = (0, 0, 0, 2)


class Screen:
    """Draws on a terminal, and waits for the person at it."""

    def __init__(self, console: Console, keyboard: Keyboard, texts: Texts) -> None:
        self.console = console
        self.keyboard = keyboard
        self.texts = texts
        self._head = Text()

    @property
    def width(self) -> int:
        """How wide frames are: a line that is too long is not read."""
        return min(self.console.width, _WIDEST)

    @property
    def is_low(self) -> bool:
        """Whether a page has to be short to be seen whole."""
        return self.console.height < _LOW

    def open_act(self, number: int, acts: int, name: str) -> None:
        """A page with the title of an act."""
        self._head = Text.assemble(
            (self.texts("story.act", number=number, all=acts), QUIET),
            ("   ", ""),
            (self.texts(f"{name}.title"), f"bold {ACCENT}"),
        )
        if number == 1:
            self._print_head()
        else:
            self.turn_page()

    def turn_page(self) -> None:
        """A new page under the same title; the old one stays above."""
        self.console.print("\n" * (self.console.height - 1))
        self.console.control(Control.home())
        self._print_head()

    def _print_head(self) -> None:
        self.console.print(Rule(self._head, align="left", style=QUIET), width=self.width)
        self.console.print()

    def say(self, name: str, /, **values: object) -> None:
        """A sentence."""
        self.console.print(Padding(Text.from_markup(self.texts(name, **values)), _MARGIN), width=self.width)

    def text(self, name: str, /, style: str = "", **values: object) -> Text:
        """A sentence, to be put into a frame."""
        return Text.from_markup(self.texts(name, **values), style=style)

    def frame(self, *parts: RenderableType, title: str = "", style: str = QUIET) -> None:
        """The frame of an act."""
        self.console.print(self.framed(*parts, title=title, style=style))

    def framed(self, *parts: RenderableType, title: str = "", style: str = QUIET) -> Panel:
        """The same, to be drawn by somebody else."""
        head = Text(title, style="bold") if title else None
        return Panel(
            Group(*parts),
            title=head,
            title_align="left",
            border_style=style,
            box=ROUNDED,
            width=self.width,
            padding=(0 if self.is_low else 1, 2),
        )

    def space(self) -> None:
        """An empty line."""
        self.console.print()

    def differences(self, found: list[str]) -> None:
        """What was not as it should have been, where there is anything."""
        if found:
            lines = [
                self.text("story.unexpected", style="bold"),
                *(Text(self.texts.say(each)) for each in dict.fromkeys(found[:5])),
            ]
            self.frame(*lines, style=BAD)

    @contextmanager
    def moving(self, first: RenderableType) -> Iterator[Live]:
        """A part that is drawn again in its place with `update(…, refresh=True)`."""
        with Live(first, console=self.console, auto_refresh=False) as live:
            yield live

    async def pause(self, name: str = "story.enter", /, **values: object) -> None:
        """Wait for Enter, with a line that says so and goes away. Left."""
        with self.asking(name, **values):
            await self.keyboard.enter()

    @contextmanager
    def asking(self, name: str, /, **values: object) -> Iterator[None]:
        """A line that asks for a key, and goes away. What was pressed before it is forgotten."""
        self.keyboard.forget()
        hint = Text.assemble(("  ⏎  ", ACCENT), (self.texts(name, **values), QUIET))
        self.console.print()
        self.console.print(hint, end="")
        try:
            yield
        finally:
            self.console.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))
