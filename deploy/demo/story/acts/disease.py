"""Act 2: one system sends straight to another, and a child is in the wrong ward without anybody noticing."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from deploy.demo.story.paths import as_typed
from deploy.demo.story.screen import ACCENT, BAD, QUIET
from deploy.demo.story.stage import Stage
from deploy.demo.story.wards import BEFORE, CHANGE, name_on
from deploy.demo.verdict import Observation

FORMER_WARD = "20404"
"""Where the child of the story lives: Cẩm Phô, until 30 June 2025."""
_FIELDS = ("maHocSinh", "hoTen", "ngaySinh", "maXa", "tenXa")


async def play(stage: Stage) -> None:
    """Send straight; then read what the register has written, in its own file."""
    screen = stage.screen
    seen = await stage.play("without-a-bus")
    sent = seen.body.get("daGui", {})
    screen.say(
        "disease.child",
        name=sent.get("hoTen", "").title(),
        old_ward=name_on(stage.wards, FORMER_WARD, BEFORE),
        ward=name_on(stage.wards, sent.get("maXa", ""), CHANGE),
        code=sent.get("maXa", ""),
    )
    screen.say("disease.straight")
    await screen.pause()
    wrote = next(iter(seen.lines.get("gddt", [])), {})
    screen.frame(_side_by_side(stage, seen, dict(wrote)), style=BAD)
    screen.say("disease.why", code=wrote.get("maXa"), wrong=wrote.get("tenXa"))
    screen.say("disease.silent")
    await screen.pause()


def _side_by_side(stage: Stage, seen: Observation, wrote: dict[str, object]) -> Table:
    screen = stage.screen
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(ratio=5)
    table.add_column(justify="center", no_wrap=True)
    table.add_column(ratio=6)
    table.add_row(screen.text("disease.sent", style="bold"), "", screen.text("disease.wrote", style="bold"))
    read_from = screen.text("disease.read_from", file=as_typed(stage.city.journal("gddt")), style=QUIET)
    table.add_row("", "", read_from)
    sent = seen.body.get("daGui", {})
    for name in _FIELDS:
        arrow = Text("──▶" if name in sent else "", style=QUIET)
        table.add_row(_field(name, sent.get(name)), arrow, _field(name, wrote.get(name)))
    answer = seen.body.get("traLoi", {})
    message = f"{answer.get('message')}, {answer.get('maTiepNhan')}"
    table.add_row("", "", "")
    table.add_row("", "", screen.text("disease.answered", message=message, style=QUIET))
    return table


def _field(name: str, value: object) -> Text:
    if value is None:
        return Text()
    style = f"bold {ACCENT}" if name == "maXa" else f"bold {BAD}" if name == "tenXa" else ""
    return Text.assemble((f"{name}: ", QUIET), (str(value), style))
