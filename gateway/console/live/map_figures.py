"""The figures of the page *Map*: who sent what to whom in the last hour, and who may."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from contracts import channels
from contracts.ledger import FlowCount
from contracts.outcome import Pattern
from gateway.board import Board, InboxStatus
from gateway.console.cells import Badge
from gateway.console.live.now_figures import standing_of
from gateway.console.live.slots import Slots
from gateway.console.live.standings import PAUSED, PULLS, Tally, tally
from gateway.context import Gateway
from gateway.directory import Directory

SLOT_MS: Final = 60_000
SLOTS: Final = 60
_FRESH_SLOTS: Final = 2


class Way(NamedTuple):
    """What may flow: from a system, of a contract, to a system. An event as it is published flows to "", each copy of
    it to a subscriber."""

    sender: str
    contract: str
    receiver: str


@dataclass(frozen=True, slots=True)
class Line:
    """A way and what went along it in the last hour. `is_paused`: its receiver does not answer now; `is_pulled`: it
    fetches its events, which makes no exchange of its own."""

    way: Way
    tally: Tally
    is_paused: bool
    is_pulled: bool

    @property
    def badge(self) -> Badge:
        """How it stands: a receiver that is away is worse than what went wrong before."""
        if self.is_paused:
            return PAUSED
        return PULLS if self.is_pulled and not self.tally.total else self.tally.badge


@dataclass(frozen=True, slots=True)
class MapFigures:
    """All ways that are granted or were used, and how each receiver stands. `told` lacks whom no worker tells of."""

    at_ms: int
    lines: tuple[Line, ...]
    told: Mapping[str, InboxStatus]
    receivers: frozenset[str]

    def shown(self, most: int) -> tuple[Line, ...]:
        """The lines for a table: all of them, or of too many those that stand badly and then the busiest."""
        if len(self.lines) <= most:
            return self.lines
        return tuple(sorted(self.lines, key=lambda line: (line.badge.tone in {"ok", "held"}, -line.tally.total))[:most])

    def standing(self, system: str) -> Badge:
        """How a receiver's inboxes stand; who has none fetches."""
        if system not in self.receivers and system not in self.told:
            return PULLS
        return standing_of(self.told.get(system))


class MapReading:
    """Reads them again and again."""

    def __init__(self, gateway: Gateway, board: Board) -> None:
        self._gateway = gateway
        self._board = board
        self._slots = Slots(gateway.ledger.flows, SLOT_MS, SLOTS, _FRESH_SLOTS)

    async def read(self) -> MapFigures:
        """One reading: what changed of the last hour, and what the workers told. LedgerUnavailable."""
        now_ms, directory = self._gateway.now_ms(), self._gateway.directory()
        flows = await self._slots.read(now_ms)
        return await asyncio.to_thread(figures_of, flows, _by_owner(self._board.told()), directory, now_ms)


def figures_of(
    flows: Sequence[FlowCount], told: Mapping[str, InboxStatus], directory: Directory, now_ms: int
) -> MapFigures:
    """What the map shows of these counts."""
    counted: dict[Way, list[FlowCount]] = defaultdict(list)
    for flow in flows:
        counted[Way(flow.sender, flow.contract, channels.owner_of(flow.receiver))].append(flow)
    ways = set(counted) | set(_granted(directory, now_ms))
    receivers = frozenset(service.system for service in directory.services)
    lines = (
        Line(
            way,
            tally(counted.get(way, ())),
            is_paused=_is_away(told, way.receiver),
            is_pulled=bool(way.receiver) and _is_event(directory, way.contract) and way.receiver not in receivers,
        )
        for way in sorted(ways)
    )
    return MapFigures(now_ms, tuple(lines), told, receivers)


def _granted(directory: Directory, now_ms: int) -> Iterator[Way]:
    """Every way that a grant in force allows. Events flow from whom the grant covers, all else towards them."""
    today = datetime.fromtimestamp(now_ms / 1000, directory.zone).date()
    for grant in directory.grants:
        contract = directory.contracts.get(grant.contract)
        if contract is None or not grant.in_force(today):
            continue
        for provider in grant.providers:
            is_event = contract.pattern is Pattern.EVENT
            yield Way(
                *((provider, grant.contract, grant.system) if is_event else (grant.system, grant.contract, provider))
            )


def _is_event(directory: Directory, contract: str) -> bool:
    known = directory.contracts.get(contract)
    return known is not None and known.pattern is Pattern.EVENT


def _by_owner(told: Mapping[str, InboxStatus]) -> dict[str, InboxStatus]:
    """What is told of a system's own inbox and of its subscriptions' together."""
    together: dict[str, InboxStatus] = {}
    for receiver, status in told.items():
        owner = channels.owner_of(receiver)
        before = together.get(owner, InboxStatus(0, 0.0, status.time_ms))
        together[owner] = InboxStatus(
            before.backlog + status.backlog, max(before.breaker_open_s, status.breaker_open_s), status.time_ms
        )
    return together


def _is_away(told: Mapping[str, InboxStatus], receiver: str) -> bool:
    status = told.get(receiver)
    return status is not None and status.breaker_open_s > 0
