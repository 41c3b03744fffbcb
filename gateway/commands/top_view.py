"""How `lienthong top` looks: three tables that fit the terminal, colour only where somebody may have to act."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from contracts.wording import Language
from gateway.commands.top_samples import ContractRow, Picture, SourceRow, SystemRow

_HEADS: Final = MappingProxyType(
    {
        Language.VI: {
            "contracts": ("cấu trúc", "/s", "từ chối", "lỗi", "p50", "p99", "tổng"),
            "systems": ("hệ thống", "/s", "p99", "chờ", "ngắt", "gửi lại", "cần xử lý", "chưa rõ"),
            "sources": ("nguồn", "dòng/s", "dòng", "hỏng", "tệp: dòng", "trạng thái"),
        },
        Language.EN: {
            "contracts": ("contract", "/s", "refused", "failed", "p50", "p99", "total"),
            "systems": ("system", "/s", "p99", "backlog", "paused", "retrying", "dead", "in doubt"),
            "sources": ("source", "rows/s", "rows", "rejected", "file: row", "state"),
        },
    }
)
_WORDS: Final = MappingProxyType(
    {
        Language.VI: {
            "ready": "sẵn sàng",
            "not_ready": "chưa sẵn sàng",
            "lag": "sổ trễ",
            "no_ledger": "không hỏi được sổ",
            "quit": "q: thoát",
            "more": "… và {count} nữa",
            "reading": "đang đọc",
            "blocked": "đang đợi trục",
            "elsewhere": "tiến trình khác",
            "away": "không kết nối được từ {since} giây: {why}",
            "nothing": "chưa có yêu cầu nào",
        },
        Language.EN: {
            "ready": "ready",
            "not_ready": "not ready",
            "lag": "ledger behind by",
            "no_ledger": "the ledger cannot be asked",
            "quit": "q: quit",
            "more": "… and {count} more",
            "reading": "reading",
            "blocked": "waits for the bus",
            "elsewhere": "another process",
            "away": "not reached for {since} s: {why}",
            "nothing": "no request yet",
        },
    }
)
_AROUND: Final = 3
_LEAST: Final = 2


def view(picture: Picture, clock: str, language: Language, height: int) -> RenderableType:
    """The picture on `height` lines: what needs a look is never what is left out."""
    words, heads = _WORDS[language], _HEADS[language]
    contracts = sorted(picture.contracts, key=lambda row: (-row.failed_per_s, -row.per_s, row.contract))
    systems = sorted(picture.systems, key=lambda row: (-_trouble(row), row.system))
    sources = sorted(picture.sources, key=lambda row: (not row.waiting, row.source))
    sections: list[tuple[str, list[list[Text]]]] = [
        ("contracts", [_contract(row) for row in contracts]),
        ("systems", [_system(row) for row in systems]),
        ("sources", [_source(row, words) for row in sources]),
    ]
    shown = [(name, rows) for name, rows in sections if rows or name != "sources"]
    limits = _limits([len(rows) for _, rows in shown], height - 1 - 2 * len(shown))
    parts: list[RenderableType] = [_head(picture, clock, words)]
    for (name, rows), limit in zip(shown, limits, strict=True):
        parts += [Text(""), _table(heads[name], rows, limit, words)]
        if not rows:
            parts.append(Text(f" {words['nothing']}", style="dim"))
    return Group(*parts)


def away(url: str, since_s: float, why: str, language: Language) -> RenderableType:
    """What is shown while the bus cannot be reached."""
    words = _WORDS[language]
    line = words["away"].format(since=round(since_s), why=why)
    return Group(Text(f"{url}  {line}", style="bold red", overflow="ellipsis"), Text(words["quit"], style="dim"))


def _limits(wanted: Sequence[int], room: int) -> list[int]:
    """How many lines each table gets: small ones all they need, the rest what is left, evenly."""
    limits = [0] * len(wanted)
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    for place, index in enumerate(order):
        share = max(_LEAST, room // (len(order) - place))
        limits[index] = min(wanted[index], share)
        room -= max(limits[index], 1)
    return limits


def _head(picture: Picture, clock: str, words: dict[str, str]) -> RenderableType:
    left = Text.assemble((picture.bus, "bold"), "  ")
    left.append(words["ready"] if picture.ready else words["not_ready"], "green" if picture.ready else "bold red")
    if picture.lag is None:
        left.append(f"  {words['no_ledger']}", "bold red")
    else:
        left.append(f"  {words['lag']} {picture.lag:,}", "yellow" if picture.lag > 1000 else "dim")
    grid = Table.grid(expand=True)
    grid.add_column(no_wrap=True, overflow="ellipsis")
    grid.add_column(justify="right", no_wrap=True)
    grid.add_row(left, Text(f"{clock}  {words['quit']}", style="dim"))
    return grid


def _table(heads: Sequence[str], rows: Sequence[Sequence[Text]], limit: int, words: dict[str, str]) -> Table:
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
        table.add_row(Text(words["more"].format(count=len(rows) - len(kept)), style="dim"))
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


def _source(row: SourceRow, words: dict[str, str]) -> list[Text]:
    state = ("blocked", "yellow") if row.waiting else ("reading", "green") if row.held else ("elsewhere", "dim")
    return [
        Text(row.source),
        _rate(row.per_s),
        Text(f"{row.rows:,}"),
        _count(row.rejected, "yellow"),
        _count(row.file_rows, ""),
        Text(words[state[0]], style=state[1]),
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
