"""The figures of the page *Now*: the last five minutes by contract, and how the inboxes stand this second."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from contracts import channels
from contracts.catalogue import Contract
from contracts.errors import LogError
from contracts.ledger import FlowCount, OpenCounts, Took
from contracts.outcome import Pattern
from gateway.board import Board, InboxStatus
from gateway.console.cells import Badge
from gateway.console.live.slots import Slots
from gateway.console.live.sparkline import Sparkline, sparkline
from gateway.console.live.standings import PAUSED, READY, UNSERVED, WAITING, Tally, tally
from gateway.context import Gateway
from gateway.directory import Directory

SLOT_MS: Final = 5_000
SLOTS: Final = 60
RATE_SLOTS: Final = 12
_FRESH_SLOTS: Final = 6
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


class NowReading:
    """Reads them again and again."""

    def __init__(self, gateway: Gateway, board: Board) -> None:
        self._gateway = gateway
        self._board = board
        self._slots = Slots(gateway.ledger.flows, SLOT_MS, SLOTS, _FRESH_SLOTS)

    async def read(self) -> NowFigures:
        """One reading: what changed of the last five minutes, and what the workers told. LedgerUnavailable."""
        gateway = self._gateway
        now_ms = gateway.now_ms()
        flows = await self._slots.read(now_ms)
        took = await gateway.ledger.took(now_ms - SLOTS * SLOT_MS, limit=_SAMPLES)
        open_counts = await gateway.ledger.open_counts()
        lag = await _lag(gateway)
        inboxes = _inboxes(gateway.directory(), self._board.told())
        contracts = gateway.directory().contracts
        # Beside the event loop: a busy bus has thousands of counts.
        whole, each, errors = await asyncio.to_thread(_counted, flows, took, contracts, now_ms)
        return NowFigures(now_ms, whole, errors, each, inboxes, open_counts, lag)


def _counted(
    flows: Sequence[FlowCount], took: Sequence[Took], contracts: Mapping[str, Contract], now_ms: int
) -> tuple[Flow, tuple[Flow, ...], Sparkline]:
    """All contracts together, each of them with the busiest first, and how errors went."""
    named: dict[str, list[FlowCount]] = {name: [] for name in contracts}
    for each in flows:
        named.setdefault(each.contract, []).append(each)
    lasted: dict[str, list[int]] = defaultdict(list)
    for one in took:
        lasted[one.contract].append(one.took_ms)
    found = [
        _flow(name, contracts[name].pattern if name in contracts else mine[0].pattern, mine, lasted[name], now_ms)
        for name, mine in named.items()
    ]
    found.sort(key=lambda flow: (-flow.minute, -flow.tally.total, flow.contract))
    whole = _flow("", None, flows, [one.took_ms for one in took], now_ms)
    errors = [tally(slot).errors for slot in _by_slot(flows, now_ms)]
    return whole, tuple(found), sparkline(errors, highest=1)


def latency(took_ms: Sequence[int]) -> Latency:
    """The half that was quicker took no longer than `p50_ms`; of twenty, nineteen took no longer than `p95_ms`."""
    ordered = sorted(took_ms)
    if not ordered:
        return Latency(None, None)
    return Latency(ordered[ceil(len(ordered) * 0.5) - 1], ordered[ceil(len(ordered) * 0.95) - 1])


def _flow(
    contract: str, pattern: Pattern | None, flows: Sequence[FlowCount], took_ms: Sequence[int], now_ms: int
) -> Flow:
    # An event is counted when it is published, and not once more for each copy of it; what goes wrong with a copy did
    # go wrong all the same.
    counts = [sum(each.count for each in slot if not each.is_copy) for slot in _by_slot(flows, now_ms)]
    wrong = tally(flows)
    minute = sum(counts[-RATE_SLOTS:])
    lasted_s = (now_ms - (now_ms // SLOT_MS - RATE_SLOTS + 1) * SLOT_MS) / 1000
    mine = Tally(sum(counts), wrong.errors, wrong.refused, wrong.retrying)
    return Flow(contract, pattern, minute / lasted_s, minute, mine, sparkline(counts, highest=1), latency(took_ms))


def _by_slot(flows: Sequence[FlowCount], now_ms: int) -> list[list[FlowCount]]:
    first = now_ms // SLOT_MS - SLOTS + 1
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
