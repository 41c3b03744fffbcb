"""Whether everything that one JSON Schema lets through is let through by another, where that can be proved.

JSON Schema can say more than anybody can compare. What is not proved here counts as incompatible and is named, so
nothing is let through that would break a reader; a subject that needs more freedom is set to NONE by its owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from contracts.json_types import parts_of, pointer_of

_SAYS_NOTHING: Final = frozenset(
    {
        "$comment", "$defs", "$id", "$schema", "default", "definitions", "deprecated", "description", "examples", "id",
        "readOnly", "title", "writeOnly",
    }
)  # fmt: skip
_INSIDE: Final = frozenset({"properties", "additionalProperties", "items"})
_AT_LEAST: Final = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_AT_MOST: Final = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_MOST_PAIRS: Final = 100_000


class Unproved(NamedTuple):
    """A place (JSON Pointer into the reader's schema) and the keyword there that may refuse what was let through."""

    path: str
    keyword: str


def unproved(reader: Any, writer: Any, *, same_references: bool) -> list[Unproved]:  # noqa: ANN401
    """Where `reader` may refuse what `writer` lets through; [] where it refuses nothing of it.

    `same_references`: both name the same other documents, so that what is referred to there is the same.
    """
    return list(_Proof(reader, writer, same_references=same_references).run())


class _Proof:
    def __init__(self, reader: Any, writer: Any, *, same_references: bool) -> None:  # noqa: ANN401
        self._reader = reader
        self._writer = writer
        self._same_references = same_references
        self._seen: set[tuple[int, int]] = set()

    def run(self) -> Iterator[Unproved]:
        """Compare from the root; what leads back to a pair that is being compared holds if all else does."""
        if _dialect(self._reader) != _dialect(self._writer):
            yield Unproved("/$schema", "$schema")
            return
        ahead: list[tuple[tuple[str, ...], Any, Any]] = [((), self._reader, self._writer)]
        while ahead:
            at, new, old = ahead.pop()
            new, old = self._followed(new, self._reader), self._followed(old, self._writer)
            pair = (id(new), id(old))
            if pair in self._seen and isinstance(new, dict) and isinstance(old, dict):
                continue
            self._seen.add(pair)
            if len(self._seen) > _MOST_PAIRS:
                yield Unproved(pointer_of(at), "$ref")
                return
            if new is True or old is False:
                continue
            old = {} if old is True else old
            if new is False:
                yield Unproved(pointer_of(at), "false")
                continue
            yield from (Unproved(pointer_of(at), keyword) for keyword in self._refused(new, old))
            ahead.extend(((*at, *place), inner, outer) for place, inner, outer in _inside(new, old))

    def _followed(self, value: Any, root: Any) -> Any:  # noqa: ANN401
        """What a reference into the same document stands for; one that leads elsewhere stays."""
        for _ in range(100):
            if not isinstance(value, dict) or set(value) - _SAYS_NOTHING != {"$ref"}:
                return value
            reference = value["$ref"]
            if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
                return value
            found = root
            for part in parts_of(reference[1:]):
                found = found.get(part) if isinstance(found, dict) else None
            if found is None:
                return value
            value = found
        return value

    def _refused(self, new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[str]:
        for keyword, value in new.items():
            inside = keyword in _INSIDE and isinstance(value, dict | bool)
            if not inside and keyword not in _SAYS_NOTHING and not self._holds(keyword, value, new, old):
                yield keyword

    def _holds(self, keyword: str, value: Any, new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:  # noqa: ANN401
        before = old.get(keyword)
        if keyword in _HELD:
            return _HELD[keyword](value, before)
        if keyword in _AT_LEAST:
            return _is_number(before) and bool(before >= value)
        if keyword in _AT_MOST:
            return _is_number(before) and bool(before <= value)
        return self._same(keyword, new, old)

    def _same(self, keyword: str, new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
        """Whether both say the very same, and mean the same by it: what a name stands for may have changed."""
        if keyword not in old or not _alike(new[keyword], old[keyword]):
            return False
        if not _refers(new[keyword], keyword):
            return True
        return self._same_references and _alike(self._reader, self._writer)


def _inside(new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """The pairs of inner schemas: what the reader asks of a member or an item, and what the writer's may be."""
    # What a pattern asks of a member is left out: then more may have been let through, and less is proved.
    rest = True if "patternProperties" in old else old.get("additionalProperties", True)
    old_members: Mapping[str, Any] = old.get("properties", {})
    new_members: Mapping[str, Any] = new.get("properties", {})
    for name, inner in new_members.items():
        yield ("properties", name), inner, old_members.get(name, rest)
    if "additionalProperties" in new:
        for name, outer in old_members.items():
            if name not in new_members:
                yield ("additionalProperties",), new["additionalProperties"], outer
        yield ("additionalProperties",), new["additionalProperties"], rest
    if isinstance(new.get("items"), dict | bool):
        items = old.get("items", True)
        yield ("items",), new["items"], items if isinstance(items, dict | bool) else True


def _types(value: Any) -> set[str]:  # noqa: ANN401
    listed = set(value if isinstance(value, list) else [value])
    return listed | {"integer"} if "number" in listed else listed


def _allowed(value: Any, before: Any) -> bool:  # noqa: ANN401
    return before is not None and _types(before) <= _types(value)


def _listed(value: Any, before: Any) -> bool:  # noqa: ANN401
    return isinstance(before, list) and all(any(_alike(each, one) for one in value) for each in before)


def _needed(value: Any, before: Any) -> bool:  # noqa: ANN401
    return set(value) <= set(before or ())


_HELD: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"type": _allowed, "enum": _listed, "required": _needed}


def _alike(one: Any, other: Any) -> bool:  # noqa: ANN401
    """Equal as JSON is: `true` is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return (type(one) is type(other) and bool(one == other)) or (_is_number(one) and _is_number(other) and one == other)


def _refers(value: Any, keyword: str) -> bool:  # noqa: ANN401
    if keyword in {"$ref", "$dynamicRef", "$recursiveRef"}:
        return True
    if isinstance(value, dict):
        return any(_refers(each, key) for key, each in value.items())
    return isinstance(value, list) and any(_refers(each, "") for each in value)


def _is_number(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, int | float) and not isinstance(value, bool)


def _dialect(value: Any) -> Any:  # noqa: ANN401
    return value.get("$schema") if isinstance(value, dict) else None
