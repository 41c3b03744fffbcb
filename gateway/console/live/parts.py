"""The console's live screens, joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from contracts.wording import Language
from gateway.board import Board
from gateway.console.drawing import Drawing
from gateway.console.live.feed import Feed
from gateway.console.live.map_figures import MapFigures, MapReading
from gateway.console.live.map_layout import BOX, WIDTH, lay_out
from gateway.console.live.now_figures import NowFigures, NowReading
from gateway.console.live.screen import Screen
from gateway.console.live.standings import FLOWS, IDLE, PAUSED, PULLS, RETRIES, TROUBLED
from gateway.context import Gateway

LEGEND: Final = (FLOWS, RETRIES, TROUBLED, PAUSED, IDLE)
LINES: Final = {**{badge: f"k{number}" for number, badge in enumerate(LEGEND, 1)}, PULLS: "k5"}
"""The pattern of each kind of line, as live.css draws it."""
_MOST_LINES: Final = 100
_NOW_EVERY_S: Final = 1.0
_MAP_EVERY_S: Final = 3.0


class Live:
    """*Now* and *Map*: what they read, and for how long."""

    def __init__(self, gateway: Gateway, board: Board, drawing: Drawing) -> None:
        self._gateway = gateway
        self.now: Screen[NowFigures] = Screen(
            "now", Feed(NowReading(gateway, board).read, _NOW_EVERY_S), drawing, self._around_now
        )
        self.map: Screen[MapFigures] = Screen(
            "map", Feed(MapReading(gateway, board).read, _MAP_EVERY_S), drawing, self._around_map
        )

    def let_go(self) -> None:
        """Let all who watch go: the process is about to end."""
        self.now.feed.let_go()
        self.map.feed.let_go()

    def _around_now(self, _figures: NowFigures, language: Language) -> Mapping[str, Any]:
        return self._names(language)

    def _around_map(self, figures: MapFigures, language: Language) -> Mapping[str, Any]:
        return {
            **self._names(language),
            "layout": lay_out(figures, self._gateway.directory(), language),
            "shown": figures.shown(_MOST_LINES),
            "width": WIDTH,
            "box": BOX,
            "bus": self._gateway.directory().bus,
            "legend": LEGEND,
            "lines": LINES,
        }

    def _names(self, language: Language) -> dict[str, Mapping[str, str]]:
        directory = self._gateway.directory()
        return {
            "names": directory.names(),
            "titles": directory.titles(language),
        }
