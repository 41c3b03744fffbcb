"""Whom a change of a contract breaks, by name: who is granted it, provides it, or publishes it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.catalogue import Contract, ContractVersion, Grant, Publisher, Schemas, Service
from contracts.changes import FieldChange, Party, Spelling, breaking, changes
from contracts.outcome import SENT_IN, Pattern
from contracts.said import Said, said
from contracts.schema import Schema
from contracts.views import lets_through


@dataclass(frozen=True, slots=True)
class Users:
    """Who uses contracts: what a workspace says of them."""

    grants: Collection[Grant]
    services: Collection[Service]
    publishers: Collection[Publisher]
    day: date


@dataclass(frozen=True, slots=True)
class Changed:
    """A change in one part of a version ("request", "reply" or "event"), and the systems that it breaks, which may be
    none though it breaks somebody."""

    part: str
    change: FieldChange
    systems: tuple[str, ...] = ()

    def words(self) -> Said:
        """`grade_level: int → string, which breaks 3 systems: …`"""
        if not self.change.breaks:
            return self.change.words
        if not self.systems:
            return said("{change}, which breaks who goes by the version before it", change=self.change.words)
        names = ", ".join(self.systems)
        if len(self.systems) == 1:
            return said("{change}, which breaks {names}", change=self.change.words, names=names)
        return said(
            "{change}, which breaks {count} systems: {names}",
            change=self.change.words,
            count=len(self.systems),
            names=names,
        )


def breaks(contract: Contract, version: ContractVersion, earlier: Sequence[Schemas], users: Users) -> Iterator[Changed]:
    """What the version changes that it may not, since `earlier` ones, the oldest first."""
    pairs = [(SENT_IN[contract.pattern], version.request, [each.request for each in earlier])]
    if version.reply is not None:
        pairs.append(("reply", version.reply, [each.reply for each in earlier if each.reply is not None]))
    for part, schema, before in pairs:
        for change in breaking(contract.compatibility, schema, before):
            yield Changed(part, change, affected(contract, version.major, part, change, users))


def changed(
    contract: Contract, major: int, before: Schemas, after: Schemas, users: Users, spell: Spelling | None = None
) -> Iterator[Changed]:
    """All that is other in `after`, and whom it breaks of those who use `before`, which is of that major.

    `spell` as in `changes`.
    """
    pairs: list[tuple[str, Schema | None, Schema | None]] = [
        (SENT_IN[contract.pattern], before.request, after.request),
        ("reply", before.reply, after.reply),
    ]
    for part, old, new in pairs:
        if old is not None and new is not None:
            for change in changes(old, new, spell):
                yield Changed(part, change, affected(contract, major, part, change, users))


def affected(contract: Contract, major: int, part: str, change: FieldChange, users: Users) -> tuple[str, ...]:
    """The systems that the change breaks, sorted."""
    version = (contract.name, major)
    granted = [
        each
        for each in users.grants
        if (each.contract, each.major) == version and (each.valid_to is None or users.day < each.valid_to)
    ]
    asking = {each.system for each in granted}
    seeing = {each.system for each in granted if lets_through(each.view, change.pointer) is not None}
    serving = {each.system for each in users.services if (each.contract, each.major) == version}
    publishing = {each.system for each in users.publishers if (each.contract, each.major) == version}
    if contract.pattern is Pattern.EVENT:
        writers, readers = publishing, seeing
    else:
        writers, readers = (asking, serving) if part == "request" else (serving, seeing)
    hit = (writers if Party.WRITERS in change.breaks else set()) | (
        readers if Party.READERS in change.breaks else set()
    )
    return tuple(sorted(hit))
