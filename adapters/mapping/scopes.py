"""What paths lead to in a schema, for the type check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from adapters.mapping.conditions import Condition
from adapters.mapping.paths import is_outer, pointer_in
from adapters.mapping.shapes import TEXT, Misuse, Shape, shape_of
from contracts.avro_types import (
    ArrayType,
    JsonKind,
    Kind,
    MapType,
    Primitive,
    RecordType,
    Type,
    branches,
    is_nullable,
    step,
    without_null,
)
from contracts.json_types import parts_of
from contracts.spelling import meant

Loc: TypeAlias = tuple[str | int, ...]

_NAMED: Final = {"$accepted_at": Primitive(Kind.TIMESTAMP_MILLIS), "$accepted_on": Primitive(Kind.DATE)}
_COMPOUND: Final = frozenset({JsonKind.ARRAY, JsonKind.OBJECT})


@dataclass(frozen=True, slots=True)
class Scope:
    """The types of the value at hand and of the whole record, None where not known.

    `present` are the paths of which a condition has made sure that they lead to something.
    """

    here: Type | None
    whole: Type | None
    present: frozenset[str] = frozenset()

    def at(self, here: Type | None) -> Scope:
        """The scope of another value of the same record."""
        return Scope(here, self.whole)

    def knowing(self, present: frozenset[str]) -> Scope:
        """The same scope, with paths that certainly lead to something."""
        return replace(self, present=self.present | present)

    def shape(self, source: str) -> Shape:
        """What a path or name leads to. Misuse where it leads nowhere."""
        if source.startswith("$"):
            return Shape(_NAMED.get(source, TEXT))
        start = self.whole if is_outer(source) else self.here
        if start is None:
            return Shape()
        found = _walk(start, source)
        if is_outer(source) and found.kinds <= _COMPOUND:
            message = f"{source} is no single value, and only such are taken from the whole record"
            raise Misuse(message, "take it outside, or take one of its parts")
        return replace(found, absent=False) if source in self.present else found


def _walk(start: Type, source: str) -> Shape:
    here, certain = start, True
    for part in parts_of(pointer_in(source)):
        certain = certain and isinstance(here, RecordType)
        below = None if part == "*" else step(here, part)
        if below is None:
            raise _nowhere(here, part, source)
        here = below
    shape = shape_of(here)
    return shape if certain else replace(shape, absent=True)


def _nowhere(here: Type, part: str, source: str) -> Misuse:
    present = without_null(here)
    if any(isinstance(branch, ArrayType) for branch in branches(present)):
        return Misuse(f"“{source}” goes through a list", "go through it with: each, or name one item: /0")
    for branch in branches(present):
        if isinstance(branch, RecordType):
            remedy = meant(part, [field.name for field in branch.fields], "fields")
            return Misuse(f"“{source}” does not exist: {branch.name} has no “{part}”", remedy)
    return Misuse(f"“{source}” does not exist: there is nothing below a single value", "shorten the path")


def object_in(of: Type | None) -> RecordType | MapType | None:
    """The record or map that a value of that type is, where it is one."""
    if of is None:
        return None
    return next((branch for branch in branches(of) if isinstance(branch, RecordType | MapType)), None)


def nullable(of: Type | None) -> bool:
    """Whether null may stand there, as far as is known."""
    return of is None or is_nullable(of)


def conditions_in(
    condition: Condition, loc: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Condition]]:
    """Every question about a path, with the place where it is written."""
    if condition.path is not None:
        yield loc, condition
    for name, several in (("all", condition.all_), ("any", condition.any_)):
        for index, each in enumerate(several or ()):
            yield from conditions_in(each, (*loc, name, index))
    if condition.not_ is not None:
        yield from conditions_in(condition.not_, (*loc, "not"))


def sure_of(condition: Condition, *, holds: bool) -> frozenset[str]:
    """The paths that certainly lead to something where a condition holds, or does not."""
    if condition.not_ is not None:
        return sure_of(condition.not_, holds=not holds)
    several = condition.all_ if holds else condition.any_
    if several is not None:
        return frozenset().union(*(sure_of(each, holds=holds) for each in several))
    if condition.path is None:
        return frozenset()
    if not holds:
        only = condition.model_fields_set <= {"path", "present"}
        return frozenset({condition.path}) if only and condition.present is False else frozenset()
    asks_for_null = any(each.null for each in (condition.equals, *(condition.in_ or ())) if each is not None)
    return frozenset() if condition.present is False or asks_for_null else frozenset({condition.path})
