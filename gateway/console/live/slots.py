"""What flowed lately, kept by slots of time between readings, so that a reading asks for little of it anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from contracts.ledger import FlowCount

Counted = Callable[[int, int, int], Awaitable[Sequence[FlowCount]]]
"""Asks the ledger: since, until (milliseconds, half-open) and the length of a slot."""


class Slots:
    """The last `count` slots of `slot_ms`.

    A reading asks for the newest `fresh` slots, where the ledger may have lagged and exchanges go on, and for as many
    older ones in turn: what happens late to an old exchange is seen after `count / fresh` readings.
    """

    def __init__(self, counted: Counted, slot_ms: int, count: int, fresh: int) -> None:
        self._counted = counted
        self._slot_ms = slot_ms
        self._count = count
        self._fresh = fresh
        self._kept: dict[int, list[FlowCount]] = {}
        self._last: int | None = None
        self._turn = 0

    async def read(self, now_ms: int) -> list[FlowCount]:
        """All counts of the last `count` slots, the one of now included. LedgerUnavailable."""
        last = now_ms // self._slot_ms
        first = last - self._count + 1
        newest = first if self._last is None else max(first, self._last - self._fresh + 1)
        await self._replace(newest, None)
        turn = self._turn if first <= self._turn < newest else first
        if turn < newest:
            await self._replace(turn, min(turn + self._fresh, newest))
        self._turn = turn + self._fresh
        self._last = last
        self._kept = {slot: flows for slot, flows in self._kept.items() if slot >= first}
        return [flow for flows in self._kept.values() for flow in flows]

    async def _replace(self, since: int, until: int | None) -> None:
        """Ask for the slots from `since` to before `until`; None: all after, as clocks differ."""
        end_ms = (1 << 62) if until is None else until * self._slot_ms
        found = await self._counted(since * self._slot_ms, end_ms, self._slot_ms)
        self._kept = {
            slot: flows for slot, flows in self._kept.items() if slot < since or (until is not None and slot >= until)
        }
        for flow in found:
            self._kept.setdefault(flow.slot, []).append(flow)
