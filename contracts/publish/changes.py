"""What is other in a version than in the one before it, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from contracts.catalogue import Contract
from contracts.publish.about import parts_of_version
from contracts.publish.fields import FieldLine, lines_of
from contracts.said import Said, said


class Change(StrEnum):
    """What became of a field."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that is other in version `major` than in the one before; `words` say what of it, where it was changed."""

    major: int
    part: str
    change: Change
    pointer: str
    words: Said | None = None


def changes_of(contract: Contract) -> list[FieldChange]:
    """Every change from each version to the next, the newest version first."""
    majors = sorted(contract.versions)
    found: list[FieldChange] = []
    for older, newer in reversed(list(pairwise(majors))):
        before = parts_of_version(contract, contract.versions[older])
        for part, schema in parts_of_version(contract, contract.versions[newer]).items():
            old = lines_of(before[part]) if part in before else []
            found.extend(_compared(newer, part, old, lines_of(schema)))
    return found


def _compared(major: int, part: str, before: list[FieldLine], after: list[FieldLine]) -> Iterator[FieldChange]:
    old = {line.pointer: line for line in before}
    new = {line.pointer: line for line in after}
    for pointer, line in new.items():
        if pointer not in old:
            yield FieldChange(major, part, Change.ADDED, pointer, line.words)
            continue
        for words in _differences(old[pointer], line):
            yield FieldChange(major, part, Change.CHANGED, pointer, words)
    for pointer in old:
        if pointer not in new:
            yield FieldChange(major, part, Change.REMOVED, pointer)


def _differences(before: FieldLine, after: FieldLine) -> Iterator[Said]:
    if before.words != after.words:
        yield said("{before} → {after}", before=before.words, after=after.words)
    if before.may_be_absent != after.may_be_absent:
        yield said("may be left out now") if after.may_be_absent else said("has to be there now")
    if before.may_be_null != after.may_be_null:
        yield said("may be empty now") if after.may_be_null else said("may not be empty any more")
    old, new = before.field.codelist, after.field.codelist
    if old != new:
        yield said("code list: {before} → {after}", before=old or "—", after=new or "—")
