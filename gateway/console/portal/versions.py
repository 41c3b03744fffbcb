"""What the page of a contract says of its versions: how long each goes on, what it changes, and whom that breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from contracts.affected import Changed, Users, changed
from contracts.catalogue import Contract, Life, Schemas, Stage
from contracts.changes import Party
from contracts.publish.type_words import whole_words
from gateway.directory import Directory

_MOST_SHOWN: Final = 100
"""Changes of a step that a page has room for."""


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A major version. `users` are the systems that have a grant for it, by name."""

    major: int
    minor: int
    life: Life
    stage: Stage
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change. `writers` and `readers`: whether those are broken. `systems` are, by name, those who use it now."""

    changed: Changed
    systems: tuple[str, ...]

    @property
    def writers(self) -> bool:
        """Whether who writes by the version before is broken."""
        return Party.WRITERS in self.changed.change.breaks

    @property
    def readers(self) -> bool:
        """Whether who reads by the version before is broken."""
        return Party.READERS in self.changed.change.breaks


@dataclass(frozen=True, slots=True)
class StepLine:
    """What a version changes since the one before it, both as `2` or `2.1`. `more` changes are not among `lines`."""

    older: str
    newer: str
    lines: tuple[ChangeLine, ...]
    more: int

    @property
    def anchor(self) -> str:
        """What the page calls the step."""
        return f"step-{self.newer.replace('.', '-')}"


def versions_of(directory: Directory, contract: Contract, day: date) -> list[VersionLine]:
    """Every major version, the newest first."""
    return [
        VersionLine(major, of.minor, of.life, of.life.stage(day), _users(directory, contract, major, day))
        for major, of in sorted(contract.versions.items(), reverse=True)
    ]


def steps_of(directory: Directory, contract: Contract, day: date) -> list[StepLine]:
    """From each version to the next, the newest first: minor ones, and majors as they are now."""
    users = Users(directory.grants, directory.services, directory.publishers, day)
    return [_step(directory, contract, *step, users) for step in reversed(list(_steps(contract)))]


_Version = tuple[str, int, Schemas]


def _steps(contract: Contract) -> Iterator[tuple[_Version, _Version]]:
    """Each version with the one that it is compared to, the oldest first."""
    before: _Version | None = None
    for major, of in sorted(contract.versions.items()):
        now = (str(major), major, Schemas(of.request, of.reply))
        if before is not None:
            yield before, now
        before = now
        minors = [(f"{major}.{minor}", major, each) for minor, each in enumerate([*of.earlier, now[2]])]
        yield from pairwise(minors)


def _step(directory: Directory, contract: Contract, older: _Version, newer: _Version, users: Users) -> StepLine:
    (name, major, before), (newer_name, _, after) = older, newer
    found = list(changed(contract, major, before, after, users, whole_words))
    lines = tuple(ChangeLine(each, _names(directory, each.systems)) for each in found[:_MOST_SHOWN])
    return StepLine(name, newer_name, lines, len(found) - len(lines))


def _users(directory: Directory, contract: Contract, major: int, day: date) -> tuple[str, ...]:
    using = {
        each.system
        for each in directory.grants
        if (each.contract, each.major) == (contract.name, major) and each.in_force(day)
    }
    return _names(directory, tuple(sorted(using)))


def _names(directory: Directory, systems: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(directory.systems[each].name if each in directory.systems else each for each in systems)
