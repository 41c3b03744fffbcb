"""One exchange as its sender sent it, as it lies on the log, and as the receiver wrote it down."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from rich.table import Table
from rich.text import Text

from adapters.ledger.trace import Hop
from contracts.canonical import to_json
from contracts.codec import decode, split
from contracts.errors import LogUnavailable
from deploy.demo.scenario import Scene
from deploy.demo.story.screen import ACCENT, BAD, GOOD, QUIET
from deploy.demo.story.stage import Stage
from deploy.demo.story.wards import BEFORE, name_on
from deploy.demo.verdict import Observation
from gateway.wiring.core import open_core
from gateway.wiring.ledger import ledger_queries
from gateway.wiring.offline import load_workspace
from gateway.wiring.tracing import trace_exchange

_RECEIVER = "gddt"
_SHOWN = (("full_name", "hoTen"), ("birth_date", "ngaySinh"))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One exchange from its three sides. `received` is empty where the receiver wrote nothing."""

    exchange: str
    sent: Mapping[str, Any]
    on_the_log: Mapping[str, Any]
    received: Mapping[str, Any]
    hops: Sequence[Hop]

    @property
    def trace_id(self) -> str:
        """The trace that the exchange belongs to."""
        return next((hop.trace_id for hop in self.hops if hop.trace_id), "")

    @classmethod
    async def read(cls, stage: Stage, scene: Scene, seen: Observation) -> Self:
        """Look at it from all sides; of the log and the ledger, as they lie in their files. BusError."""
        root = stage.city.workspace
        await stage.player.answered(scene, seen.exchange)
        on_the_log = await asyncio.to_thread(read_from_log, root, seen.exchange)
        traced = await asyncio.to_thread(trace_exchange, root, seen.exchange, from_log=False)
        received = next(iter(seen.lines.get(_RECEIVER, [])), {})
        return cls(seen.exchange, stage.player.record(scene), on_the_log, received, traced.hops)


def read_from_log(root: Path, exchange: str) -> dict[str, Any]:
    """The record of a request as it lies on the log, beside the running bus. BusError."""
    return asyncio.run(_read(root, exchange))


async def _read(root: Path, exchange: str) -> dict[str, Any]:
    workspace = load_workspace(root)
    queries = ledger_queries(workspace)
    core = await open_core(workspace, read_only=True)
    try:
        row = await queries.exchange(exchange)
        stored = None if row is None or row.accepted_at is None else await core.transport.read(row.accepted_at)
        if stored is None:
            raise LogUnavailable(f"{exchange} is not on the log")
        schema_id, payload = split(stored.message.value)
        schema = await core.registry.schema(schema_id)
        record = to_json(schema, decode(payload, schema), workspace.bus.time_zone)
        return record if isinstance(record, dict) else {}
    finally:
        await core.close()
        await queries.close()


def three_sides(stage: Stage, attempts: Sequence[Attempt]) -> Table:
    """Both attempts in three columns, with what became of the ward's code joined by lines."""
    texts = stage.screen.texts
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, style=QUIET)
    for ratio in (9, 0, 6, 0, 10):
        table.add_column(ratio=ratio or None, no_wrap=not ratio, justify="left" if ratio else "center")
    heads = [Text(texts(f"guess.{name}"), style="bold") for name in ("as_sent", "on_the_log", "as_received")]
    table.add_row("", heads[0], "", heads[1], "", heads[2])
    first, last = attempts[0], attempts[-1]
    for name, theirs in _SHOWN:
        cells = (last.sent.get(name, ""), last.on_the_log.get(name, ""), last.received.get(theirs, ""))
        sent, lying, written = (Text(str(cell)) for cell in cells)
        table.add_row(texts.label("fields", name), sent, "", lying, "", written)
    if not stage.screen.is_low:
        table.add_row("")
    table.add_row(*_codes(stage, 1, first))
    table.add_row("", Text.assemble(("  ┃ ", ACCENT), (texts("guess.picked"), QUIET)))
    table.add_row(*_codes(stage, len(attempts), last))
    return table


def hops(stage: Stage, number: int, attempt: Attempt) -> Text:
    """The hops of an attempt, with the milliseconds from each to the next, over the exchange's id."""
    texts = stage.screen.texts
    head = texts("guess.attempt", number=number)
    line = Text.assemble((f"{head}  ", "bold"))
    for hop in attempt.hops:
        line.append(texts.label("hops", hop.kind))
        if hop.duration_ms is not None:
            line.append(f" ─ {hop.duration_ms} ms ▶ ", style=ACCENT)
    line.append(f"\n{' ' * len(head)}  {attempt.exchange}", style=QUIET)
    return line


def _codes(stage: Stage, number: int, attempt: Attempt) -> tuple[Text, ...]:
    texts = stage.screen.texts
    code, lying = str(attempt.sent.get("home_ward", "")), str(attempt.on_the_log.get("home_ward", ""))
    written = str(attempt.received.get("maXa", ""))
    style = GOOD if written else BAD
    if written:
        end = Text(f"{written} {name_on(stage.wards, written, BEFORE)}", style=f"bold {style}")
    else:
        end = Text(f"✗ {texts('guess.nothing')}", style=style)
    return (
        Text(texts("guess.attempt", number=number)),
        Text.assemble((code, f"bold {style}"), (f" · {texts.day(attempt.sent['home_ward_on'])}", QUIET)),
        Text("━━━▶", style=style),
        Text(lying, style=f"bold {style}"),
        Text("━━━▶" if written else "━━━", style=style),
        end,
    )
