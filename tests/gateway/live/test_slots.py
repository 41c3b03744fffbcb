"""Counts are kept between readings: each asks the ledger for little, and misses nothing that came late."""

from __future__ import annotations

from contracts.ledger import FlowCount
from gateway.console.live.slots import Slots
from tests.gateway.live.flows import flow

SLOT_MS = 1000


class Ledger:
    """Counts by slot, which a test may change."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.asked: list[tuple[int, int]] = []

    async def flows(self, since_ms: int, until_ms: int, slot_ms: int) -> list[FlowCount]:
        """As `LedgerView.flows`."""
        self.asked.append((since_ms // slot_ms, until_ms // slot_ms))
        return [flow(slot, n) for slot, n in self.counts.items() if since_ms <= slot * slot_ms < until_ms]


async def test_only_the_window_is_told_and_it_moves_on() -> None:
    ledger = Ledger()
    ledger.counts = dict.fromkeys(range(100), 1)
    slots = Slots(ledger.flows, SLOT_MS, count=10, fresh=2)
    assert {each.slot for each in await slots.read(59_500)} == set(range(50, 100))
    ledger.counts = dict.fromkeys(range(61), 1)
    assert {each.slot for each in await slots.read(60_100)} == set(range(51, 61))


async def test_the_second_reading_asks_for_the_newest_and_for_a_few_older_ones() -> None:
    ledger = Ledger()
    slots = Slots(ledger.flows, SLOT_MS, count=10, fresh=2)
    await slots.read(59_500)
    assert ledger.asked[0][0] == 50
    ledger.asked.clear()
    await slots.read(60_500)
    assert [since for since, _ in ledger.asked] == [58, 52]
    assert ledger.asked[1][1] == 54


async def test_what_the_ledger_saw_late_is_seen_in_its_turn() -> None:
    ledger = Ledger()
    slots = Slots(ledger.flows, SLOT_MS, count=10, fresh=2)
    await slots.read(59_500)
    ledger.counts = {53: 7}
    for _ in range(5):
        found = await slots.read(59_600)
    assert [(each.slot, each.count) for each in found] == [(53, 7)]


async def test_after_a_pause_all_that_came_meanwhile_is_asked_for() -> None:
    ledger = Ledger()
    slots = Slots(ledger.flows, SLOT_MS, count=10, fresh=2)
    await slots.read(59_500)
    ledger.counts = dict.fromkeys(range(60, 66), 1)
    assert sum(each.count for each in await slots.read(65_000)) == 6
