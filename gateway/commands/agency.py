"""`lienthong agency …`: the agencies of a workspace, with their lives."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from contracts.agencies import agency_named, in_place_of, predecessors, qcvn_code
from contracts.catalogue import Agency
from contracts.said import said
from gateway.agencies import KINDS, agency_document, found_agencies, standing_of
from gateway.commands.days import day_option
from gateway.commands.hand_over import hand_over_
from gateway.commands.law import STANDINGS
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json, print_table, say
from gateway.commands.speaking import Lang, speak, told
from gateway.directory import Directory
from gateway.wiring.gateway import directory_of
from gateway.wiring.offline import InvalidWorkspace, load_workspace

Code = Annotated[str, typer.Argument(metavar="CODE", help="An agency's code: H17.10, or 000.00.10.H17.")]
On = Annotated[str | None, typer.Option("--on", help="The day (YYYY-MM-DD); by default today.")]
Text = Annotated[str, typer.Argument(metavar="[TEXT]", help="A code in either order, or words of the name.")]
All = Annotated[bool, typer.Option("--all", help="Those too that there are no more, or not yet.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Agencies: who there is, until when, and who took whose place.")
    group.command("list", help="The agencies of a workspace on a day.")(listed)
    group.command("show", help="One of them, and what there is of it on a day.")(show)
    group.command("hand-over", help="Have another agency go on with an agency's work; without --do, say what moves.")(
        hand_over_
    )
    app.add_typer(group, name="agency")


def listed(
    text: Text = "", directory: InDir = Path(), on: On = None, every: All = False, json: Json = False, lang: Lang = None
) -> None:
    """Exit 0; 3: the workspace has errors."""
    speak(lang)
    known, day = _known(directory, on)
    found = found_agencies(known.agencies, text, None if every else day)
    if json:
        for each in found:
            print_json(agency_document(known.agencies, each, day))
        return
    columns = [said("Code"), said("QCVN 102"), said("Agency"), said("From"), said("To"), said("Standing")]
    rows = [
        [
            each.code,
            qcvn_code(each.code) or "–",
            each.name,
            *_days(each),
            told().say(said(STANDINGS[standing_of(each, day)])),
        ]
        for each in found
    ]
    print_table(
        said("Agencies on {day}", day=day), columns, rows, empty=said("no such agency"), whole=frozenset(columns[:2])
    )


def show(code: Code, directory: InDir = Path(), on: On = None, json: Json = False, lang: Lang = None) -> None:
    """Exit 0; 1: there are several in its place on that day; 3: the workspace has errors; 4: no such agency."""
    speak(lang)
    known, day = _known(directory, on)
    agency = agency_named(known.agencies, code)
    if agency is None:
        fail(said("there is no agency {code}", code=code), Exit.NOT_FOUND)
    there = in_place_of(known.agencies, agency, day)
    if json:
        print_json(agency_document(known.agencies, agency, day))
    else:
        say(f"{agency.code} · {qcvn_code(agency.code) or '–'} · {agency.name}")
        say(said(KINDS[agency.kind]))
        first, last = _days(agency)
        say(said("from {first}, until {last}", first=first, last=last))
        _say_all(said("took the place of"), predecessors(known.agencies, agency))
        if there != (agency,):
            _say_all(said("in its place on {day}", day=day), there)
    raise typer.Exit(Exit.FAILED if len(there) > 1 else Exit.OK)


def _say_all(what: str, agencies: tuple[Agency, ...]) -> None:
    for each in agencies:
        say(said("{what}: {agency}", what=what, agency=f"{each.code} {each.name}"))


def _days(agency: Agency) -> list[str]:
    return [each.isoformat() if each else "–" for each in (agency.valid_from, agency.valid_to)]


def _known(directory: Path, on: str | None) -> tuple[Directory, date]:
    try:
        known = directory_of(load_workspace(directory))
    except InvalidWorkspace as error:
        fail(error, Exit.INVALID)
    return known, day_option("--on", on, datetime.now(known.zone).date())
