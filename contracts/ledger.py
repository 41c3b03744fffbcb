"""The rows that the ledger shows: plain values, derived from the log and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from contracts.errors import Origin
from contracts.outcome import Outcome, Pattern, State
from contracts.ports import Position


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """One exchange. Times are milliseconds since 1970 UTC.

    `settled_at` is where the record lies that ended it: a reply for a query, a mark for a submission, a journal line
    where an operator decided (`resolved`). `event` is, for a subscriber's copy, the event that it is a copy of; an
    event itself has no receiver and no end: what became of it is told by its copies. `waits_for_person`: a dead letter
    of it is open. `sealed_ms` is when the gateway made it, by which lists are in order.
    """

    id: str
    contract: str
    major: int
    pattern: Pattern
    sender: str
    receiver: str
    accepted_ms: int
    accepted_at: Position | None
    grant: str
    purpose: str
    end_user: str
    case_key: str
    trace_id: str
    body_hash: str
    configuration: str
    event: str
    attempts: int
    state: State
    outcome: Outcome | None
    origin: Origin | None
    settled_ms: int | None
    settled_at: Position | None
    waits_for_person: bool
    conflict: bool
    sealed_ms: int = 0

    @property
    def place(self) -> ExchangePlace:
        """Where a list goes on after it."""
        return ExchangePlace(self.sealed_ms, self.id)


@dataclass(frozen=True, slots=True)
class StepRow:
    """One thing that happened to an exchange. `detail` holds no body and no personal data, and begins with `outcome`,
    where there is one."""

    exchange: str
    time_ms: int
    kind: str
    place: str
    attempt: int
    detail: str
    at: Position
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class DeadRow:
    """A message that gave up. `at` is where it lies with its body."""

    exchange: str
    contract: str
    system: str
    attempt: int
    time_ms: int
    reason: str
    origin: str
    is_open: bool
    at: Position

    @property
    def place(self) -> DeadPlace:
        """Where a list goes on after it."""
        return DeadPlace(self.time_ms, self.at.partition, self.at.offset)


class DeadPlace(NamedTuple):
    """Where a list of dead letters, the newest first, goes on: after this one."""

    time_ms: int
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class ExchangeSearch:
    """What exchanges are looked for; "" and None: any. Times are milliseconds since 1970, half-open.

    `id` is the beginning of an id. `outcomes` are any of; `states` too, and are of exchanges that have not ended.
    """

    id: str = ""
    states: frozenset[State] = frozenset()
    outcomes: frozenset[Outcome] = frozenset()
    waits_for_person: bool = False
    contract: str = ""
    sender: str = ""
    receiver: str = ""
    case_key: str = ""
    from_ms: int | None = None
    until_ms: int | None = None


class ExchangePlace(NamedTuple):
    """Where a list of exchanges, the newest or the oldest first, goes on: after this one."""

    sealed_ms: int
    id: str


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How many exchanges of one receiver have not come to an end that everybody knows.

    `waiting` are those that were accepted or are on their way, `retrying` those that failed and are tried again, `dead`
    those with an open dead letter, `in_doubt` those whose end nobody saw.
    """

    system: str
    waiting: int
    retrying: int
    dead: int
    in_doubt: int


@dataclass(frozen=True, slots=True)
class FlowCount:
    """How many exchanges that were sealed in one slot of time stand alike. Slots are numbered since 1970.

    An event has no receiver; `is_copy` tells a subscriber's copy of one, whose sender is the event's publisher.
    """

    slot: int
    contract: str
    pattern: Pattern
    sender: str
    receiver: str
    is_copy: bool
    state: State
    outcome: Outcome | None
    waits_for_person: bool
    count: int


class UseCount(NamedTuple):
    """How often one system used a major version of a contract: as a sender, or as a subscriber who is pushed events."""

    major: int
    system: str
    is_receiver: bool
    times: int
    last_ms: int


class Took(NamedTuple):
    """How long one exchange took, from its sealing to its end."""

    contract: str
    took_ms: int


class OpenCounts(NamedTuple):
    """How many exchanges are in trouble now, however old they are."""

    retrying: int
    dead: int
    in_doubt: int
