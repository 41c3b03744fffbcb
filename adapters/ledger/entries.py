"""What a message tells the ledger: states to be joined, steps, dead letters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from adapters.ledger.fold import ExchangeState, join

ACCEPTED: Final = "accepted"
BROUGHT_BACK: Final = "brought_back"
REPLIED: Final = "replied"
DEAD: Final = "dead"
SUPPLIED: Final = "supplied"
GAP: Final = "gap"


class StepRecord(NamedTuple):
    """A row of the table `steps`."""

    channel: str
    partition: int
    offset: int
    item: int
    exchange: str
    time_ms: int
    kind: str
    place: str
    attempt: int
    detail: str
    outcome: str | None = None
    trace_id: str = ""
    span_id: str = ""


class DeadRecord(NamedTuple):
    """A row of the table `dead`."""

    exchange: str
    attempt: int
    partition: int
    offset: int
    time_ms: int
    contract: str
    system: str
    reason: str
    origin: str


@dataclass(slots=True)
class Batch:
    """What a number of messages say together."""

    states: dict[str, ExchangeState] = field(default_factory=dict)
    steps: list[StepRecord] = field(default_factory=list)
    dead: dict[tuple[str, int], DeadRecord] = field(default_factory=dict)

    def say(self, exchange: str, state: ExchangeState) -> None:
        """Join `state` to what is known of `exchange`."""
        known = self.states.get(exchange)
        self.states[exchange] = state if known is None else join(known, state)

    def lay_down(self, letter: DeadRecord) -> None:
        """Add a dead letter, unless an earlier one of the same attempt is there."""
        key = (letter.exchange, letter.attempt)
        known = self.dead.get(key, letter)
        self.dead[key] = min(known, letter, key=lambda each: (each.time_ms, each.partition, each.offset))
