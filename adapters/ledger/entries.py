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
    dead: list[DeadRecord] = field(default_factory=list)

    def say(self, exchange: str, state: ExchangeState) -> None:
        """Join `state` to what is known of `exchange`."""
        known = self.states.get(exchange)
        self.states[exchange] = state if known is None else join(known, state)
