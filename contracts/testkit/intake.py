"""The suite of the port `Intake`. Every implementation must pass it.

Derive from `IntakeSuite` and give it a fixture `bench`: an intake over a log, and a sender who may use it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Protocol

import pytest

from contracts.envelope import Envelope, header
from contracts.errors import LogError, Permanent, Rejected
from contracts.json_types import JsonValue
from contracts.ports import Intake, Position, Stored, Submitted


class IntakeBench(Protocol):
    """An intake under test with its log."""

    sender: str
    """A system that may bring in records of the contract."""
    contract: str

    @property
    def intake(self) -> Intake:
        """The intake."""

    def record(self, name: str) -> JsonValue:
        """A good record; another one for each name."""

    def wrong(self) -> tuple[JsonValue, str]:
        """A record with one fault, and the pointer to it."""

    async def stored(self, position: Position) -> Stored | None:
        """What the log has at a place."""

    async def count(self) -> int:
        """How many records the log has."""

    def away(self, *, is_away: bool) -> None:
        """Take the log away, or bring it back."""


def submitted(bench: IntakeBench, name: str = "a") -> Submitted:
    """A good record under a key of its own."""
    return Submitted(bench.sender, bench.contract, None, bench.record(name), f"key-{name}", (("sourcerow", name),))


class IntakeSuite:
    """What every intake promises to sources."""

    async def test_what_is_accepted_is_on_the_log(self, bench: IntakeBench) -> None:
        """At the place that was answered, with the sender, the exchange and the attributes of the source."""
        taken_in = await bench.intake.accept(submitted(bench, "7"))
        stored = await bench.stored(taken_in.position)
        assert stored is not None
        headers = stored.message.headers
        assert header(headers, "ce_id") == taken_in.exchange
        envelope = Envelope.read(headers)
        assert (envelope.sender, envelope.contract) == (bench.sender, bench.contract)
        assert header(headers, "ce_sourcerow") == "7"
        assert not taken_in.repeated

    async def test_a_wrong_record_is_rejected_at_its_place(self, bench: IntakeBench) -> None:
        """And nothing of it is stored."""
        record, pointer = bench.wrong()
        with pytest.raises(Rejected) as rejected:
            await bench.intake.accept(replace(submitted(bench), record=record))
        assert [field.pointer for field in rejected.value.fields] == [pointer]
        assert await bench.count() == 0

    async def test_the_same_key_again_is_the_same_exchange(self, bench: IntakeBench) -> None:
        """It is told, and nothing is stored a second time."""
        first = await bench.intake.accept(submitted(bench))
        again = await bench.intake.accept(submitted(bench))
        assert again.exchange == first.exchange
        assert again.position == first.position
        assert again.repeated
        assert await bench.count() == 1

    async def test_the_same_key_for_another_record_is_rejected(self, bench: IntakeBench) -> None:
        """A key stands for one record, always."""
        await bench.intake.accept(submitted(bench))
        with pytest.raises(Rejected) as rejected:
            await bench.intake.accept(replace(submitted(bench), record=bench.record("b")))
        assert rejected.value.fields or rejected.value.detail
        assert await bench.count() == 1

    async def test_many_may_be_in_flight(self, bench: IntakeBench) -> None:
        """Each is stored once."""
        taken_in = await asyncio.gather(*(bench.intake.accept(submitted(bench, str(at))) for at in range(300)))
        assert len({each.position for each in taken_in}) == 300
        assert await bench.count() == 300

    async def test_a_log_that_is_away_is_told_and_the_record_may_come_again(self, bench: IntakeBench) -> None:
        """Under the same key, once it is back."""
        bench.away(is_away=True)
        with pytest.raises(LogError):
            await bench.intake.accept(submitted(bench))
        bench.away(is_away=False)
        await bench.intake.accept(submitted(bench))
        assert await bench.count() == 1

    async def test_who_may_not_is_told_so_whatever_the_record(self, bench: IntakeBench) -> None:
        """No record of it is wrong, so none may be thrown away for it."""
        for strange in (replace(submitted(bench), sender="stranger"), replace(submitted(bench), contract="no.such")):
            with pytest.raises(Permanent):
                await bench.intake.accept(strange)
        assert await bench.count() == 0
