"""What travels through the onion of a delivery, and what comes out of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from adapters.delivery.services import BoundService
from contracts.envelope import Envelope
from contracts.json_types import JsonValue
from contracts.outcome import Outcome, Result
from contracts.ports import Stored


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that was taken from its inbox. `firm`: an earlier attempt may have taken effect, or an operator sent it
    on, so that nobody may withdraw it."""

    stored: Stored
    envelope: Envelope
    firm: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """An arrival with the service that it is for."""

    stored: Stored
    envelope: Envelope
    service: BoundService
    firm: bool = False


@dataclass(frozen=True, slots=True)
class RecordWork:
    """Work whose body has been decoded: `record` is the request in its canonical JSON form.

    `withheld` are the pointers of what a view left out of it.
    """

    envelope: Envelope
    service: BoundService
    record: JsonValue
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedOn:
    """Not settled here: it waits until `due_ms`, on a retry channel or in its lane, or for a person (None).

    `firm`: what was tried so far may have taken effect.
    """

    due_ms: int | None
    detail: str
    firm: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """A copy of something that was dealt with before; nothing was done."""

    detail: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """A copy of an exchange that is settled: the same result again, no call."""

    result: Result


Handled: TypeAlias = Result | HandedOn | Dropped | Repeated

_ENDED_BADLY: Final = frozenset({"dead", "retrying", Outcome.FAILED, Outcome.EXPIRED, Outcome.IN_DOUBT})


def end_of(handled: Handled) -> str:
    """How an attempt ended, in one word: for metrics, the log and spans."""
    match handled:
        case HandedOn(due_ms=None):
            return "dead"
        case HandedOn():
            return "retrying"
        case Dropped():
            return "dropped"
        case Repeated():
            return "repeated"
        case result:
            return str(result.outcome)


def ended_well(end: str) -> bool:
    """Whether such an end is nothing to be looked at."""
    return end not in _ENDED_BADLY


ArrivalHandler: TypeAlias = Callable[[Arrival], Awaitable[Handled]]
Handler: TypeAlias = Callable[[Work], Awaitable[Handled]]
Attempt: TypeAlias = Callable[[Work], Awaitable[Result]]
RecordHandler: TypeAlias = Callable[[RecordWork], Awaitable[Result]]
