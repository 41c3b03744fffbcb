"""`lienthong dead …`, `lienthong resolve`, `lienthong withdraw`: the ways out of each dead end.

They speak to the running bus with an operator's token, minted by whoever can read the token key; where none runs, they
take the log's lock and do it themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from contracts.reasons import known_reason, words_of
from contracts.said import N_, said
from gateway.commands import speaking
from gateway.commands.completion import dead_exchanges, doubted_exchanges, recent_exchanges, resolutions, system_names
from gateway.commands.options import InDir, Json, Reason
from gateway.commands.output import Exit, fail, print_json, print_table, say
from gateway.wiring.operator import NotDone, OperatorDesk, open_desk

_NAME_WIDTH: Final = 10
_PAGE: Final = 1000
_LEFT: Final = frozenset({Exit.NOT_FOUND, Exit.REFUSED})
"""How one that cannot be sent on ends: the next is sent all the same."""
_WHOLE: Final = frozenset({"time (UTC)", "accepted (UTC)", "exchange", "no."})
Limit = Annotated[int, typer.Option(help="How many at most.", min=1, max=1_000_000)]
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
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """Exit 0, whether there are any or not."""
    found = _pages(directory, "/operate/dead", "dead", limit, _given(system=system))
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
    found = _ask(directory, "GET", f"/operate/dead/{quote(exchange)}")
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
    told = _ask(directory, "POST", f"/operate/dead/{quote(exchange)}/retry", json={"reason": reason})
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
    told = _ask(directory, "POST", f"/operate/dead/{quote(exchange)}/drop", json={"reason": reason})
    _say(json, told, said("{exchange}: given up, outcome failed", exchange=exchange))


def doubts(directory: InDir = Path(), limit: Limit = 100, json: Json = False) -> None:
    """Exit 0, whether there are any or not."""
    found = _pages(directory, "/operate/in-doubt", "in_doubt", limit, {})
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
    sent, late, left = 0, 0, 0
    with _desk(directory) as desk:
        waiting = [row["id"] for row in _listed(desk, "/operate/dead", "dead", None, {"system": system})]
        for exchange in waiting:
            try:
                told = desk.call("POST", f"/operate/dead/{quote(exchange)}/retry", json={"reason": reason})
            except NotDone as error:
                if error.exit_code not in _LEFT:
                    fail(error, Exit(error.exit_code))
                left += 1
                say(said("{exchange}: {why}", exchange=exchange, why=words_of(error)), err=True)
                continue
            sent += 1
            late += bool(told.get("out_of_order"))
    order = said("; {late} of them are delivered out of order, after what was sent later", late=late) if late else ""
    words = said("{count} dead letters of {system} are on their way{order}", count=sent, system=system, order=order)
    _say(json, {"retried": sent, "out_of_order": late, "left": left}, words)


def _pages(directory: InDir, path: str, what: str, limit: int, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The first `limit` rows of a list; whether there are more is said on standard error."""
    with _desk(directory) as desk:
        found = list(islice(_listed(desk, path, what, limit + 1, parameters), limit + 1))
    if len(found) > limit:
        say(said("there are more than {limit}: --limit shows more", limit=limit), err=True)
    return found[:limit]


def _listed(
    desk: OperatorDesk, path: str, what: str, most: int | None, parameters: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Every row of a list, asked for page by page. `most` is how many are wanted, if not all."""
    asked = {**parameters, "limit": _PAGE if most is None else min(most, _PAGE)}
    while True:
        page = _call(desk, "GET", path, params=asked)
        yield from page[what]
        if page["next"] is None:
            return
        asked["after"] = page["next"]


def _ask(directory: InDir, method: str, path: str, **options: Any) -> dict[str, Any]:
    with _desk(directory) as desk:
        return _call(desk, method, path, **options)


def _desk(directory: InDir) -> OperatorDesk:
    try:
        return open_desk(directory, speaking.told().language)
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
