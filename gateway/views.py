"""What a grant lets through: the rest of a record is named, never shown as null."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contracts.json_types import JsonValue, parts_of, pointer_of
from contracts.schema import ArrayType, RecordType, Schema, Type, UnionType

NOT_GRANTED: Final = "not_granted"

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The part of a record that a reader may see, and the pointers of the fields kept back."""

    record: JsonValue
    withheld: tuple[str, ...]


def seen_through(view: tuple[str, ...] | None, schema: Schema, record: JsonValue) -> Seen:
    """`record` (canonical JSON form of `schema`) as `view` lets it through; None lets all of it through.

    A pointer of the view covers all below it; "*" stands for every item of a list.
    """
    if view is None:
        return Seen(record, ())
    withheld: dict[str, None] = {}
    shown = _show(schema.root, record, [parts_of(pointer) for pointer in view], (), withheld)
    return Seen(shown, tuple(withheld))


def _show(kind: Type, value: JsonValue, allowed: list[Parts], at: Parts, withheld: dict[str, None]) -> JsonValue:
    if any(not rest for rest in allowed):
        return value
    kind = _inner(kind)
    if isinstance(kind, RecordType):
        shown: dict[str, JsonValue] = {}
        for field in kind.fields:
            below = [rest[1:] for rest in allowed if rest[0] == field.name]
            if not below:
                withheld[pointer_of((*at, field.name))] = None
            elif isinstance(value, dict) and field.name in value:
                shown[field.name] = _show(field.type, value[field.name], below, (*at, field.name), withheld)
        return shown if isinstance(value, dict) else value
    if isinstance(kind, ArrayType) and isinstance(value, list):
        below = [rest[1:] for rest in allowed if rest[0] == "*"]
        return [_show(kind.items, item, below, (*at, "*"), withheld) for item in value] if below else []
    return None


def _inner(kind: Type) -> Type:
    """The one branch of a nullable type that has fields."""
    if isinstance(kind, UnionType):
        for branch in kind.branches:
            if isinstance(branch, RecordType | ArrayType):
                return branch
    return kind
