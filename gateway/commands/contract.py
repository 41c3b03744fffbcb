"""`lienthong contract …`: what a version changes, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from contracts.said import said
from gateway.commands import new
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json, say
from gateway.commands.speaking import Lang, speak, told
from gateway.wiring.contracts import Changed, NoSuchVersion, changed_between
from gateway.wiring.offline import InvalidWorkspace

_VERSION = "A version in the workspace, NAME@MAJOR or NAME@MAJOR.MINOR, or a file: request.avsc."
Old = Annotated[str, typer.Argument(metavar="OLD", help=_VERSION)]
New = Annotated[str, typer.Argument(metavar="NEW", help="The one after it, written in the same way.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Contracts: what changes, for whom, and who uses them.")
    group.command("new", help="A contract, drawn from a sample record where there is one.")(new.contract)
    group.command("diff", help="What a version changes, field by field, and whom it breaks.")(diff)
    app.add_typer(group, name="contract")


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
