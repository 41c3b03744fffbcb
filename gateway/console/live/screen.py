"""A page that draws itself anew: its figures, and the part of it that shows them, drawn once for all who watch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

from contracts.wording import Language
from gateway.console.drawing import Drawing
from gateway.console.live.feed import Feed, Seen

PAGE_WAIT_S: Final = 0.06
"""A page waits no longer for figures than this; without any it says that they are being counted."""

T = TypeVar("T")


class Screen(Generic[T]):
    """`feed`, and the template of its part. `around` is what the template needs beside the figures."""

    def __init__(
        self, name: str, feed: Feed[T], drawing: Drawing, around: Callable[[T, Language], Mapping[str, Any]]
    ) -> None:
        self.name = name
        self.feed = feed
        self._drawing = drawing
        self._around = around
        self._drawn: dict[Language, tuple[int, asyncio.Task[str]]] = {}

    async def for_page(self, language: Language) -> str:
        """The part as a page begins with it; "" where nothing was counted yet."""
        seen = await self.feed.current(PAGE_WAIT_S)
        return "" if seen is None else await self.part(seen, language)

    async def part(self, seen: Seen[T], language: Language) -> str:
        """The part that shows these figures. Each version is drawn once in each language, whoever asks first."""
        drawn = self._drawn.get(language)
        if drawn is None or drawn[0] != seen.version:
            # In a thread: a map of sixty systems takes long enough for a query to notice.
            drawn = seen.version, asyncio.create_task(asyncio.to_thread(self._draw, seen, language))
            self._drawn[language] = drawn
        return await asyncio.shield(drawn[1])

    def _draw(self, seen: Seen[T], language: Language) -> str:
        context = {**self._around(seen.figures, language), "figures": seen.figures, "is_old": seen.is_old}
        text = self._drawing.text(language, f"{self.name}_part.html", context)
        # How the template is indented is nobody's business: it would be a fifth of what is sent each second.
        return "\n".join(line for each in text.splitlines() if (line := each.strip()))
