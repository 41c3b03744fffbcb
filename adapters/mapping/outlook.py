"""What a mapping says of codes: those that are written in it, and the conversions that it makes.

For `lienthong check --on`: a code that is written down means on a day to come what the list says then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adapters.mapping.functions.base import Function
from adapters.mapping.functions.codes import Code, CodeArguments
from adapters.mapping.functions.tables import Table
from adapters.mapping.language import (
    Chained,
    Constant,
    Each,
    FieldsSpec,
    FirstOf,
    Form,
    MapSpec,
    Node,
    Record,
    When,
    Within,
)
from adapters.mapping.literals import Literal
from adapters.mapping.scopes import Loc, object_in
from adapters.mapping.shapes import items_of
from contracts.avro_types import FieldType, RecordType, Type
from contracts.outlook.codefate import is_fixed
from contracts.schema import Schema


@dataclass(frozen=True, slots=True)
class WrittenCode:
    """A code that stands in the mapping itself, at `loc`."""

    loc: Loc
    code: str
    codelist: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """A code function, at `loc`."""

    loc: Loc
    arguments: CodeArguments


def said_of_codes(spec: MapSpec | FieldsSpec, target: Schema | None) -> Iterator[WrittenCode | Conversion]:
    """Everything of that kind in a mapping into `target` (None: a side without a schema)."""
    root = None if target is None else target.root
    if isinstance(spec, FieldsSpec):
        yield from _fields(spec.root, (), root)
    else:
        yield from _node(spec.root, (), root, None)


def _fields(fields: Mapping[str, Node], loc: Loc, target: Type | None) -> Iterator[WrittenCode | Conversion]:
    into = object_in(target)
    for name, node in fields.items():
        field = into.field(name) if isinstance(into, RecordType) else None
        yield from _node(node, (*loc, name), None if field is None else field.type, field)


def _node(node: Node, loc: Loc, target: Type | None, field: FieldType | None) -> Iterator[WrittenCode | Conversion]:
    codelist = None if field is None else field.codelist
    if isinstance(node, Constant):
        yield from _written((*loc, "const"), node.const, codelist)
    elif isinstance(node, Record | Within):
        yield from _fields(node.map, (*loc, "map"), target)
    elif isinstance(node, When):
        yield from _node(node.then, (*loc, "then"), target, field)
        if node.else_ is not None:
            yield from _node(node.else_, (*loc, "else"), target, field)
    elif isinstance(node, Each):
        yield from _each(node, loc, target, field)
    elif isinstance(node, FirstOf):
        for index, each in enumerate(node.first_of):
            yield from _node(each, (*loc, "first_of", index), target, None if node.through else field)
    if isinstance(node, Chained):
        yield from _chain(node.through, (*loc, "through"), codelist)
    if isinstance(node, Form) and node.default is not None:
        yield from _written((*loc, "default"), node.default, codelist)


def _each(node: Each, loc: Loc, target: Type | None, field: FieldType | None) -> Iterator[WrittenCode | Conversion]:
    items = items_of(target)
    if node.map is not None:
        yield from _fields(node.map, (*loc, "map"), items)
    if node.item is not None:
        yield from _node(node.item, (*loc, "item"), items, field)


def _chain(through: tuple[Function, ...], loc: Loc, codelist: str | None) -> Iterator[WrittenCode | Conversion]:
    """A table's results are codes where they go into a coded field, or on into a code function that reads them as of
    the day of the record."""
    for index, step in enumerate(through):
        if isinstance(step, Code):
            yield Conversion((*loc, index, "code"), step.code)
        elif isinstance(step, Table):
            following = through[index + 1] if index + 1 < len(through) else None
            into = codelist if following is None else None
            if isinstance(following, Code) and not is_fixed(following.code.on):
                into = following.code.codelist
            for key, literal in step.table.items():
                yield from _written((*loc, index, "table", key), literal, into)
            if step.else_ is not None:
                yield from _written((*loc, index, "else"), step.else_, into)


def _written(loc: Loc, literal: Literal, codelist: str | None) -> Iterator[WrittenCode]:
    if codelist is not None and isinstance(literal.value, str):
        yield WrittenCode(loc, literal.value, codelist)
