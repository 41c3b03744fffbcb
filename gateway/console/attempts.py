"""How often a sign-in may fail: a person's name and an address each have a number of tries."""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

WITHIN_S: Final = 300.0
OF_A_USER: Final = 10
OF_AN_ADDRESS: Final = 50
"""Behind a proxy everybody has one address, so it has more tries than a user has."""

_MOST_KEYS: Final = 20_000


class Attempts:
    """Counts failures by user and by address, in bounded memory. `now_s` is any clock that only goes forward."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._failed: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def wait_s(self, user: str, address: str) -> int:
        """How long to wait before the next try; 0: not at all."""
        waits = (self._wait(("user", user), OF_A_USER), self._wait(("address", address), OF_AN_ADDRESS))
        return math.ceil(max(waits))

    def failed(self, user: str, address: str) -> None:
        """A sign-in failed."""
        for key, most in ((("user", user), OF_A_USER), (("address", address), OF_AN_ADDRESS)):
            times = self._failed.setdefault(key, deque(maxlen=most))
            times.append(self._now_s())
            self._failed.move_to_end(key)
        while len(self._failed) > _MOST_KEYS:
            self._failed.popitem(last=False)

    def succeeded(self, user: str) -> None:
        """A sign-in succeeded: the user's failures are forgotten, the address's are not."""
        self._failed.pop(("user", user), None)

    def _wait(self, key: tuple[str, str], most: int) -> float:
        times = self._failed.get(key)
        if times is None or len(times) < most:
            return 0.0
        return max(0.0, times[0] + WITHIN_S - self._now_s())
