"""`lienthong trace ID`: the way of one exchange, as a waterfall."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from contracts.envelope import rfc3339
from contracts.reasons import known_reason
from contracts.said import N_, said
from gateway.commands.completion import recent_exchanges
from gateway.commands.options import InDir, Json
from gateway.commands.output import Exit, fail, print_json
from gateway.commands.speaking import told
from gateway.console.cells import OUTCOMES, step_words
from gateway.wiring.offline import InvalidWorkspace
from gateway.wiring.tracing import BusError, Traced, trace_exchange

_WIDTH = 32
_NARROW_WIDTH = 16
_PLACE_WIDTH = 26
_NARROW = 120


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("trace", help="Every hop of an exchange, from the ledger or the log itself.")(trace)


def trace(
    exchange: Annotated[str, typer.Argument(help="The exchange id (mã giao dịch).", autocompletion=recent_exchanges)],
    directory: InDir = Path(),
    from_log: Annotated[bool, typer.Option("--from-log", help="Do not ask the ledger.")] = False,
    json: Json = False,
) -> None:
    """Exit 0; 4: nobody has heard of it; 5: neither ledger nor log can be read."""
    try:
        traced = trace_exchange(directory, exchange.strip().lower(), from_log=from_log)
    except InvalidWorkspace as error:
        fail(error, Exit.INVALID)
    except (BusError, OSError) as error:
        fail(said("neither ledger nor log can be read: {error}", error=error), Exit.UNREACHABLE)
    if not traced.hops:
        fail(said("no exchange {exchange} on this bus", exchange=exchange), Exit.NOT_FOUND)
    if json:
        for hop in traced.hops:
            print_json(hop)
    else:
        _draw(exchange, traced)


def _draw(exchange: str, traced: Traced) -> None:
    first_ms = traced.hops[0].time_ms
    whole_ms = max(1, traced.hops[-1].time_ms - first_ms)
    console = Console()
    # What happened is said in words: on a narrow terminal they need the room more than the bars.
    width = _NARROW_WIDTH if console.width < _NARROW else _WIDTH
    head = said(
        "{exchange} · {time} · {whole_ms} ms · read from the {source}",
        exchange=exchange,
        time=rfc3339(first_ms),
        whole_ms=whole_ms,
        source=said("ledger") if traced.source == "ledger" else said("log"),
    )
    console.print(told().say(head), style="italic", highlight=False)
    table = Table(header_style="bold", box=None)
    for column in ("+ms", "", N_("what"), N_("where"), N_("no."), N_("detail")):
        table.add_column(
            told().gettext(column) if column else "",
            justify="right" if column == "+ms" else "left",
            overflow="fold",
            no_wrap=column in {"", "+ms", "what"},
            # A channel's name may be long; what happened there still needs the larger part.
            max_width=_PLACE_WIDTH if column == "where" else None,
        )
    for hop in traced.hops:
        begin = round((hop.time_ms - first_ms) / whole_ms * (width - 1))
        length = max(1, round((hop.duration_ms or 0) / whole_ms * width))
        bar = Text(" " * begin + "━" * min(length, width - begin), style="cyan")
        table.add_row(
            str(hop.time_ms - first_ms),
            bar,
            told().gettext(step_words(hop.kind)),
            hop.place,
            str(hop.attempt),
            _said(hop.detail),
        )
    console.print(table)


def _said(detail: str) -> str:
    """What more is known of a hop: the outcome by the vocabulary's word, or why."""
    badge = next((badge for outcome, badge in OUTCOMES.items() if outcome == detail), None)
    return told().say(known_reason(detail)) if badge is None else told().gettext(badge.words)
