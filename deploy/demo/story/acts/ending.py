"""Act 7: the account, what was not proved, and three lines for the person's own window."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

import orjson
from rich.table import Table
from rich.text import Text

from deploy.demo.journals import lines_of
from deploy.demo.story.account import count
from deploy.demo.story.acts.plug import RECEIVER
from deploy.demo.story.paths import as_typed
from deploy.demo.story.screen import ACCENT, BAD, GOOD, QUIET
from deploy.demo.story.stage import Stage
from gateway.wiring.issue import issue_token

_LOOKUP: Final = "population.person-lookup"
_DAY_S: Final = 86_400
_OUTCOMES: Final = ("delivered", "data", "no_data", "withheld", "refused", "other")


async def play(stage: Stage) -> None:
    """Add up, say what is still open, and stay until the person leaves."""
    screen = stage.screen
    _add_up(stage)
    screen.say("ending.not_proved")
    await screen.pause()
    screen.turn_page()
    screen.say("ending.paste")
    screen.space()
    for name, line in zip(("trace", "send", "curl"), lines_to_paste(stage), strict=True):
        screen.say(f"ending.{name}")
        # Not broken by us: what is copied from the terminal is one line.
        screen.console.print(Text(line, style=ACCENT), soft_wrap=True)
        screen.space()
    await screen.pause("ending.stays")


def lines_to_paste(stage: Stage) -> tuple[str, str, str]:
    """A trace of the last pupil, a look-up by the command line, and one by curl with a token of a day."""
    workspace, example = stage.city.workspace, Path("contracts", _LOOKUP, "examples", "request.json")
    officer, case = _asked_for(stage)
    last = stage.account.seen[-1].exchange
    # Whatever the terminal or the workspace speaks: what is pasted goes on in the language of the story.
    language = stage.screen.texts.language
    trace = f"{stage.command} --lang {language} trace {last} -C {as_typed(workspace)}"
    send = (
        f"{stage.command} send {_LOOKUP} {as_typed(workspace / example)} --as motcua-hoi-an "
        f"--env-file {as_typed(stage.city.data / 'demo.env')} --end-user {officer} --case-ref {case} --lang {language}"
    )
    headers = {
        "Authorization": f"Bearer {issue_token(workspace, 'motcua-hoi-an', _DAY_S)}",
        "Content-Type": "application/json",
        "End-User": officer,
        "Case-Ref": case,
    }
    told = " ".join(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items())
    body = shlex.quote(orjson.dumps(stage.scenario.scene("known-to-the-year").send).decode())
    return trace, send, f"curl -sS {stage.city.url}/exchange/{_LOOKUP} {told} -d {body} -w '\\n'"


def _asked_for(stage: Stage) -> tuple[str, str]:
    """The officer and the case of the look-ups in this story."""
    headers = stage.scenario.headers(stage.scenario.scene("known-to-the-year"))
    return headers["End-User"], headers["Case-Ref"]


def _add_up(stage: Stage) -> None:
    """The bus's side and the register's side of the same transfers; each is a sum that has to come out."""
    screen, account = stage.screen, stage.account
    outcomes = account.outcomes()
    lines = lines_of(stage.city.journal(RECEIVER), stage.written_before)
    delivered = [each.exchange for each in account.seen if each.outcome == "delivered"]
    counted = count(delivered, lines)
    written = sum(1 for line in lines if not line.get("repeat") and "error" not in line)
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold")
    table.add_column()
    table.add_column()
    ends = [(outcomes[name], screen.texts(f"ending.{name}")) for name in _OUTCOMES if outcomes[name]]
    table.add_row(str(len(account.seen)), screen.text("ending.through"), _sum(ends))
    parts = [(counted.delivered, screen.texts("ending.by_bus")), (account.straight, screen.texts("ending.straight"))]
    table.add_row(str(written), screen.text("ending.register"), _sum(parts))
    table.add_row(str(counted.lost), screen.text("ending.lost"), "")
    table.add_row(str(counted.twice), screen.text("ending.twice"), "")
    whole = counted.is_whole and written == counted.delivered + account.straight
    whole = whole and sum(number for number, _ in ends) == len(account.seen) and not account.wrong
    if not whole:
        account.wrong.append("the account")
    verdict = screen.text(
        "ending.adds_up" if whole else "ending.does_not_add_up", style=f"bold {GOOD if whole else BAD}"
    )
    screen.frame(table, Text(), verdict, style=GOOD if whole else BAD)


def _sum(parts: list[tuple[int, str]]) -> Text:
    text = Text("= ", style=QUIET)
    for position, (number, what) in enumerate(parts):
        text.append(" + " if position else "", style=QUIET)
        text.append(str(number), style=f"bold {ACCENT}").append(f" {what}", style="default")
    return text
