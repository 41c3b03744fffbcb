"""`lienthong check --on DAY`."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import typer

from contracts.said import said
from contracts.speech import Speech
from gateway.commands.days import day_option
from gateway.commands.finding import coloured, finding_document
from gateway.commands.output import Exit, fail, print_json, say
from gateway.commands.speaking import told
from gateway.wiring.codelists import today_in
from gateway.wiring.offline import InvalidWorkspace
from gateway.wiring.outlook import Ahead, ahead


def look_ahead(directory: Path, on: str, *, json: bool) -> NoReturn:
    """Tell what will not work on that day. Exit 0: all will; 1: something will not; 2: no such day; 3: it has errors
    now."""
    here = told()
    today = today_in(directory)
    day = day_option("--on", on, today)
    if day < today:
        fail(said("--on: {day} is over; give today or a day to come", day=day), Exit.USAGE)
    try:
        found = ahead(directory, day, today)
    except InvalidWorkspace as error:
        fail(error, Exit.INVALID)
    if json:
        print_json([_document(each, here) for each in found])
    else:
        for each in found:
            coloured(each.finding, here)
        verdict = said("{directory} on {day}: {count} will not hold", directory=directory, day=day, count=len(found))
        say(verdict, colour=typer.colors.RED if found else typer.colors.GREEN)
    raise typer.Exit(Exit.FAILED if found else Exit.OK)


def _document(each: Ahead, here: Speech) -> dict[str, object]:
    broken = each.broken
    told_of = {"subject": broken.subject, "name": broken.name, "on": broken.day, "stops": broken.stops}
    return finding_document(each.finding, here) | told_of
