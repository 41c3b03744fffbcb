"""`lienthong contract …`: what a version changes, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from contracts.said import N_, said
from gateway.commands import new
from gateway.commands.completion import contract_names
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json, print_table, say
from gateway.commands.speaking import Lang, speak, told
from gateway.wiring.contracts import Changed, NoSuchVersion, advice_on, changed_between
from gateway.wiring.offline import InvalidWorkspace
from gateway.wiring.operator import NotDone, open_desk

_ROLES: Final = {
    "granted": N_("has a grant"),
    "publisher": N_("publishes"),
    "former": N_("no grant any more"),
}
_VERSION = "A version in the workspace, NAME@MAJOR or NAME@MAJOR.MINOR, or a file: request.avsc."
Old = Annotated[str, typer.Argument(metavar="OLD", help=_VERSION)]
New = Annotated[str, typer.Argument(metavar="NEW", help="The one after it, written in the same way.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Contracts: what changes, for whom, and who uses them.")
    group.command("new", help="A contract, drawn from a sample record where there is one.")(new.contract)
    group.command("users", help="Who uses which version, and when last.")(users)
    group.command("lint", help="What contracts lack to be found and understood by everybody.")(lint)
    group.command("diff", help="What a version changes, field by field, and whom it breaks.")(diff)
    app.add_typer(group, name="contract")


def lint(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME …", help="Without any: all of them.", autocompletion=contract_names),
    ] = None,
    directory: InDir = Path(),
    json: Json = False,
    lang: Lang = None,
) -> None:
    """Exit 0: nothing to be said; 1: there is advice; 3: the workspace has errors; 4: there is no such contract."""
    speak(lang)
    try:
        found = advice_on(directory, names or [])
    except NoSuchVersion as error:
        fail(error, Exit.NOT_FOUND)
    except InvalidWorkspace as error:
        fail(error, Exit.INVALID)
    here = told()
    for file, advice in found:
        if json:
            parts = {"message": here.say(advice.message), "remedy": here.say(advice.remedy)}
            print_json({"file": file, "pointer": advice.pointer, **parts})
        else:
            place = f"{file} {advice.pointer}".rstrip()
            say(said("{place}: {message}\n    → {remedy}", place=place, message=advice.message, remedy=advice.remedy))
    if not json:
        say(said("{count} pieces of advice", count=len(found)))
    raise typer.Exit(Exit.FAILED if found else Exit.OK)


def users(
    name: Annotated[str, typer.Argument(metavar="NAME", autocompletion=contract_names)],
    days: Annotated[int, typer.Option("--days", help="How far back it is counted.", min=1, max=3660)] = 90,
    directory: InDir = Path(),
    json: Json = False,
    lang: Lang = None,
) -> None:
    """Exit 0; 4: there is no such contract; 5: the bus cannot be reached."""
    speak(lang)
    try:
        with open_desk(directory, told().language) as desk:
            found = desk.call("GET", f"/operate/contracts/{quote(name, safe='')}/users", params={"days": days})
    except NotDone as error:
        fail(error, Exit(error.exit_code))
    if json:
        print_json(found)
        return
    rows = [_user(version, user) for version in found["versions"] for user in (*version["users"], *version["former"])]
    columns = [said("version"), said("system"), said("role"), said("times"), said("last (UTC)"), said("ends on")]
    print_table(said("Who uses {contract}", contract=name), columns, rows, empty=said("nobody uses it"))


def _user(version: dict[str, Any], user: dict[str, Any]) -> list[str]:
    role = said(_ROLES[user.get("role", "former")])
    last = "–" if user["last"] is None else user["last"][:19].replace("T", " ")
    times = "–" if user["count"] is None else str(user["count"])
    return [f"v{version['major']}", user["system"], told().say(role), times, last, version.get("sunset", "–")]


def diff(old: Old, new_: New, directory: InDir = Path(), json: Json = False, lang: Lang = None) -> None:
    """Exit 0: nobody is broken; 1: somebody is; 2: one is no schema; 3: the workspace has errors; 4: there is none."""
    speak(lang)
    try:
        found = changed_between(directory, old, new_)
    except NoSuchVersion as error:
        fail(error, Exit.NOT_FOUND)
    except InvalidWorkspace as error:
        fail(error, Exit.INVALID)
    except ValueError as error:
        fail(error, Exit.USAGE)
    if json:
        print_json([_document(each) for each in found])
    else:
        _tell(found)
    raise typer.Exit(Exit.FAILED if any(each.change.breaks for each in found) else Exit.OK)


def _tell(found: Sequence[Changed]) -> None:
    if not found:
        say(said("nothing differs"))
    for each in found:
        breaks = bool(each.change.breaks)
        words = said("{part}: {change}", part=each.part, change=each.words())
        say(words, colour=typer.colors.RED if breaks else typer.colors.GREEN)


def _document(changed: Changed) -> dict[str, object]:
    return {
        "part": changed.part,
        "pointer": changed.change.pointer,
        "breaks": sorted(changed.change.breaks),
        "systems": list(changed.systems),
        "words": told().say(changed.words()),
    }
