"""The account of a visit: what was sent, how it ended, and what the receiving system wrote down itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from contracts.said import said
from deploy.demo.journals import Line
from deploy.demo.scenario import Scene
from deploy.demo.verdict import Observation, differences


@dataclass(slots=True)
class Account:
    """What has been seen so far, and all that was not as its scene expects."""

    seen: list[Observation] = field(default_factory=list)
    straight: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, scene: Scene, seen: Sequence[Observation]) -> list[str]:
        """Take in what was seen of a scene; answers what was not as it expects."""
        found: list[str] = [
            said("{name}: {what}", name=scene.name, what=each)
            for one in seen
            for each in differences(scene.expect, one)
        ]
        self.wrong += found
        if scene.play == "direct":
            self.straight += len(seen)
        else:
            self.seen += seen
        return found

    def outcomes(self) -> Counter[str]:
        """How many exchanges ended in each way; what has not ended, or was turned away at the door, is `other`."""
        return Counter(each.outcome or "other" for each in self.seen)


@dataclass(frozen=True, slots=True)
class Count:
    """What a receiving system's own file says of `sent` exchanges."""

    sent: int
    delivered: int
    lost: int
    twice: int
    recognised: int

    @property
    def is_whole(self) -> bool:
        """Whether each of them arrived once."""
        return self.delivered == self.sent and not self.lost and not self.twice


def count(exchanges: Sequence[str], lines: Sequence[Line]) -> Count:
    """Each of `exchanges` in a receiver's lines. A call that it recognised as a repeat had no effect."""
    wanted = frozenset(exchanges)
    mine = [line for line in lines if line["exchange"] in wanted]
    entered = Counter(line["exchange"] for line in mine if not line.get("repeat") and "error" not in line)
    return Count(
        sent=len(exchanges),
        delivered=len(entered),
        lost=len(wanted) - len(entered),
        twice=sum(times - 1 for times in entered.values()),
        recognised=sum(1 for line in mine if line.get("repeat")),
    )
