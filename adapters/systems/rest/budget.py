"""How much one call may still take."""

from __future__ import annotations

from collections.abc import Callable

from adapters.systems.rest.wire import Bounds
from contracts.errors import Origin, Transient


class Budget:
    """The time and the bytes of one call, over all requests that it takes. `now_s` is any clock that runs on."""

    def __init__(self, limit_s: float, most_bytes: int, now_s: Callable[[], float]) -> None:
        self._limit_s = limit_s
        self._now_s = now_s
        self._due_s = now_s() + limit_s
        self._left_bytes = most_bytes
        self._sent = False

    def left_s(self) -> float:
        """How long it may still take. Transient where the time is used up."""
        left_s = self._due_s - self._now_s()
        if left_s <= 0:
            raise Transient("there was no time left for the call", sent=self._sent, origin=Origin.BUS)
        return left_s

    def bounds(self) -> Bounds:
        """What the next request may take; it counts as sent. Transient where the time is used up."""
        bounds = Bounds(self.left_s(), self._limit_s, self._left_bytes)
        self._sent = True
        return bounds

    def spend(self, size_bytes: int) -> None:
        """So many bytes of an answer count."""
        self._left_bytes = max(0, self._left_bytes - size_bytes)
