"""`lienthong diff|apply|rollback|config`: what a running bus goes by, changed without a restart.

They speak to the running bus with an operator's token, minted by whoever can read the token key; where none runs, they
take the log's lock, and the bus that starts next goes by what was applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from contracts.said import N_, said
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json, print_table, say
from gateway.commands.speaking import Lang, speak, told
from gateway.wiring import applying
from gateway.wiring.applying import Broken, Compared, difference_words
from gateway.wiring.operator import NotDone, OperatorDesk, open_desk

Wait = Annotated[float, typer.Option("--wait", help="How many seconds to wait for every process.", min=0, max=600)]
Id = Annotated[str, typer.Argument(metavar="ID", help="A configuration; its first characters do (at least four).")]
_WHOLE: Final = frozenset({"id", "time (UTC)"})
_SHOWN: Final = {
    "id": N_("id"),
    "parent": N_("the one before"),
    "author": N_("applied by"),
    "time": N_("time (UTC)"),
    "message": N_("why"),
    "content": N_("hash of its files"),
}
_SHORT: Final = 12


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("diff", help="Say in words what applying this workspace would change.")(diff)
    app.command("apply", help="Make this workspace what the running bus goes by.")(apply)
    app.command("rollback", help="Apply once more what was applied before.")(rollback)
    group = typer.Typer(no_args_is_help=True)
    group.command("log", help="What was applied: by whom, when, why, and which processes go by it.")(log)
    group.command("show", help="One of them: its files, and which processes go by it.")(show)
    app.add_typer(group, name="config", help="What was applied.")


def diff(
    directory: InDir = Path(),
    base: Annotated[str | None, typer.Option("--from", metavar="ID", help="Compare with this one instead.")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Exit 0: nothing would change; 1: something would; 2 and above: it cannot be said."""
    speak(lang)
    disk = disk_at(directory)
    with desk_at(directory) as desk:
        compared = _told(lambda: applying.compare(desk, disk, base))
    if json:
        print_json(_document(compared))
    else:
        _print_differences(compared)
    raise typer.Exit(Exit.OK if compared.same else Exit.FAILED)


