"""What a grant lets through: the rest of a record is named, never shown as null."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from contracts.json_types import JsonValue, parts_of, pointer_of
from contracts.schema import ArrayType, FieldType, MapType, RecordType, Schema, Type, UnionType, branches

NOT_GRANTED: Final = "not_granted"

_HIDDEN: Final = object()
"""Stands for a value of which nothing may be seen."""

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The part of a record that a reader may see, and the pointers of the fields kept back."""

    record: JsonValue
    withheld: tuple[str, ...]


def seen_through(view: tuple[str, ...] | None, schema: Schema, record: JsonValue) -> Seen:
    """`record` (canonical JSON form of `schema`) as `view` lets it through; None lets all of it through.

    A pointer of the view covers all below it; "*" stands for every item of a list, or every entry of a map. What the
    view does not reach is left out and named, whatever the value is: only a null that stands in the record is shown.
    """
    if view is None:
        return Seen(record, ())
    withheld: dict[str, None] = {}
    shown = _show(schema.root, record, [parts_of(pointer) for pointer in view], (), withheld)
    return Seen({} if shown is _HIDDEN else shown, tuple(withheld))


def fields_under(schema: Schema) -> Iterator[tuple[str, FieldType]]:
    """Every field that a view can name, with its pointer: the nearest first, a record within itself only once."""
    waiting: deque[tuple[Type, Parts, frozenset[int]]] = deque([(schema.root, (), frozenset())])
    while waiting:
        of, at, within = waiting.popleft()
        for branch in branches(of):
            if isinstance(branch, ArrayType):
                waiting.append((branch.items, (*at, "*"), within))
            elif isinstance(branch, MapType):
                waiting.append((branch.values, (*at, "*"), within))
            elif isinstance(branch, RecordType) and id(branch) not in within:
                for field in branch.fields:
                    here = (*at, field.name)
                    yield pointer_of(here), field
                    waiting.append((field.type, here, within | {id(branch)}))


def lets_through(view: tuple[str, ...] | None, pointer: str) -> str | None:
    """The pointer of the view that shows the field at `pointer`, or something below it; None where it stays hidden.

    Of a view that lets all through it is "".
    """
    if view is None:
        return ""
    parts = parts_of(pointer)
    for allowed in view:
        named = parts_of(allowed)
        if all(_fits(one, other) for one, other in zip(named, parts, strict=False)):
            return allowed
    return None


def _fits(named: str, part: str) -> bool:
    return named == part or part == "*"


def _show(kind: Type, value: JsonValue, allowed: list[Parts], at: Parts, withheld: dict[str, None]) -> Any:  # noqa: ANN401 - JsonValue, or _HIDDEN
    if any(not rest for rest in allowed):
        return value
    of = _branch(kind, value)
    if isinstance(of, RecordType):
        return _record(of, value, allowed, at, withheld)
    if isinstance(of, ArrayType) and isinstance(value, list):
        below = _below(allowed, "*")
        if below:
            shown = (_show(of.items, item, below, (*at, "*"), withheld) for item in value)
            return [item for item in shown if item is not _HIDDEN]
    elif isinstance(of, MapType) and isinstance(value, dict):
        return _map(of, value, allowed, at, withheld)
    elif value is None:
        return None
    withheld[pointer_of(at)] = None
    return _HIDDEN


def _record(of: RecordType, value: JsonValue, allowed: list[Parts], at: Parts, withheld: dict[str, None]) -> JsonValue:
    shown: dict[str, JsonValue] = {}
    for field in of.fields:
        below = _below(allowed, field.name)
        if not below:
            withheld[pointer_of((*at, field.name))] = None
        elif isinstance(value, dict) and field.name in value:
            seen = _show(field.type, value[field.name], below, (*at, field.name), withheld)
            if seen is not _HIDDEN:
                shown[field.name] = seen
    return shown if isinstance(value, dict) else None


def _map(
    of: MapType, value: dict[str, JsonValue], allowed: list[Parts], at: Parts, withheld: dict[str, None]
) -> JsonValue:
    shown: dict[str, JsonValue] = {}
    for key, entry in value.items():
        below = [*_below(allowed, key), *_below(allowed, "*")]
        seen: Any = _show(of.values, entry, below, (*at, key), withheld) if below else _HIDDEN
        if seen is not _HIDDEN:
            shown[key] = seen
    if not _below(allowed, "*"):
        withheld[pointer_of((*at, "*"))] = None
    return shown


def _below(allowed: list[Parts], part: str) -> list[Parts]:
    return [rest[1:] for rest in allowed if rest[0] == part]


def _branch(kind: Type, value: JsonValue) -> Type:
    """What the value is, of a union; of null, the record that it could be, for its fields are named even so."""
    if not isinstance(kind, UnionType):
        return kind
    if value is None:
        return next((branch for branch in kind.branches if isinstance(branch, RecordType)), kind)
    for branch in kind.branches:
        if isinstance(branch, RecordType | MapType) if isinstance(value, dict) else isinstance(branch, ArrayType):
            return branch
    return kind
