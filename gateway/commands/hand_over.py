"""`lienthong agency hand-over A B`: another agency goes on with an agency's work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.said import N_, said
from gateway.commands.configure import confirm, desk_at, disk_at
from gateway.commands.days import day_option
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json, say
from gateway.commands.speaking import Lang, speak, told
from gateway.wiring.codelists import today_in
from gateway.wiring.hand_over import CannotHandOver, Messages, Prospect, hand_over, planned, prospect
from gateway.wiring.operator import NotDone

Before = Annotated[str, typer.Argument(metavar="FROM", help="The code of the agency that ends, in either order.")]
After = Annotated[str, typer.Argument(metavar="TO", help="The code of the agency that goes on.")]
Heirs = Annotated[
    list[str] | None,
    typer.Option(
        "--system",
        metavar="OLD=NEW",
        help="NEW, a system of TO, goes on with the work of OLD; systems that are not named move as they are.",
    ),
]
Until = Annotated[
    str, typer.Option("--until", help="The first day on which old names are not answered any more (YYYY-MM-DD).")
]
On = Annotated[str | None, typer.Option("--on", help="The day on which it happens; by default today.")]
Do = Annotated[bool, typer.Option("--do", help="Do it; else it is only told what would move.")]
Message = Annotated[str, typer.Option("-m", "--message", help="Why; it is written to the log.")]
Wait = Annotated[float, typer.Option("--wait", help="Seconds to wait for every process to confirm.")]

_PARTS: Mapping[str, str] = {
    "systems": N_("systems"),
    "services": N_("services"),
    "publishers": N_("events published"),
    "grants_held": N_("rights of use held"),
    "grants_given": N_("rights of use given"),
    "subscriptions": N_("subscriptions"),
}


def hand_over_(
    before: Before,
    after: After,
    until: Until,
    system: Heirs = None,
    on: On = None,
    do: Do = False,
    message: Message = "",
    wait: Wait = 30.0,
    directory: InDir = Path(),
    json: Json = False,
    lang: Lang = None,
) -> None:
    """Exit 0: told, or done and every live process goes by it; 1: it is current, but some do not; 2: it cannot be done
    like that; 3: the workspace has errors, or the bus refuses it; 5: no bus can be reached; 6: somebody was first."""
    speak(lang)
    disk = disk_at(directory)
    today = today_in(directory)
    days = day_option("--on", on, today), day_option("--until", until, today)
    with desk_at(directory) as desk:
        try:
            plan = planned(_workspace(disk), (before, after), _pairs(system or ()), days)
            found = prospect(desk, disk, plan)
            if not json:
                _print(found)
            if not do:
                _tell_only(found, json=json)
            why = message or f"hand-over {plan.before.code} → {plan.after.code}"
            before = told().say(said("what ran before: {act}", act=why))
            made = hand_over(desk, directory, disk, found, Messages(why, before))
        except CannotHandOver as error:
            fail(error, Exit.USAGE)
        except NotDone as error:
            fail(error, Exit(error.exit_code))
        confirm(desk, made, wait, json)


def _workspace(disk: Any) -> Any:
    return disk.workspace


def _tell_only(found: Prospect, *, json: bool) -> None:
    if json:
        print_json(_document(found))
    else:
        say(said("nothing was changed; --do does it"))
    raise typer.Exit(Exit.OK)


def _pairs(given: list[str] | tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in given:
        old, equals, new = each.partition("=")
        if not equals or not old or not new or old in found:
            fail(said("--system: write OLD=NEW, each once; not {given}", given=each), Exit.USAGE)
        found[old] = new
    return found


def _print(found: Prospect) -> None:
    plan = found.plan
    say(f"{plan.before.code} {plan.before.name} → {plan.after.code} {plan.after.name}")
    document = _document(found)
    for name, words in _PARTS.items():
        names = document[name]
        say(said("{what}: {names}", what=said(words), names=", ".join(names) or "–"))
    for system in found.moving.systems:
        heir = plan.heirs.get(system)
        count = found.waiting.get(system, 0)
        if heir is None:
            say(said("  {system} moves as it is, with {count} messages that wait", system=system, count=count))
        else:
            goes_on = said("  {heir} goes on with {system}", heir=heir, system=system)
            say(said("{goes_on}, and with {count} messages that wait", goes_on=goes_on, count=count))
    say(said("old names are answered until {day}, with Deprecation and Link; then 410", day=plan.until))


def _document(found: Prospect) -> dict[str, Any]:
    plan, moves = found.plan, found.moving
    lists: dict[str, tuple[str, ...]] = {
        "systems": moves.systems,
        "services": moves.services,
        "publishers": moves.publishers,
        "grants_held": moves.grants_held,
        "grants_given": moves.grants_given,
        "subscriptions": found.subscriptions,
    }
    days: dict[str, date] = {"on": plan.on, "until": plan.until}
    return {
        "from": plan.before.code,
        "to": plan.after.code,
        **days,
        **{name: list(each) for name, each in lists.items()},
        "heirs": dict(plan.heirs),
        "waiting": dict(found.waiting),
    }
