"""`lienthong codelist show|convert|diff|import`: what codes mean, what they became, and what a day changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from contracts.codechanges import Changed, changes_between
from contracts.codelists import CodeList, CodeProblem, CodeRow
from contracts.codeviews import (
    Ambiguous,
    Wanted,
    attribute_of,
    candidate_document,
    convert,
    converted_document,
    list_document,
    looked_up,
    meaning_document,
    page_document,
    row_document,
    without_code,
)
from contracts.dates import Span
from contracts.errors import FieldError
from contracts.positions import Placed, Position, position_of
from contracts.said import said
from contracts.wording import worded
from gateway.commands.codelist_import import import_list
from gateway.commands.days import day_option, span_option
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json, print_table, say
from gateway.commands.speaking import told
from gateway.wiring.codelists import NoSuchList, list_in, lists_in, today_in
from gateway.wiring.offline import InvalidWorkspace

Name = Annotated[str, typer.Argument(help="The code list: its file is codelists/NAME.csv.")]
Code = Annotated[str | None, typer.Argument(help="A code; without it, all rows.")]
On = Annotated[str | None, typer.Option("--on", help="The day (YYYY-MM-DD); by default today.")]
Where = Annotated[list[str] | None, typer.Option("--where", help="attribute:value; any number of times.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command("show", help="The lists, the rows of one on a day, or what one code means.")(show)
    group.command("convert", help="The counterpart of a code on another day; never a guess.")(convert_code)
    group.command("diff", help="What is other in a list on one day than on another.")(diff)
    group.command("import", help="Lay another office's list over one of ours: a table, or the statistics office.")(
        import_list
    )
    app.add_typer(group, name="codelist", help="Code lists: what codes mean, and when.")


def show(
    name: Annotated[str | None, typer.Argument(help="The code list; without it, all of them.")] = None,
    code: Code = None,
    directory: InDir = Path(),
    on: On = None,
    text: Annotated[str, typer.Option("--q", help="Words of code or name; accents may be left out.")] = "",
    where: Where = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 1000,
    json: Json = False,
) -> None:
    """Exit 0; 4: there is no such list, or the code means nothing then, or more than one thing."""
    today = today_in(directory)
    if name is None:
        _show_lists(directory, today, json)
        return
    codes = _list(directory, name)
    when = span_option("--on", on, today)
    if code is not None:
        _show_meaning(codes, code, when, json)
        return
    page = page_document(codes, Wanted(day_option("--on", on, today), text, _pairs(where, codes), limit))
    if json:
        print_json(page)
        return
    rows = [[row["code"] or "–", row["name"], row["valid_from"] or "…", row["valid_to"] or "…"] for row in page["rows"]]
    title = said("{name} on {on}: {total} rows", name=name, on=page["on"], total=page["total"])
    columns = [said("code"), said("name"), said("from"), said("until")]
    print_table(title, columns, rows, empty=said("no rows"), whole=frozenset({"code"}))


def convert_code(
    name: Name,
    code: Annotated[str, typer.Argument(help="The code; or the row's id with --id.")],
    to: Annotated[
        str | None, typer.Option("--to", help="The day of the code that is wanted; by default today.")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="The day on which the code is meant.")] = None,
    by_id: Annotated[bool, typer.Option("--id", help="CODE is the id of a row, for what has no code.")] = False,
    lat: Annotated[str | None, typer.Option(help="Degrees of WGS 84, with --lon.")] = None,
    lon: Annotated[str | None, typer.Option(help="Degrees of WGS 84, with --lat.")] = None,
    directory: InDir = Path(),
    json: Json = False,
) -> None:
    """Exit 0; 1: several may be meant, and they are listed; 4: there is no counterpart."""
    today = today_in(directory)
    codes = _list(directory, name)
    wanted = day_option("--to", to, today)
    when = None if by_id else span_option("--from", since, today)
    try:
        row = looked_up(codes, code, code if by_id else "", when)
        converted = convert(codes, row, wanted, _position(lat, lon))
    except KeyError:
        fail(said("there is no row “{row_id}”", row_id=code), Exit.NOT_FOUND)
    except CodeProblem as problem:
        _refuse(problem, [Placed(each) for each in problem.rows], json)
    except Ambiguous as several:
        _refuse(several.problem, several.placed, json)
    if converted.row.code is None:
        _refuse(without_code(codes, converted.row, wanted), [Placed(converted.row)], json)
    if json:
        print_json(converted_document(codes, row, wanted, converted))
    else:
        typer.echo(converted.row.label)


def diff(
    name: Name,
    first: Annotated[str, typer.Argument(metavar="FROM", help="The earlier day.")],
    last: Annotated[str | None, typer.Argument(metavar="TO", help="The later day; by default today.")] = None,
    directory: InDir = Path(),
    json: Json = False,
) -> None:
    """Exit 0: nothing is other; 1: something is."""
    today = today_in(directory)
    codes = _list(directory, name)
    days = day_option("FROM", first, today), day_option("TO", last, today)
    found = list(changes_between(codes, *sorted(days)))
    if json:
        print_json([_change_document(each) for each in found])
    else:
        rows = [[str(each.how), _labels(each.before), _labels(each.after)] for each in found]
        title = said("{name}: {count} changes", name=name, count=len(found))
        print_table(title, [said("change"), said("before"), said("after")], rows, empty=said("nothing differs"))
    raise typer.Exit(Exit.FAILED if found else Exit.OK)


def _show_lists(directory: Path, today: date, json: bool) -> None:
    try:
        lists = [list_document(codes, today) for codes in lists_in(directory).values()]
    except InvalidWorkspace as error:
        fail(error, Exit.INVALID)
    if json:
        print_json(lists)
        return
    rows = [
        [each["name"], each["title"], str(each["rows"]), str(each["current"]), each["next_change"] or "–"]
        for each in lists
    ]
    columns = [said("name"), said("title"), said("rows"), said("valid today"), said("next change")]
    print_table(said("Code lists"), columns, rows, empty=said("no code lists"), whole=frozenset({"name"}))


def _show_meaning(codes: CodeList, code: str, when: Span, json: bool) -> None:
    try:
        row = codes.look_up(code, when)
    except CodeProblem as problem:
        _refuse(problem, [Placed(each) for each in problem.rows], json, Exit.NOT_FOUND)
    if json:
        print_json(meaning_document(codes, row))
        return
    typer.echo(row.label)
    lines = ((said("before"), codes.predecessors(row)), (said("after"), codes.successors(row)))
    for word, rows in lines:
        for each in rows:
            typer.echo(f"  {told().say(word)}: {each.label} ({each.id})")


def _refuse(problem: CodeProblem, placed: Sequence[Placed], json: bool, code: Exit | None = None) -> NoReturn:
    """Say why there is no answer, with what there is to choose from, and end."""
    error: FieldError = problem.at("")
    words = worded(error, told().language)
    if json:
        candidates = [candidate_document(each) for each in placed]
        print_json({"code": problem.code, "detail": words.detail, "remedy": words.remedy, "candidates": candidates})
    else:
        say(words.detail, colour=typer.colors.RED, err=True)
        say(f"→ {words.remedy}", err=True)
        for each in placed:
            far = "" if each.distance_km is None else f" · {each.distance_km} km"
            typer.echo(f"  {each.row.label} ({each.row.id}){far}")
    several = problem.code in {"ambiguous_code", "ambiguous_date"}
    raise typer.Exit(code or (Exit.FAILED if several else Exit.NOT_FOUND))


def _list(directory: Path, name: str) -> CodeList:
    try:
        return list_in(directory, name)
    except InvalidWorkspace as error:
        fail(error, Exit.INVALID)
    except NoSuchList as error:
        fail(error, Exit.NOT_FOUND)


def _position(lat: str | None, lon: str | None) -> Position | None:
    if lat is None and lon is None:
        return None
    try:
        return position_of(lat or "", lon or "")
    except ValueError:
        fail(said("--lat, --lon: both, in degrees of WGS 84"), Exit.USAGE)


def _pairs(where: list[str] | None, codes: CodeList) -> dict[str, str]:
    pairs = {}
    for each in where or ():
        found = attribute_of(each, codes)
        if found is None:
            known = ", ".join(codes.attributes) or "—"
            fail(said("--where attribute:value, with one of: {known}", known=known), Exit.USAGE)
        name, value = found
        pairs[name] = value
    return pairs


def _change_document(each: Changed) -> dict[str, Any]:
    before, after = ([row_document(row) for row in rows] for rows in (each.before, each.after))
    return {"change": str(each.how), "before": before, "after": after}


def _labels(rows: tuple[CodeRow, ...]) -> str:
    return "; ".join(row.label for row in rows) or "–"
