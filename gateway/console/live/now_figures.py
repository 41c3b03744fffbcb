"""The figures of the page *Now*: the last five minutes by contract, and how the inboxes stand this second."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from contracts import channels
from contracts.errors import LogError
from contracts.ledger import FlowCount, OpenCounts
from contracts.outcome import Pattern
from gateway.board import Board, InboxStatus
from gateway.console.cells import Badge
from gateway.console.live.sparkline import Sparkline, sparkline
from gateway.console.live.standings import PAUSED, READY, UNSERVED, WAITING, Tally, tally
from gateway.context import Gateway
from gateway.directory import Directory

SLOT_MS: Final = 5_000
SLOTS: Final = 60
RATE_SLOTS: Final = 12
_SAMPLES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Latency:
    """How long exchanges took, from the gateway's seal to their end; None where none has ended."""

    p50_ms: int | None
    p95_ms: int | None


@dataclass(frozen=True, slots=True)
class Flow:
    """What goes through the bus of one contract, or of all: `rate` is a second over the last minute, `minute` and
    `tally` count the last minute and the last five."""

    contract: str
    pattern: Pattern | None
    rate: float
    minute: int
    tally: Tally
    line: Sparkline
    latency: Latency


@dataclass(frozen=True, slots=True)
class InboxLine:
    """A system that receives. `backlog` None: no worker has told for ten seconds."""

    system: str
    is_subscription: bool
    backlog: int | None
    paused_s: int
    badge: Badge


@dataclass(frozen=True, slots=True)
class NowFigures:
    """Everything on the page, of one moment. `lag` is what the log holds and the ledger has not read; None: unknown."""

    at_ms: int
    whole: Flow
    errors_line: Sparkline
    contracts: tuple[Flow, ...]
    inboxes: tuple[InboxLine, ...]
    open: OpenCounts
    lag: int | None

    @property
    def backlog(self) -> int:
        """What waits in all inboxes that are known."""
        return sum(each.backlog or 0 for each in self.inboxes)

    @property
    def paused(self) -> tuple[InboxLine, ...]:
        """The systems that do not answer."""
        return tuple(each for each in self.inboxes if each.badge is PAUSED)

    @property
    def unserved(self) -> tuple[InboxLine, ...]:
        """The systems of which no worker tells."""
        return tuple(each for each in self.inboxes if each.badge is UNSERVED)


async def read_now(gateway: Gateway, board: Board) -> NowFigures:
    """One reading: a query over five minutes, three small ones, and what the workers told. LedgerUnavailable."""
    now_ms = gateway.now_ms()
    first = now_ms // SLOT_MS - SLOTS + 1
    flows = await gateway.ledger.flows(first * SLOT_MS, SLOT_MS)
    took = await gateway.ledger.took(first * SLOT_MS, limit=_SAMPLES)
    open_counts = await gateway.ledger.open_counts()
    # An event is counted when it is published, and not once more for each copy of it.
    accepted = [each for each in flows if not each.is_copy]
    known = gateway.directory().contracts
    named: dict[str, list[FlowCount]] = {name: [] for name in known}
    for each in accepted:
        named.setdefault(each.contract, []).append(each)
    lasted: dict[str, list[int]] = defaultdict(list)
    for one in took:
        lasted[one.contract].append(one.took_ms)
    contracts = [
        _flow(name, known[name].pattern if name in known else mine[0].pattern, mine, lasted[name], now_ms, flows)
        for name, mine in named.items()
    ]
    return NowFigures(
        at_ms=now_ms,
        whole=_flow("", None, accepted, [one.took_ms for one in took], now_ms, flows),
        errors_line=sparkline([tally(slot).errors for slot in _by_slot(flows, first)], highest=1),
        contracts=tuple(sorted(contracts, key=lambda flow: (-flow.minute, -flow.tally.total, flow.contract))),
        inboxes=_inboxes(gateway.directory(), board.told()),
        open=open_counts,
        lag=await _lag(gateway),
    )


def latency(took_ms: Sequence[int]) -> Latency:
    """The half that was quicker took no longer than `p50_ms`; of twenty, nineteen took no longer than `p95_ms`."""
    ordered = sorted(took_ms)
    if not ordered:
        return Latency(None, None)
    return Latency(ordered[ceil(len(ordered) * 0.5) - 1], ordered[ceil(len(ordered) * 0.95) - 1])


def _flow(
    contract: str,
    pattern: Pattern | None,
    accepted: Sequence[FlowCount],
    took_ms: Sequence[int],
    now_ms: int,
    flows: Sequence[FlowCount],
) -> Flow:
    first = now_ms // SLOT_MS - SLOTS + 1
    counts = [sum(each.count for each in slot) for slot in _by_slot(accepted, first)]
    minute = sum(counts[-RATE_SLOTS:])
    lasted_s = (now_ms - (first + SLOTS - RATE_SLOTS) * SLOT_MS) / 1000
    # What went wrong with a copy of an event did go wrong, though it is not another event.
    wrong = tally(each for each in flows if contract in ("", each.contract))
    mine = Tally(sum(counts), wrong.errors, wrong.refused, wrong.retrying)
    return Flow(contract, pattern, minute / lasted_s, minute, mine, sparkline(counts, highest=1), latency(took_ms))


def _by_slot(flows: Sequence[FlowCount], first: int) -> list[list[FlowCount]]:
    slots: list[list[FlowCount]] = [[] for _ in range(SLOTS)]
    for each in flows:
        # A gateway whose clock is ahead seals in the future; it is shown as now.
        slots[min(max(each.slot - first, 0), SLOTS - 1)].append(each)
    return slots


def _inboxes(directory: Directory, told: dict[str, InboxStatus]) -> tuple[InboxLine, ...]:
    lines = []
    for receiver in {service.system for service in directory.services} | set(told):
        status = told.get(receiver)
        is_subscription = channels.is_subscription(receiver)
        backlog, open_s = (None, 0.0) if status is None else (status.backlog, status.breaker_open_s)
        badge = standing_of(status)
        lines.append(InboxLine(channels.owner_of(receiver), is_subscription, backlog, ceil(open_s), badge))
    return tuple(sorted(lines, key=lambda each: (each.badge is not PAUSED, -(each.backlog or 0), each.system)))


def standing_of(status: InboxStatus | None) -> Badge:
    """How a receiver stands, as its worker told last."""
    if status is None:
        return UNSERVED
    if status.breaker_open_s > 0:
        return PAUSED
    return WAITING if status.backlog > 0 else READY


async def _lag(gateway: Gateway) -> int | None:
    read = await gateway.ledger.positions()
    try:
        extents = await gateway.transport.extents(list(read))
    except (LogError, ValueError):
        # The log cannot be asked now, or has a channel that this configuration does not know.
        return None
    return sum(max(0, extent.end - max(read.get(where, 0), extent.first)) for where, extent in extents.items())
