"""What the registry asks of an Avro schema beside Avro's own rules: records end, and names differ in more than case.

Neither databases nor file systems behind Kafka can be trusted to tell small letters from large ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from contracts.avro_any import NAMED, AnyType, Sort
from contracts.avro_reading import SchemaProblem
from contracts.json_types import pointer_of
from contracts.said import said


def broken_rules(root: AnyType) -> list[SchemaProblem]:
    """Each place at which a schema breaks one of them, found from its root; named types are told by their first use."""
    return [*_alike(root), *_endless(root)]


def _walk(root: AnyType) -> Iterator[tuple[tuple[str | int, ...], AnyType]]:
    ahead: list[tuple[tuple[str | int, ...], AnyType]] = [((), root)]
    seen: set[int] = set()
    while ahead:
        at, here = ahead.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        yield at, here
        ahead.extend(((*at, "fields", i, "type"), each.type) for i, each in enumerate(here.fields))
        key: tuple[str, ...] = {Sort.ARRAY: ("items",), Sort.MAP: ("values",)}.get(here.sort, ())
        ahead.extend(((*at, *(key or (i,))), each) for i, each in enumerate(here.inner))


def _alike(root: AnyType) -> Iterator[SchemaProblem]:
    types: dict[str, str] = {}
    for at, here in _walk(root):
        if here.sort in NAMED:
            yield from _differ((*at, "name"), here.name, types)
        names: dict[str, str] = {}
        for i, field in enumerate(here.fields):
            yield from _differ((*at, "fields", i, "name"), field.name, names)


def _differ(at: Iterable[str | int], name: str, seen: dict[str, str]) -> Iterator[SchemaProblem]:
    other = seen.setdefault(name.casefold(), name)
    if other != name:
        message = said("{name} and {other} differ in small and large letters only", name=name, other=other)
        remedy = said("give one of them another name: many systems cannot tell them apart")
        yield SchemaProblem(pointer_of(at), message, remedy)


def _endless(root: AnyType) -> Iterator[SchemaProblem]:
    """A record that has itself as a field, with nothing optional on the way, cannot be written."""
    records = {id(here): (at, here) for at, here in _walk(root) if here.sort is Sort.RECORD}
    within = {
        key: {id(field.type) for field in here.fields if field.type.sort is Sort.RECORD}
        for key, (_, here) in records.items()
    }
    for key in _in_circles(within):
        at, here = records[key]
        message = said("a {name} must contain another {name}, without end", name=here.name)
        remedy = said('make the field that leads back optional: ["null", "{name}"]', name=here.name)
        yield SchemaProblem(pointer_of(at), message, remedy)


def _in_circles(within: Mapping[int, set[int]]) -> list[int]:
    """The nodes of a graph that lie on a circle, or between two."""
    left = _without_leaves(within)
    back: dict[int, set[int]] = {node: set() for node in left}
    for node, inner in left.items():
        for each in inner:
            back[each].add(node)
    return list(_without_leaves(back))


def _without_leaves(graph: Mapping[int, set[int]]) -> dict[int, set[int]]:
    left = {node: set(inner) for node, inner in graph.items()}
    above: dict[int, list[int]] = {}
    for node, inner in left.items():
        for each in inner:
            above.setdefault(each, []).append(node)
    leaves = [node for node, inner in left.items() if not inner]
    while leaves:
        leaf = leaves.pop()
        del left[leaf]
        for node in above.get(leaf, ()):
            left[node].discard(leaf)
            if not left[node]:
                leaves.append(node)
    return left
