"""What was played, as a table for people: each scene, how often, and how it ended in the vocabulary's words."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from contracts.outcome import Outcome
from contracts.speech import Speech
from deploy.demo.player import Played
from deploy.demo.scenario import Scene
from deploy.demo.story.texts import CONTEXT
from deploy.demo.verdict import PROBLEM_PREFIX, Observation
from gateway.console.cells import OUTCOMES
from gateway.problems import KINDS

_MOST = 5


class PlayedTable:
    """A row for each scene, in the language of `here`."""

    def __init__(self, here: Speech) -> None:
        self._here = here
        self.table = Table(title=here.gettext("The model city"), title_justify="left", header_style="bold")
        for column in ("", here.gettext("scene"), here.gettext("times"), here.gettext("outcome")):
            self.table.add_column(column, overflow="fold")

    def add(self, played: Played, wrong: Sequence[str]) -> None:
        """The row of a scene; `wrong` is what was not as expected of it."""
        scene = played.scene
        ends = ", ".join(sorted({self._ended(scene, seen) for seen in played.seen}))
        shown = "".join(f"\n[red]{escape(self._here.say(each))}[/red]" for each in dict.fromkeys(wrong[:_MOST]))
        mark = "[red]✗[/red]" if wrong else "[green]✓[/green]"
        self.table.add_row(mark, self._here.pgettext(CONTEXT, scene.title), str(len(played.seen)), escape(ends) + shown)

    def _ended(self, scene: Scene, seen: Observation) -> str:
        """The outcome, else the title of the problem. An account of many exchanges has no end of its own."""
        if seen.outcome is not None:
            return self._here.gettext(OUTCOMES[Outcome(seen.outcome)].words)
        kind = KINDS.get(str(seen.body.get("type")).removeprefix(PROBLEM_PREFIX))
        if kind is not None:
            return self._here.gettext(kind.title)
        return f"HTTP {seen.status}" if seen.exchange or scene.play == "direct" else "—"
