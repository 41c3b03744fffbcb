"""`lienthong diff|apply|rollback|config`: what a running bus goes by, changed without a restart.

They speak to the running bus with an operator's token, minted by whoever can read the token key; where none runs, they
take the log's lock, and the bus that starts next goes by what was applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from contracts.wording import Language
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json, print_table
from gateway.wiring import applying
from gateway.wiring.applying import Broken, Compared, difference_words
from gateway.wiring.operator import NotDone, OperatorDesk, open_desk

Lang = Annotated[Language, typer.Option("--lang", envvar="LIENTHONG_LANG", help="vi or en.")]
Wait = Annotated[float, typer.Option("--wait", help="How many seconds to wait for every process.", min=0, max=600)]
Id = Annotated[str, typer.Argument(metavar="ID", help="A configuration; its first characters do (at least four).")]
_WHOLE: Final = frozenset({"id", "time (UTC)", "instance"})
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
    lang: Lang = Language.VI,
    json: Json = False,
) -> None:
    """Exit 0: nothing would change; 1: something would; 2 and above: it cannot be said."""
    disk = _disk(directory)
    with _desk(directory, lang) as desk:
        compared = _told(lambda: applying.compare(desk, disk, base))
    if json:
        print_json(_document(compared, lang))
    else:
        _print_differences(compared, lang)
    raise typer.Exit(Exit.OK if compared.same else Exit.FAILED)


def apply(
    message: Annotated[str, typer.Option("-m", "--message", help="Why; it is written to the log.", prompt="Why")],
    directory: InDir = Path(),
    wait: Wait = 30.0,
    lang: Lang = Language.VI,
    json: Json = False,
) -> None:
    """Exit 0: every live process goes by it; 1: it is current, but some do not; 3: it is refused, and nothing was
    changed; 5: the bus cannot be reached; 6: somebody else was first."""
    disk = _disk(directory)
    with _desk(directory, lang) as desk:
        compared = _told(lambda: applying.compare(desk, disk))
        if not json:
            _print_differences(compared, lang)
        if compared.same and compared.base is not None:
            _finish(compared.base, [], json, lang, nothing=True)
        made = _told(lambda: applying.apply(desk, disk, message, _progress(json)))
        _confirm(desk, made, wait, json, lang)


def rollback(
    configuration: Annotated[str | None, typer.Argument(metavar="ID", help="Else the one before the current.")] = None,
    directory: InDir = Path(),
    message: Annotated[str | None, typer.Option("-m", "--message", help="Why; else what it goes back to.")] = None,
    wait: Wait = 30.0,
    lang: Lang = Language.VI,
    json: Json = False,
) -> None:
    """Exit codes as of `apply`; 4: there is no such configuration. The workspace on disk stays as it is."""
    with _desk(directory, lang) as desk:
        made = _told(lambda: applying.roll_back(desk, configuration, message))
        _confirm(desk, made, wait, json, lang)


def log(directory: InDir = Path(), lang: Lang = Language.VI, json: Json = False) -> None:
    """Exit 0, whether anything was applied or not."""
    with _desk(directory, lang) as desk:
        told = _told(lambda: applying.log_of(desk))
    if json:
        print_json(told)
        return
    rows = [
        [each["id"][:_SHORT], _second(each["time"]), each["author"], each["message"], "✓" if number == 0 else ""]
        for number, each in enumerate(told["history"])
    ]
    empty = _say(lang, "chưa áp dụng cấu hình nào", "nothing was ever applied")
    columns = ["id", "time (UTC)", "author", "message", "current"]
    print_table(_say(lang, "Cấu hình đã áp dụng", "Applied"), columns, rows, empty=empty, whole=_WHOLE)
    if rows:
        _print_processes(told["processes"], lang)


def show(configuration: Id, directory: InDir = Path(), lang: Lang = Language.VI, json: Json = False) -> None:
    """Exit 0; 4: there is no such configuration."""
    with _desk(directory, lang) as desk:
        told = _told(lambda: applying.show(desk, configuration))
    if json:
        print_json(told)
        return
    for name in ("id", "parent", "author", "time", "message", "content"):
        typer.echo(f"{name:>10}  {told[name] or '–'}")
    for file in told["files"]:
        typer.echo(f"{'':>10}  {file['name']}")
    _print_processes(told["processes"], lang)


def _confirm(desk: OperatorDesk, made: dict[str, Any], wait_s: float, json: bool, lang: Language) -> None:
    def waiting(processes: Sequence[dict[str, Any]]) -> None:
        left = [each["instance"] for each in processes if each["stand"] == "pending"]
        typer.secho(_say(lang, "đang chờ: ", "waiting for: ") + ", ".join(left), err=True, fg=typer.colors.BRIGHT_BLACK)

    processes = _told(lambda: applying.wait_for_all(desk, made["id"], wait_s, waiting))
    _finish(made["id"], processes, json, lang)


def _finish(
    name: str, processes: Sequence[dict[str, Any]], json: bool, lang: Language, *, nothing: bool = False
) -> None:
    """Say how it ended, and end."""
    behind = [each for each in processes if each["stand"] in {"pending", "refused"}]
    if json:
        print_json({"id": name, "changed": not nothing, "processes": list(processes)})
    elif nothing:
        typer.echo(_say(lang, "không có gì để áp dụng", "there is nothing to apply"))
    else:
        typer.secho(_say(lang, f"đã áp dụng {name[:_SHORT]}", f"{name[:_SHORT]} is current"), fg=typer.colors.GREEN)
        if not processes:
            typer.echo(
                _say(
                    lang,
                    "trục chưa chạy: lần khởi động tới sẽ dùng cấu hình này",
                    "no bus runs: it takes effect when one starts",
                )
            )
        _print_processes(processes, lang)
    raise typer.Exit(Exit.FAILED if behind else Exit.OK)


def _print_processes(processes: Sequence[dict[str, Any]], lang: Language) -> None:
    for each in processes:
        vi, en, colour = _STANDS[each["stand"]]
        line = f"{each['instance']} ({', '.join(each['roles'])}): {_say(lang, vi, en)}"
        if each["stand"] in {"pending", "silent"}:
            line += _say(lang, f" (nghe lần cuối {_second(each['heard'])})", f" (last heard {_second(each['heard'])})")
        typer.secho("  " + line, fg=colour)
        if each["reason"]:
            typer.echo("      " + each["reason"].replace("\n", "\n      "))


_STANDS: Final = {
    "confirmed": ("đã xác nhận", "confirmed", typer.colors.GREEN),
    "refused": ("từ chối, giữ cấu hình cũ", "refused, keeps the one before", typer.colors.RED),
    "pending": ("chưa xác nhận", "not confirmed yet", typer.colors.YELLOW),
    "silent": ("không nghe thấy, sẽ theo khi trở lại", "not heard of, follows when it is back", typer.colors.YELLOW),
}


def _print_differences(compared: Compared, lang: Language) -> None:
    if compared.base is None:
        same = _say(
            lang,
            "chưa áp dụng lần nào; trục chạy đúng các tệp này",
            "nothing was applied yet; the bus runs these files",
        )
        other = _say(
            lang, "chưa áp dụng lần nào; trục chạy các tệp khác", "nothing was applied yet; the bus runs other files"
        )
        typer.echo(same if compared.same else other)
    elif compared.same:
        typer.echo(_say(lang, "không có gì khác", "nothing differs"))
    for each in compared.differences:
        typer.echo(difference_words(each, lang))


def _document(compared: Compared, lang: Language) -> dict[str, Any]:
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
                "words": difference_words(each, lang),
            }
            for each in compared.differences
        ],
    }


def _progress(json: bool) -> Any:
    def told(count: int, total: int) -> None:
        if not json and (count == total or count % 20 == 0):
            typer.secho(f"{count}/{total}", err=True, fg=typer.colors.BRIGHT_BLACK)

    return told


def _disk(directory: Path) -> applying.Loaded:
    try:
        return applying.read_disk(directory)
    except Broken as error:
        fail(str(error), Exit.INVALID)


def _desk(directory: Path, lang: Language) -> OperatorDesk:
    try:
        return open_desk(directory, lang)
    except NotDone as error:
        fail(str(error), Exit.UNREACHABLE)


def _told(ask: Any) -> Any:
    try:
        return ask()
    except NotDone as error:
        fail(str(error), Exit(error.exit_code))


def _say(lang: Language, vi: str, en: str) -> str:
    return vi if lang is Language.VI else en


def _second(time: str) -> str:
    return time[:19].replace("T", " ")
