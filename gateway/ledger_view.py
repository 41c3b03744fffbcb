"""What the gateway reads from the ledger. The wiring hands in the real one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from contracts.ledger import (
    DeadPlace,
    DeadRow,
    ExchangePlace,
    ExchangeRow,
    ExchangeSearch,
    FlowCount,
    OpenCounts,
    StandingRow,
    StepRow,
    Took,
    UseCount,
)
from contracts.ports import Known, Partition


class LedgerView(Protocol):
    """Everything here may raise LedgerUnavailable."""

    async def known(self, exchanges: Collection[str]) -> Mapping[str, Known]:
        """Those of `exchanges` that it has seen accepted."""

    async def position(self, partition: Partition) -> int:
        """The next offset it has not yet read from `partition`."""

    async def positions(self) -> Mapping[Partition, int]:
        """`position` for every partition it reads."""

    async def exchange(self, exchange: str) -> ExchangeRow | None:
        """One exchange, or None where it has not seen it."""

    async def steps(self, exchange: str) -> Sequence[StepRow]:
        """What happened to an exchange, in the order of time."""

    async def copies(self, event: str, *, limit: int) -> Sequence[ExchangeRow]:
        """The subscribers' copies of an event, by subscriber."""

    async def dead(
        self,
        *,
        system: str | None = None,
        exchange: str | None = None,
        limit: int,
        open_only: bool = True,
        after: DeadPlace | None = None,
    ) -> Sequence[DeadRow]:
        """Dead letters, the newest first; with `after` those that follow it in the list."""

    async def in_doubt(self, *, limit: int, after: ExchangePlace | None = None) -> Sequence[ExchangeRow]:
        """Exchanges in doubt that nobody has resolved, the oldest first; with `after` those that follow it."""

    async def search(
        self, wanted: ExchangeSearch, *, limit: int, after: ExchangePlace | None = None
    ) -> Sequence[ExchangeRow]:
        """The exchanges that are wanted, the newest first; with `after` those that follow it in the list."""

    async def standing(self) -> Sequence[StandingRow]:
        """What is open at each receiver."""

    async def flows(self, since_ms: int, until_ms: int, slot_ms: int) -> Sequence[FlowCount]:
        """What was sealed in that time (half-open), counted by slot, contract, parties and how it stands."""

    async def uses(self, contract: str, since_ms: int) -> Sequence[UseCount]:
        """Who used a contract since then, by major version and system."""

    async def took(self, since_ms: int, *, limit: int) -> Sequence[Took]:
        """How long the newest exchanges took, of those that were sealed since then and have ended."""

    async def open_counts(self) -> OpenCounts:
        """How many are being tried again, wait for a person, or are in doubt."""
