"""Where each value of a mapped record comes from, as the mapping itself says: for those who read both sides of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from adapters.mapping.functions.codes import Code
from adapters.mapping.language import (
    Chained,
    Concat,
    Each,
    FieldsSpec,
    FirstOf,
    MapSpec,
    Node,
    Record,
    Take,
    When,
    Within,
)
from adapters.mapping.paths import is_outer, is_path, pointer_in
from contracts.json_types import parts_of, pointer_of


class Origin(NamedTuple):
    """A place of the target, the places of the source that its value is made of, and the code list, if any, by which
    it is converted."""

    target: str
    sources: tuple[str, ...]
    codelist: str


def origins(spec: MapSpec | FieldsSpec) -> tuple[Origin, ...]:
    """The origins of every value that has a place of its own; what is made for each item of a list is told as one."""
    if isinstance(spec, FieldsSpec):
        return tuple(origin for name, node in spec.root.items() for origin in _of(node, (name,), ()))
    return tuple(_of(spec.root, (), ()))


def _of(node: Node, target: tuple[str, ...], base: tuple[str, ...]) -> Iterator[Origin]:
    match node:
        case Record(map=fields):
            for name, value in fields.items():
                yield from _of(value, (*target, name), base)
        case Within(within=path, map=fields):
            for name, value in fields.items():
                yield from _of(value, (*target, name), (*base, *parts_of(pointer_in(path))))
        case _:
            sources = tuple(dict.fromkeys(_sources(node, base)))
            yield Origin(pointer_of(target), sources, next(_codelists(node), ""))


def _sources(node: Node, base: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, Take):
        if is_path(node.from_):
            yield pointer_of((*(() if is_outer(node.from_) else base), *parts_of(pointer_in(node.from_))))
        return
    for part in _inside(node):
        yield from _sources(part, base)


def _inside(node: Node) -> Iterable[Node]:
    """The values that a value is made of."""
    match node:
        case Concat(concat=parts) | FirstOf(first_of=parts):
            return parts
        case Each(each=source):
            return (source,)
        case When(then=value, else_=otherwise):
            return (value,) if otherwise is None else (value, otherwise)
        case Record(map=fields) | Within(map=fields):
            return fields.values()
        case _:
            return ()


def _codelists(node: Node) -> Iterator[str]:
    if isinstance(node, Chained):
        yield from (step.code.codelist for step in node.through if isinstance(step, Code))
    if isinstance(node, FirstOf | When):
        for part in _inside(node):
            yield from _codelists(part)
