"""A page that draws itself anew: its figures, and the part of it that shows them, drawn once for all who watch."""

from __future__ import annotations

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
        self._drawn: dict[Language, tuple[int, str]] = {}

    async def for_page(self, language: Language) -> str:
        """The part as a page begins with it; "" where nothing was counted yet."""
        seen = await self.feed.current(PAGE_WAIT_S)
        return "" if seen is None else self.part(seen, language)

    def part(self, seen: Seen[T], language: Language) -> str:
        """The part that shows these figures. Each version is drawn once in each language."""
        version, text = self._drawn.get(language, (0, ""))
        if version != seen.version:
            context = {**self._around(seen.figures, language), "figures": seen.figures, "is_old": seen.is_old}
            text = self._drawing.text(language, f"{self.name}_part.html", context)
            self._drawn[language] = (seen.version, text)
        return text
