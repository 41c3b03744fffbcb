"""Time and randomness from the machine; handed in wherever they are needed, so that tests can hand in others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from random import Random

Clock = Callable[[], int]
"""Milliseconds since 1970 UTC."""


def wall_clock_ms() -> int:
    """The machine's clock, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def random_source() -> Callable[[int], bytes]:
    """A fast source of bytes for ids of traces and spans; it starts unpredictably, but keeps no secret."""
    return Random(os.urandom(32)).randbytes  # noqa: S311 - ids of spans are no secrets
