"""`lienthong dead …`, `lienthong resolve`, `lienthong withdraw`: the ways out of each dead end.

They speak to the running bus with an operator's token, minted by whoever can read the token key; where none runs, they
take the log's lock and do it themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from contracts.reasons import known_reason
from contracts.said import N_, said
from gateway.commands import speaking
from gateway.commands.completion import dead_exchanges, doubted_exchanges, recent_exchanges, resolutions, system_names
from gateway.commands.options import InDir, Json, Reason
from gateway.commands.output import Exit, fail, print_json, print_table, say
from gateway.wiring.operator import NotDone, OperatorDesk, open_desk

_NAME_WIDTH: Final = 10
_WHOLE: Final = frozenset({"time (UTC)", "accepted (UTC)", "exchange", "no."})
Dead = Annotated[str, typer.Argument(help="The exchange id (mã giao dịch).", autocompletion=dead_exchanges)]
Waiting = Annotated[str, typer.Argument(help="The exchange id (mã giao dịch).", autocompletion=recent_exchanges)]
Doubted = Annotated[str, typer.Argument(help="The exchange id (mã giao dịch).", autocompletion=doubted_exchanges)]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    dead = typer.Typer(no_args_is_help=True)
    dead.command("list", help="Open dead letters, the newest first.")(list_dead)
    dead.command("show", help="One dead letter, with its full reason.")(show)
    dead.command("retry", help="Send it on as a new attempt; ALL retries every open one of a system.")(retry)
    dead.command("drop", help="Give it up: its exchange has failed.")(drop)
    app.add_typer(dead, name="dead", help="Messages that gave up and wait for a person.")
    app.command("doubts", help="Exchanges in doubt: called, end unknown.")(doubts)
    app.command("resolve", help="Say what became of an exchange in doubt.")(resolve)
    app.command("withdraw", help="Take a submission back that its receiver has not taken yet.")(withdraw)


def list_dead(
    directory: InDir = Path(),
    system: Annotated[str | None, typer.Option(help="Of this system only.", autocompletion=system_names)] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    json: Json = False,
) -> None:
    """Exit 0, whether there are any or not."""
    found = _ask(directory, "GET", "/operate/dead", params=_given(system=system, limit=limit))["dead"]
    if json:
        print_json(found)
        return
    here = speaking.told()
    rows = [
        [
            _second(row["time"]),
            row["id"],
            row["system"],
            str(row["attempt"]),
            here.say(known_reason(row["reason"].split("\n")[0])),
        ]
        for row in found
    ]
    columns = [said("time (UTC)"), said("exchange"), said("system"), said("no."), said("reason")]
    print_table(said("Dead letters"), columns, rows, empty=said("no dead letters"), whole=_WHOLE)


def show(exchange: Dead, directory: InDir = Path(), json: Json = False) -> None:
    """Exit 0; 4: there is no open dead letter of this exchange."""
    found = _ask(directory, "GET", f"/operate/dead/{exchange}")
    if json:
        print_json(found)
        return
    here = speaking.told()
    names = (N_("id"), N_("contract"), N_("system"), N_("attempt"), N_("time"), N_("origin"))
    for name in names:
        typer.echo(f"{here.gettext(name):>{_NAME_WIDTH}}  {found[name]}")
    reason = here.say(known_reason(found["reason"]))
    typer.echo(f"{here.gettext('reason'):>{_NAME_WIDTH}}  " + reason.replace("\n", "\n" + " " * (_NAME_WIDTH + 2)))


def retry(
    exchange: Annotated[
        str, typer.Argument(help="The exchange id, or ALL with --system.", autocompletion=dead_exchanges)
    ],
    reason: Reason,
    directory: InDir = Path(),
    system: Annotated[str | None, typer.Option(help="With ALL: of this system.", autocompletion=system_names)] = None,
    json: Json = False,
) -> None:
    """Exit 0; 4: there is no open dead letter of this exchange."""
    if exchange == "ALL":
        _retry_all(directory, system, reason, json)
        return
    told = _ask(directory, "POST", f"/operate/dead/{exchange}/retry", json={"reason": reason})
    late = said("; it is delivered out of order, after what was sent later") if told.get("out_of_order") else ""
    _say(
        json,
        told,
        said(
            "{exchange}: attempt {attempt} is on its way{late}",
            exchange=exchange,
            attempt=told.get("attempt"),
            late=late,
        ),
    )


def drop(exchange: Dead, reason: Reason, directory: InDir = Path(), json: Json = False) -> None:
    """Exit 0; 4: there is no open dead letter of this exchange."""
    told = _ask(directory, "POST", f"/operate/dead/{exchange}/drop", json={"reason": reason})
    _say(json, told, said("{exchange}: given up, outcome failed", exchange=exchange))


def doubts(directory: InDir = Path(), json: Json = False) -> None:
    """Exit 0, whether there are any or not."""
    found = _ask(directory, "GET", "/operate/in-doubt")["in_doubt"]
    if json:
        print_json(found)
        return
    rows = [[_second(row["accepted"]), row["id"], row["contract"], row["sender"], row["receiver"]] for row in found]
    columns = [said("accepted (UTC)"), said("exchange"), said("contract"), said("sender"), said("receiver")]
    print_table(said("In doubt"), columns, rows, empty=said("nothing in doubt"), whole=_WHOLE)


def resolve(
    exchange: Doubted,
    outcome: Annotated[
        str, typer.Option("--as", help="delivered or failed, as the receiving system says.", autocompletion=resolutions)
    ],
    reason: Reason,
    directory: InDir = Path(),
    json: Json = False,
) -> None:
    """Exit 0; 4: no such exchange; 6: it is not in doubt."""
    told = _ask(
        directory, "POST", f"/operate/exchanges/{exchange}/resolve", json={"outcome": outcome, "reason": reason}
    )
    _say(json, told, said("{exchange}: resolved as {outcome}", exchange=exchange, outcome=outcome))


def withdraw(exchange: Waiting, reason: Reason, directory: InDir = Path(), json: Json = False) -> None:
    """Exit 0: it is withdrawn, or that is asked for; 4: no such exchange; 6: it is too late, or it is no submission."""
    told = _ask(directory, "POST", f"/operate/exchanges/{exchange}/withdraw", json={"reason": reason})
    if told.get("withdrawal") == "done":
        _say(json, told, said("{exchange}: withdrawn", exchange=exchange))
    else:
        words = said(
            "{exchange}: asked for; it is withdrawn unless a call that is under way takes effect", exchange=exchange
        )
        _say(json, told, words)


def _second(time: str) -> str:
    """An RFC 3339 time to the second."""
    return time[:19].replace("T", " ")


def _retry_all(directory: InDir, system: str | None, reason: str, json: bool) -> None:
    if system is None:
        fail(said("ALL needs --system"), Exit.USAGE)
    done: set[str] = set()
    late = 0
    with _desk(directory) as desk:
        while True:
            found = _call(desk, "GET", "/operate/dead", params={"system": system, "limit": 1000})["dead"]
            left = [row["id"] for row in found if row["id"] not in done]
            if not left:
                break
            for exchange in left:
                told = _call(desk, "POST", f"/operate/dead/{exchange}/retry", json={"reason": reason})
                done.add(exchange)
                late += bool(told.get("out_of_order"))
    order = said("; {late} of them are delivered out of order, after what was sent later", late=late) if late else ""
    words = said(
        "{count} dead letters of {system} are on their way{order}", count=len(done), system=system, order=order
    )
    _say(json, {"retried": len(done), "out_of_order": late}, words)


def _ask(directory: InDir, method: str, path: str, **options: Any) -> dict[str, Any]:
    with _desk(directory) as desk:
        return _call(desk, method, path, **options)


def _desk(directory: InDir) -> OperatorDesk:
    try:
        return open_desk(directory)
    except NotDone as error:
        fail(error, Exit.UNREACHABLE)


def _call(desk: OperatorDesk, method: str, path: str, **options: Any) -> dict[str, Any]:
    try:
        return desk.call(method, path, **options)
    except NotDone as error:
        fail(error, Exit(error.exit_code))


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _say(json: bool, told: dict[str, Any], words: str) -> None:
    if json:
        print_json(told)
    else:
        say(words, colour=typer.colors.GREEN)
