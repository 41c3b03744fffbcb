"""What is known of one exchange, as a fold that does not mind order or repetition.

Channels and their partitions are read side by side, so a reply may be read before its request, and after a crash
things are read again. Therefore every message says its part as a state of its own, and states are joined by an
operation that is commutative, associative and idempotent: the earliest, the latest, or "ever". Whatever the order, the
same messages give the same state, which is what makes a rebuilt ledger the same ledger.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from contracts.outcome import Outcome, State

REQUEST_RANK: Final = 0
OTHER_RANK: Final = 1


class Place(NamedTuple):
    """Where and when a message lies. Compared as the log is read: by its time, then by its position."""

    time_ms: int
    channel: str
    partition: int
    offset: int


class Facts(NamedTuple):
    """What an envelope says of its exchange. `sealed_ms` is the clock of the gateway that accepted it."""

    contract: str
    major: int
    pattern: str
    sender: str
    receiver: str
    sealed_ms: int
    deadline_ms: int | None
    grant_id: str
    purpose: str
    end_user: str
    case_key: str
    trace_id: str
    body_hash: str
    configuration: str
    event: str
    order_key: str


class About(NamedTuple):
    """The message that speaks for the exchange: the lowest counts, so a request, its first attempt, its first copy."""

    rank: int
    attempt: int
    place: Place
    facts: Facts


class Ended(NamedTuple):
    """A message that ends the exchange; the first in the log counts."""

    place: Place
    outcome: str
    origin: str | None


class ExchangeState(NamedTuple):
    """The state of one exchange. Attempts count from 1; 0 says that no such message was seen.

    `attempts` is the highest that any message names, `requested` that of a request, `handed_on` that of one put on a
    retry channel, `dead` that of a dead letter, `closed` that of a dead letter that a person dealt with.
    """

    seen_ms: int
    about: About | None = None
    ended: Ended | None = None
    resolved: Ended | None = None
    attempts: int = 0
    requested: int = 0
    handed_on: int = 0
    dead: int = 0
    closed: int = 0
    worked: bool = False
    conflict_noted: bool = False
    hash_low: str | None = None
    hash_high: str | None = None

    @property
    def end(self) -> Ended | None:
        """How it ended. What an operator found out counts where the bus itself was in doubt."""
        if self.resolved is not None and (self.ended is None or self.ended.outcome == Outcome.IN_DOUBT):
            return self.resolved
        return self.ended

    @property
    def waits_attempt(self) -> int | None:
        """The attempt whose dead letter waits for a person; None where none does.

        A later request shows that somebody sent it on, even if the journal line about it was lost in a crash.
        """
        is_open = self.dead > self.closed and self.dead >= self.requested
        return self.dead if is_open and self.end is None else None

    @property
    def state(self) -> State:
        """Where it stands."""
        if self.end is not None:
            return State.SETTLED
        if self.waits_attempt is not None:
            return State.IN_PROGRESS
        if self.handed_on or self.requested > 1:
            return State.RETRYING
        return State.IN_PROGRESS if self.worked else State.ACCEPTED

    @property
    def conflict(self) -> bool:
        """Whether the same exchange came with different bodies."""
        return self.conflict_noted or self.hash_low != self.hash_high


def join(one: ExchangeState, other: ExchangeState) -> ExchangeState:
    """What both say together."""
    return ExchangeState(
        one.seen_ms if one.seen_ms <= other.seen_ms else other.seen_ms,
        _first_about(one.about, other.about),
        _first(one.ended, other.ended),
        _first(one.resolved, other.resolved),
        max(one.attempts, other.attempts),
        max(one.requested, other.requested),
        max(one.handed_on, other.handed_on),
        max(one.dead, other.dead),
        max(one.closed, other.closed),
        one.worked or other.worked,
        one.conflict_noted or other.conflict_noted,
        _lower(one.hash_low, other.hash_low),
        _higher(one.hash_high, other.hash_high),
    )


def _first_about(one: About | None, other: About | None) -> About | None:
    if one is None or other is None:
        return other if one is None else one
    return one if one[:3] <= other[:3] else other


def _first(one: Ended | None, other: Ended | None) -> Ended | None:
    if one is None or other is None:
        return other if one is None else one
    return one if one.place <= other.place else other


def _lower(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _higher(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)
