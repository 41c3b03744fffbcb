"""`lienthong law …`: legal documents as data, what rests on them, and what lapses."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from contracts.laws import Law, Standing
from contracts.said import N_, said
from contracts.spelling import meant
from gateway.commands.days import day_option
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json, print_table, say
from gateway.commands.speaking import Lang, speak, told
from gateway.directory import Directory
from gateway.grounds import law_document, resting_on, resting_on_lapses
from gateway.wiring.gateway import directory_of
from gateway.wiring.laws import add, entries
from gateway.wiring.offline import InvalidWorkspace, load_workspace

_WIDE = 150
STANDINGS = {
    Standing.IN_FORCE: N_("in force"),
    Standing.NOT_YET: N_("not yet in force"),
    Standing.ENDED: N_("no longer in force"),
}

On = Annotated[str | None, typer.Option("--on", help="The day (YYYY-MM-DD); by default today.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="ID …", help="The entries; without any, the whole list.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Legal documents: what grants rest on, and until when.")
    group.command("list", help="The documents of a workspace, how each stands, and what rests on it.")(listed)
    group.command("add", help="Take documents from the list that comes with the bus into a workspace.")(added)
    app.add_typer(group, name="law")


def listed(directory: InDir = Path(), on: On = None, json: Json = False, lang: Lang = None) -> None:
    """Exit 0; 1: a grant rests on what is not in force; 3: the workspace has errors."""
    speak(lang)
    known = _directory(directory)
    day = day_option("--on", on, datetime.now(known.zone).date())
    lapsing = list(resting_on_lapses(known.grants, known.laws, day))
    if json:
        for law in known.laws.by_id.values():
            grants = [grant.id for grant in resting_on(known.grants, law.id)]
            print_json({**law_document(law, known.laws, day), "grants": grants})
    else:
        columns = [said("Law"), said("Document"), said("From"), said("To"), said("Standing"), said("Rests on it")]
        rows = [_row(known, law, day) for law in known.laws.by_id.values()]
        empty = said("No laws yet: `lienthong law add` takes the list that comes with the bus.")
        print_table(said("Laws on {day}", day=day), columns, rows, empty=empty, whole=frozenset(columns[:4]))
        for each in lapsing:
            name = known.laws.words(each.lapse.citation)
            words = said(
                "{grant} ({system} → {contract}) rests on {name}: {standing}, {day}",
                grant=each.grant.id,
                system=each.grant.system,
                contract=each.grant.contract,
                name=name,
                standing=said(STANDINGS[each.lapse.standing])
                if each.lapse.standing is not Standing.IN_FORCE
                else said("in force until"),
                day=each.lapse.day,
            )
            say(words, colour=typer.colors.YELLOW)
    not_in_force = [each for each in lapsing if each.lapse.standing is not Standing.IN_FORCE]
    raise typer.Exit(Exit.FAILED if not_in_force else Exit.OK)


def added(ids: Ids = None, directory: InDir = Path(), json: Json = False, lang: Lang = None) -> None:
    """Exit 0; 1: the whole list is there already; 3: the workspace has errors; 4: no such entry."""
    speak(lang)
    strange = [each for each in ids or () if each not in entries()]
    if strange:
        remedy = meant(strange[0], list(entries()), said("laws"))
        fail(
            said("the list that comes with the bus has no {law}: {remedy}", law=strange[0], remedy=remedy),
            Exit.NOT_FOUND,
        )
    try:
        taken = add(directory, ids or ())
    except FileExistsError as error:
        fail(said("{file} exists; name the entries to add to it", file=error.args[0]))
    except InvalidWorkspace as error:
        fail(error, Exit.INVALID)
    except OSError as error:
        fail(said("it cannot be written: {error}", error=error))
    if json:
        print_json({"added": taken})
    elif taken:
        say(said("added: {laws}", laws=", ".join(taken)), colour=typer.colors.GREEN)
    else:
        say(said("nothing to add: the workspace has them all"))


def _directory(root: Path) -> Directory:
    try:
        return directory_of(load_workspace(root))
    except InvalidWorkspace as error:
        fail(error, Exit.INVALID)


def _row(known: Directory, law: Law, day: date) -> list[str]:
    here = told()
    days = [each.isoformat() if each else "–" for each in (law.term.valid_from, law.term.valid_to)]
    grants = ", ".join(grant.id for grant in resting_on(known.grants, law.id))
    name = here.say(law.name) + ("" if law.confirmed else " (?)")
    # What it is about is worth a line where there is room for it.
    if Console().width >= _WIDE:
        name += f"\n{law.title[here.language]}"
    return [law.id, name, *days, here.say(said(STANDINGS[law.term.standing(day)])), grants or "–"]
