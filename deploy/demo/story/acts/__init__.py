"""The acts of the story, one a file; `ACTS` is their order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from deploy.demo.story.acts import asking, disease, ending, guess, opening, plug, turn
from deploy.demo.story.stage import Stage

Act = Callable[[Stage], Awaitable[None]]

ACTS: Final[dict[str, Act]] = {
    "opening": opening.play,
    "disease": disease.play,
    "asking": asking.play,
    "guess": guess.play,
    "plug": plug.play,
    "turn": turn.play,
    "ending": ending.play,
}
STARTS_THE_BUS: Final = frozenset({"opening", "turn"})
"""The acts in which the bus need not run all the time. In all others the story is over where it dies."""