def apply(
    message: Annotated[str, typer.Option("-m", "--message", help="Why; it is written to the log.", prompt="Why")],
    directory: InDir = Path(),
    wait: Wait = 30.0,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Exit 0: every live process goes by it; 1: it is current, but some do not; 3: it is refused, and nothing was
    changed; 5: the bus cannot be reached; 6: somebody else was first."""
    speak(lang)
    disk = disk_at(directory)
    with desk_at(directory) as desk:
        compared = _told(lambda: applying.compare(desk, disk))
        if not json:
            _print_differences(compared)
        if compared.same and compared.base is not None:
            _finish(compared.base, [], json, nothing=True)
        made = _told(lambda: applying.apply(desk, disk, message, _progress(json)))
        confirm(desk, made, wait, json)


def rollback(
    configuration: Annotated[str | None, typer.Argument(metavar="ID", help="Else the one before the current.")] = None,
    directory: InDir = Path(),
    message: Annotated[str | None, typer.Option("-m", "--message", help="Why; else what it goes back to.")] = None,
    wait: Wait = 30.0,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Exit codes as of `apply`; 4: there is no such configuration. The workspace on disk stays as it is."""
    speak(lang)
    with desk_at(directory, whatever_is_on_disk=True) as desk:
        made = _told(lambda: applying.roll_back(desk, configuration, message))
        confirm(desk, made, wait, json)


def log(directory: InDir = Path(), lang: Lang = None, json: Json = False) -> None:
    """Exit 0, whether anything was applied or not."""
    speak(lang)
    with desk_at(directory, whatever_is_on_disk=True) as desk:
        found = _told(lambda: applying.log_of(desk))
    if json:
        print_json(found)
        return
    rows = [
        [each["id"][:_SHORT], _second(each["time"]), each["author"], each["message"], "✓" if number == 0 else ""]
        for number, each in enumerate(found["history"])
    ]
    columns = [said("id"), said("time (UTC)"), said("applied by"), said("why"), said("current")]
    print_table(said("Applied"), columns, rows, empty=said("nothing was ever applied"), whole=_WHOLE)
    if rows:
        _print_processes(found["processes"])


def show(configuration: Id, directory: InDir = Path(), lang: Lang = None, json: Json = False) -> None:
    """Exit 0; 4: there is no such configuration."""
    speak(lang)
    with desk_at(directory, whatever_is_on_disk=True) as desk:
        found = _told(lambda: applying.show(desk, configuration))
    if json:
        print_json(found)
        return
    here = told()
    for name, called in _SHOWN.items():
        typer.echo(f"{here.gettext(called):>16}  {found[name] or '–'}")
    for file in found["files"]:
        typer.echo(f"{'':>16}  {file['name']}")
    _print_processes(found["processes"])


def confirm(desk: OperatorDesk, made: dict[str, Any], wait_s: float, json: bool) -> None:
    def waiting(processes: Sequence[dict[str, Any]]) -> None:
        left = [each["instance"] for each in processes if each["stand"] == "pending"]
        say(said("waiting for: {names}", names=", ".join(left)), err=True, colour=typer.colors.BRIGHT_BLACK)

    processes = _told(lambda: applying.wait_for_all(desk, made["id"], wait_s, waiting))
    _finish(made["id"], processes, json)


def _finish(name: str, processes: Sequence[dict[str, Any]], json: bool, *, nothing: bool = False) -> None:
    """Say how it ended, and end."""
    behind = [each for each in processes if each["stand"] in {"pending", "refused"}]
    if json:
        print_json({"id": name, "changed": not nothing, "processes": list(processes)})
    elif nothing:
        say(said("there is nothing to apply"))
    else:
        say(said("{configuration} is current", configuration=name[:_SHORT]), colour=typer.colors.GREEN)
        if not processes:
            say(said("no bus runs: it takes effect when one starts"))
        _print_processes(processes)
    raise typer.Exit(Exit.FAILED if behind else Exit.OK)


def _print_processes(processes: Sequence[dict[str, Any]]) -> None:
    for each in processes:
        message, colour = _STANDS[each["stand"]]
        where = f"{each['instance']} ({', '.join(each['roles'])})"
        stand = said(message)
        if each["stand"] in {"pending", "silent"}:
            stand = said("{stand} (last heard {time})", stand=stand, time=_second(each["heard"]))
        typer.secho("  " + told().say(said("{where}: {stand}", where=where, stand=stand)), fg=colour)
        if each["reason"]:
            typer.echo("      " + each["reason"].replace("\n", "\n      "))


_STANDS: Final = {
    "confirmed": (N_("has confirmed"), typer.colors.GREEN),
    "refused": (N_("refused, keeps the one before"), typer.colors.RED),
    "pending": (N_("has not confirmed yet"), typer.colors.YELLOW),
    "silent": (N_("not heard of, follows when it is back"), typer.colors.YELLOW),
}


def _print_differences(compared: Compared) -> None:
    if compared.base is None:
        same = said("nothing was applied yet; the bus runs these files")
        other = said("nothing was applied yet; the bus runs other files")
        say(same if compared.same else other)
    elif compared.same:
        say(said("nothing differs"))
    for each in compared.differences:
        say(difference_words(each))


def _document(compared: Compared) -> dict[str, Any]:
    return {
        "from": compared.base,
        "same": compared.same,
        "differences": [
            {
                "about": str(each.about),
                "name": each.name,
                "how": str(each.how),
                "field": each.field,
                "before": each.before,
                "after": each.after,
                "words": told().say(difference_words(each)),
            }
            for each in compared.differences
        ],
    }


def _progress(json: bool) -> Any:
    def told(count: int, total: int) -> None:
        if not json and (count == total or count % 20 == 0):
            typer.secho(f"{count}/{total}", err=True, fg=typer.colors.BRIGHT_BLACK)

    return told


def disk_at(directory: Path) -> applying.Loaded:
    try:
        return applying.read_disk(directory)
    except Broken as error:
        fail(error, Exit.INVALID)


def desk_at(directory: Path, *, whatever_is_on_disk: bool = False) -> OperatorDesk:
    try:
        return open_desk(directory, told().language, whatever_is_on_disk=whatever_is_on_disk)
    except NotDone as error:
        fail(error, Exit(error.exit_code))


def _told(ask: Any) -> Any:
    try:
        return ask()
    except NotDone as error:
        fail(error, Exit(error.exit_code))


def _second(time: str) -> str:
    return time[:19].replace("T", " ")
