"""Act 3: three look-ups, and three answers that are never mistaken for each other."""

from __future__ import annotations

from rich.console import Group
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from deploy.demo.story.screen import ACCENT, GOOD, QUIET
from deploy.demo.story.stage import Stage
from deploy.demo.story.wards import CHANGE, name_on
from deploy.demo.verdict import Observation

_SHOWN = ("person_id", "full_name", "birth_date", "home_ward")


async def play(stage: Stage) -> None:
    """Ask for three people; show all answers in one frame."""
    screen = stage.screen
    screen.say("asking.intro")
    screen.space()
    found = await stage.play("known-to-the-year")
    await stage.play("not-found")
    kept = await stage.play("withheld")
    screen.frame(
        _head(stage, "data", GOOD),
        _record(stage, found),
        Rule(style=QUIET),
        _head(stage, "no_data", ACCENT),
        screen.text("asking.nobody"),
        Rule(style=QUIET),
        _head(stage, "withheld", "yellow"),
        _why(stage, kept),
    )
    screen.say("asking.so")
    await screen.pause()


def _head(stage: Stage, name: str, style: str) -> Text:
    return Text.assemble(("● ", style), (stage.screen.texts(f"asking.{name}"), f"bold {style}"))


def _record(stage: Stage, seen: Observation) -> Group:
    screen, texts = stage.screen, stage.screen.texts
    record = seen.body.get("record") or {}
    table = _grid()
    for name in _SHOWN:
        value = str(record.get(name, ""))
        said = Text(value)
        if name == "birth_date" and len(value) == len("1952"):
            said = screen.text("asking.year_only", value=value)
        if name == "home_ward":
            said = Text(f"{value} {name_on(stage.wards, value, CHANGE)}")
        table.add_row(texts.label("fields", name), said)
    withheld = [each["path"] for each in seen.body.get("withheld", [])]
    fields = ", ".join(texts.label("fields", path.strip("/")) for path in withheld)
    table.add_row(texts("asking.kept_back"), screen.text("asking.not_granted", fields=fields, style="yellow"))
    return Group(table)


def _why(stage: Stage, seen: Observation) -> Table:
    table = _grid()
    table.add_row(stage.screen.texts("asking.reason"), Text(str(seen.body.get("reason", ""))))
    table.add_row(stage.screen.texts("asking.ground"), Text(str(seen.body.get("ground", ""))))
    return table


def _grid() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style=QUIET, no_wrap=True)
    table.add_column()
    return table
