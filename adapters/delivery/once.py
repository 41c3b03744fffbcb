"""What is known of each exchange of an inbox: the fold of the marks beside it.

Marks of one exchange lie in one partition, in order. The first `settled` wins for good; otherwise the latest counts.
They are kept for two to one windows: long enough for every copy that may still come, bounded all the same.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from enum import Enum, auto
from typing import Final, NamedTuple

from adapters.clock import Clock
from adapters.delivery.turns import Turns
from contracts.ports import Partition
from contracts.records import MarkKind

WINDOW_MS: Final = 600_000


class Verdict(Enum):
    """What a worker does with a message."""

    CALL = auto()
    SAME_AGAIN = auto()
    DROP = auto()
    IN_DOUBT = auto()


class Last(NamedTuple):
    """The mark that counts for an exchange, and where it lies. `due_ms` is when what was handed on is to be tried
    again; None where it waits for a person. `firm`: what was tried so far may have taken effect."""

    kind: MarkKind
    attempt: int
    offset: int
    due_ms: int | None = None
    firm: bool = False


class Marks:
    """The marks of the partitions that this worker holds. Used from one event loop."""

    def __init__(self, clock: Clock, *, window_ms: int = WINDOW_MS) -> None:
        self._clock = clock
        self._window_ms = window_ms
        self._partitions: dict[Partition, _Partition] = {}
        self._turns = Turns()

    def fold(self, inbox: Partition, exchange: str, last: Last) -> None:
        """Take in one mark of `exchange`, whose message lies in `inbox`."""
        self._of(inbox).fold(exchange, last)

    def last(self, inbox: Partition, exchange: str) -> Last | None:
        """The mark that counts for `exchange`, where one is remembered."""
        return self._of(inbox).get(exchange)

    def judge(self, inbox: Partition, exchange: str, attempt: int) -> tuple[Verdict, Last | None]:
        """What to do with attempt `attempt` of `exchange`, and the mark that says so."""
        last = self._of(inbox).get(exchange)
        if last is None:
            return Verdict.CALL, None
        return _verdict(last, attempt), last

    def resumed(self, inbox: Partition, exchange: str, attempt: int) -> tuple[int, int]:
        """The attempt that a message of an ordered inbox is to be taken for, and when it is due (0: now).

        It is tried again in place, so that it comes as attempt `attempt` however many were made; the marks tell.
        """
        last = self._of(inbox).get(exchange)
        if last is None or last.attempt < attempt or last.kind is MarkKind.SETTLED:
            return attempt, 0
        if last.kind is MarkKind.HANDED_ON:
            return (attempt, 0) if last.due_ms is None else (last.attempt + 1, last.due_ms)
        return last.attempt, 0

    def forget(self, inbox: Partition) -> None:
        """The partition is somebody else's now."""
        self._partitions.pop(inbox, None)

    def serialised(self, exchange: str) -> AbstractAsyncContextManager[None]:
        """One at a time for each exchange."""
        return self._turns.of(exchange)

    def _of(self, inbox: Partition) -> _Partition:
        partition = self._partitions.get(inbox)
        if partition is None:
            partition = self._partitions[inbox] = _Partition(self._clock(), self._window_ms)
        partition.turn(self._clock())
        return partition


def _verdict(last: Last, attempt: int) -> Verdict:
    if last.kind is MarkKind.SETTLED:
        return Verdict.SAME_AGAIN
    if attempt < last.attempt:
        return Verdict.DROP
    if last.kind is MarkKind.HANDED_ON:
        return Verdict.DROP if attempt == last.attempt else Verdict.CALL
    # A provider that is not idempotent was called and nobody lived to say what came of it.
    return Verdict.IN_DOUBT if last.kind is MarkKind.STARTED else Verdict.CALL


class _Partition:
    """Two generations, turned once a window: what is in neither is older than a window. Keys are 16 bytes, not text."""

    __slots__ = ("_old", "_turned_ms", "_window_ms", "_young")

    def __init__(self, now_ms: int, window_ms: int) -> None:
        self._young: dict[bytes, Last] = {}
        self._old: dict[bytes, Last] = {}
        self._turned_ms = now_ms
        self._window_ms = window_ms

    def get(self, exchange: str) -> Last | None:
        key = _key(exchange)
        return self._young.get(key) or self._old.get(key)

    def fold(self, exchange: str, last: Last) -> None:
        key = _key(exchange)
        known = self._young.get(key) or self._old.get(key)
        if known is None or (known.kind is not MarkKind.SETTLED and last.attempt >= known.attempt):
            self._young[key] = last
        elif key not in self._young:
            self._young[key] = known

    def turn(self, now_ms: int) -> None:
        if now_ms - self._turned_ms < self._window_ms:
            return
        # What was started and not ended is never forgotten while this worker lives: its absence would mean "call".
        kept = {key: last for key, last in self._old.items() if last.kind is MarkKind.STARTED}
        self._old = {**kept, **self._young}
        self._young = {}
        self._turned_ms = now_ms


def _key(exchange: str) -> bytes:
    try:
        return bytes.fromhex(exchange.replace("-", ""))
    except ValueError:
        return exchange.encode()
