"""`lienthong codelist import`: what another office's list says otherwise; a dry run unless told to write."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.codeimport import How, Other, Plan, Unit
from contracts.codelists import CodeList
from contracts.codeviews import row_document
from contracts.said import said
from gateway.commands.days import day_option
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json, print_table, say
from gateway.wiring.code_import import (
    BadTable,
    CannotImport,
    Columns,
    Imported,
    Level,
    NsoError,
    from_service,
    from_table,
    lay,
)
from gateway.wiring.codelists import lists_in, today_in
from gateway.wiring.offline import InvalidWorkspace

_SHOWN = 200


def import_list(
    name: Annotated[str, typer.Argument(help="The code list: its file is codelists/NAME.csv.")],
    table: Annotated[Path | None, typer.Argument(metavar="FILE", help="A table in CSV.", dir_okay=False)] = None,
    nso: Annotated[str | None, typer.Option("--nso", help="Instead: the statistics office's DMDVHC.asmx.")] = None,
    level: Annotated[Level, typer.Option(help="With --nso: which units.")] = Level.WARDS,
    as_of: Annotated[
        str | None, typer.Option("--as-of", "--on", help="The day from which the list holds; by default today.")
    ] = None,
    code: Annotated[str, typer.Option(help="The column of the code.")] = "code",
    title: Annotated[str, typer.Option("--name", help="The column of the name.")] = "name",
    column: Annotated[
        list[str] | None, typer.Option(help="attribute=column of the table; any number of times.")
    ] = None,
    delimiter: Annotated[str, typer.Option(help="What stands between two values.")] = ",",
    successors: Annotated[
        Path | None, typer.Option(help="A table of old,new: what took whose place, as a person states it.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="An attribute that may be other; any number of times.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Write it; else only say what would change.")] = False,
    directory: InDir = Path(),
    json: Json = False,
) -> None:
    """Exit 0: it says the same, or it is written; 1: it says otherwise, and nothing was written; 3: it cannot be."""
    day = day_option("--as-of", as_of, today_in(directory))
    if (table is None) == (nso is None):
        fail(said("give a table in CSV, or --nso URL"), Exit.USAGE)
    try:
        if table is not None:
            units = from_table(table, Columns(code, title, _attributes(column)), delimiter)
        else:
            units = from_service(str(nso), level, day)
        imported = lay(directory, name, _codes(directory, name), units, day, successors, ignore or ())
        _tell(name, imported, units, json, written=write and not imported.plan.problems)
        if imported.plan.problems:
            raise typer.Exit(Exit.INVALID)
        if not imported.plan.ends and not imported.plan.begins:
            raise typer.Exit(Exit.OK)
        if not write:
            raise typer.Exit(Exit.FAILED)
        imported.write()
    except NsoError as error:
        fail(error, Exit.UNREACHABLE)
    except (BadTable, CannotImport, InvalidWorkspace) as error:
        fail(error, Exit.INVALID)
    except OSError as error:
        fail(said("{path} cannot be written: {strerror}", path=error.filename, strerror=error.strerror))


def _codes(directory: Path, name: str) -> CodeList:
    """The list as it is; one without rows where it is new."""
    return lists_in(directory).get(name) or CodeList(name, ())


def _attributes(column: list[str] | None) -> dict[str, str]:
    pairs = [each.partition("=") for each in column or ()]
    if any(not ours or not theirs for ours, _, theirs in pairs):
        fail(said("--column attribute=column, as in --column province=MaTinh"), Exit.USAGE)
    return {ours: theirs for ours, _, theirs in pairs}


def _tell(name: str, imported: Imported, units: list[Unit], json: bool, *, written: bool) -> None:
    plan = imported.plan
    counts = Counter(each.how for each in plan.others)
    if json:
        print_json(_document(name, plan, len(units), counts, written=written))
        return
    rows = [[str(each.how), _label(each.before), _label(each.after)] for each in plan.others[:_SHOWN]]
    summary = ", ".join(f"{how} {counts[how]}" for how in How if counts[how]) or "–"
    title = said(
        "{name} as of {day}: {count} entries; {summary}", name=name, day=plan.as_of, count=len(units), summary=summary
    )
    print_table(title, [said("change"), said("ours"), said("theirs")], rows, empty=said("it says the same"))
    if len(plan.others) > _SHOWN:
        say(said("… and {count} more; --json has all of them", count=len(plan.others) - _SHOWN))
    for row in plan.orphans[:_SHOWN]:
        say(said("without successor: {label} ({id})", label=row.label, id=row.id), colour=typer.colors.YELLOW)
    if plan.orphans:
        say(
            said(
                "{count} rows end, and nobody says what took their place: state it with --successors FILE (old,new)",
                count=len(plan.orphans),
            ),
            colour=typer.colors.YELLOW,
        )
    for message, remedy in plan.problems[:_SHOWN]:
        say(said("{message}\n    → {remedy}", message=message, remedy=remedy), colour=typer.colors.RED, err=True)
    if written:
        say(said("written: {path}", path=imported.path), colour=typer.colors.GREEN)
    elif not plan.problems and (plan.ends or plan.begins):
        say(said("nothing was written; --write does it"))


def _document(name: str, plan: Plan, count: int, counts: Counter[How], *, written: bool) -> dict[str, Any]:
    return {
        "codelist": name,
        "as_of": plan.as_of.isoformat(),
        "entries": count,
        "counts": {str(how): counts[how] for how in How},
        "differences": [_difference(each) for each in plan.others],
        "without_successor": [row_document(row) for row in plan.orphans],
        "problems": [{"message": message, "remedy": remedy} for message, remedy in plan.problems],
        "written": written,
    }


def _difference(other: Other) -> dict[str, Any]:
    after = other.after
    return {
        "change": str(other.how),
        "before": None if other.before is None else row_document(other.before),
        "after": None
        if after is None
        else {"code": after.code, "name": after.name, "attributes": dict(after.attributes)},
    }


def _label(of: Any) -> str:
    if of is None:
        return "–"
    return str(of.name) if of.code is None else f"{of.code} {of.name}"
