"""Time and randomness from the machine; handed in wherever they are needed, so that tests can hand in others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Milliseconds since 1970 UTC."""


def wall_clock_ms() -> int:
    """The machine's clock, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def random_bytes(size: int) -> bytes:
    """Unpredictable bytes."""
    return os.urandom(size)
