"""How `lienthong top` looks: three tables that fit the terminal, colour only where somebody may have to act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from contracts.reasons import known_reason
from contracts.said import said
from contracts.speech import Speech
from gateway.commands.top_samples import ContractRow, Picture, SourceRow, SystemRow

_LEAST: Final = 2


def view(picture: Picture, clock: str, here: Speech, height: int) -> RenderableType:
    """The picture on `height` lines: what needs a look is never what is left out."""
    heads = _heads(here)
    contracts = sorted(picture.contracts, key=lambda row: (-row.failed_per_s, -row.per_s, row.contract))
    systems = sorted(picture.systems, key=lambda row: (-_trouble(row), row.system))
    sources = sorted(picture.sources, key=lambda row: (not row.waiting, row.source))
    sections: list[tuple[str, list[list[Text]]]] = [
        ("contracts", [_contract(row) for row in contracts]),
        ("systems", [_system(row) for row in systems]),
        ("sources", [_source(row, here) for row in sources]),
    ]
    shown = [(name, rows) for name, rows in sections if rows or name != "sources"]
    limits = _limits([len(rows) for _, rows in shown], height - 1 - 2 * len(shown))
    parts: list[RenderableType] = [_head(picture, clock, here)]
    for (name, rows), limit in zip(shown, limits, strict=True):
        parts += [Text(""), _table(heads[name], rows, limit, here)]
        if not rows:
            parts.append(Text(" " + here.gettext("no request yet"), style="dim"))
    return Group(*parts)


def away(url: str, since_s: float, why: str, here: Speech) -> RenderableType:
    """What is shown while the bus cannot be reached."""
    line = here.say(said("not reached for {since} s: {why}", since=round(since_s), why=known_reason(why)))
    return Group(Text(f"{url}  {line}", style="bold red", overflow="ellipsis"), Text(_quit(here), style="dim"))


def _heads(here: Speech) -> dict[str, Sequence[str]]:
    """The heads of each table; `top` is the context, for a column has little room."""
    contracts = (
        here.pgettext("top", "contract"),
        "/s",
        here.pgettext("top", "refused"),
        here.pgettext("top", "failed"),
        "p50",
        "p99",
        here.pgettext("top", "total"),
    )
    systems = (
        here.pgettext("top", "system"),
        "/s",
        "p99",
        here.pgettext("top", "backlog"),
        here.pgettext("top", "paused"),
        here.pgettext("top", "retrying"),
        here.pgettext("top", "dead"),
        here.pgettext("top", "in doubt"),
    )
    sources = (
        here.pgettext("top", "source"),
        here.pgettext("top", "rows/s"),
        here.pgettext("top", "rows"),
        here.pgettext("top", "rejected"),
        here.pgettext("top", "file: row"),
        here.pgettext("top", "state"),
    )
    return {"contracts": contracts, "systems": systems, "sources": sources}


def _quit(here: Speech) -> str:
    return here.gettext("q: quit")


def _limits(wanted: Sequence[int], room: int) -> list[int]:
    """How many lines each table gets: small ones all they need, the rest what is left, evenly."""
    limits = [0] * len(wanted)
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    for place, index in enumerate(order):
        share = max(_LEAST, room // (len(order) - place))
        limits[index] = min(wanted[index], share)
        room -= max(limits[index], 1)
    return limits


def _head(picture: Picture, clock: str, here: Speech) -> RenderableType:
    left = Text.assemble((picture.bus, "bold"), "  ")
    ready = here.gettext("ready") if picture.ready else here.gettext("not ready")
    left.append(ready, "green" if picture.ready else "bold red")
    if picture.lag is None:
        left.append("  " + here.gettext("the ledger cannot be asked"), "bold red")
    else:
        behind = here.say(said("ledger behind by {count}", count=f"{picture.lag:,}"))
        left.append(f"  {behind}", "yellow" if picture.lag > 1000 else "dim")
    grid = Table.grid(expand=True)
    grid.add_column(no_wrap=True, overflow="ellipsis")
    grid.add_column(justify="right", no_wrap=True)
    grid.add_row(left, Text(f"{clock}  {_quit(here)}", style="dim"))
    return grid


def _table(heads: Sequence[str], rows: Sequence[Sequence[Text]], limit: int, here: Speech) -> Table:
    table = Table(box=None, expand=True, header_style="bold reverse", padding=(0, 1), pad_edge=True)
    for index, head in enumerate(heads):
        table.add_column(
            head,
            justify="right" if index else "left",
            ratio=1 if index == 0 else None,
            no_wrap=True,
            overflow="ellipsis",
            min_width=None if index else 16,
        )
    kept = rows if len(rows) <= limit else rows[: max(limit - 1, 0)]
    for row in kept:
        table.add_row(*row)
    if len(kept) < len(rows):
        more = here.say(said("… and {count} more", count=len(rows) - len(kept)))
        table.add_row(Text(more, style="dim"))
    return table


def _trouble(row: SystemRow) -> float:
    counted = (row.in_doubt or 0) * 1e9 + (row.dead or 0) * 1e6 + (row.retrying or 0) * 1e3
    return counted + (1e12 if row.away_for_s > 0 else 0) + (row.backlog or 0)


def _contract(row: ContractRow) -> list[Text]:
    return [
        Text(row.contract),
        _rate(row.per_s),
        _rate(row.refused_per_s, "yellow"),
        _rate(row.failed_per_s, "bold red"),
        _time(row.p50_s),
        _time(row.p99_s),
        Text(f"{row.total:,}"),
    ]


def _system(row: SystemRow) -> list[Text]:
    away_for = Text(f"{row.away_for_s:.0f} s", style="bold red") if row.away_for_s > 0 else Text("·", style="dim")
    return [
        Text(row.system, style="bold red" if row.away_for_s > 0 else ""),
        Text("–", style="dim") if row.per_s is None else _rate(row.per_s),
        _time(row.p99_s),
        _count(row.backlog, "yellow"),
        away_for,
        _count(row.retrying, "yellow"),
        _count(row.dead, "bold red"),
        _count(row.in_doubt, "bold magenta"),
    ]


def _source(row: SourceRow, here: Speech) -> list[Text]:
    state = (here.gettext("another process"), "dim")
    if row.waiting:
        state = (here.gettext("waits for the bus"), "yellow")
    elif row.held:
        state = (here.pgettext("top", "reading"), "green")
    return [
        Text(row.source),
        _rate(row.per_s),
        Text(f"{row.rows:,}"),
        _count(row.rejected, "yellow"),
        _count(row.file_rows, ""),
        Text(*state),
    ]


def _rate(per_s: float, style: str = "") -> Text:
    if per_s <= 0:
        return Text("·", style="dim")
    return Text(f"{per_s:.1f}" if per_s < 100 else f"{per_s:,.0f}", style=style)


def _time(seconds: float | None) -> Text:
    if seconds is None:
        return Text("–", style="dim")
    return Text(
        f"{seconds * 1000:.1f} ms"
        if seconds < 0.1
        else f"{seconds * 1000:.0f} ms"
        if seconds < 1
        else f"{seconds:.1f} s"
    )


def _count(count: int | None, style: str) -> Text:
    if count is None:
        return Text("–", style="dim")
    return Text(f"{count:,}", style=style) if count else Text("·", style="dim")
