"""Small lines that show how a figure went: a path in a box, drawn here so that the browser needs no library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

WIDTH: Final = 240
HEIGHT: Final = 40
_TOP: Final = 3


class Sparkline(NamedTuple):
    """The line, the ground under it, and where it ends."""

    line: str
    ground: str
    end_y: float


def sparkline(values: Sequence[float], highest: float = 0.0) -> Sparkline:
    """`values` from left to right, over `highest` or their own highest. All zero is a line along the bottom."""
    top = max(highest, *values, 1e-9)
    step = WIDTH / max(1, len(values) - 1)
    points = [(index * step, HEIGHT - 1 - value / top * (HEIGHT - 1 - _TOP)) for index, value in enumerate(values)]
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return Sparkline(line, f"{line}V{HEIGHT}H0Z", round(points[-1][1], 1))
