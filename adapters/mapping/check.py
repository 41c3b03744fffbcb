"""The type check of a mapping: what cannot work is found before the first record comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from adapters.mapping.functions.base import Function
from adapters.mapping.functions.codes import Code
from adapters.mapping.functions.tables import literal_shape
from adapters.mapping.functions.texts import Text
from adapters.mapping.language import (
    Concat,
    Constant,
    Each,
    FieldsSpec,
    FirstOf,
    Form,
    MapSpec,
    Node,
    Record,
    Take,
    When,
    Within,
)
from adapters.mapping.literals import Literal, spelled
from adapters.mapping.paths import WHOLE
from adapters.mapping.scopes import Loc, Scope, conditions_in, nullable, object_in, sure_of
from adapters.mapping.shapes import TEXT, Misuse, Shape, items_of, misfit_of, named
from contracts.avro_types import ArrayType, FieldType, JsonKind, MapType, RecordType, Type
from contracts.codelists import CodeList
from contracts.schema import Schema
from contracts.spelling import meant


@dataclass(frozen=True, slots=True)
class MapProblem:
    """One thing that cannot work. `loc` is where it is written, as in pydantic's errors."""

    loc: Loc
    message: str
    remedy: str


class Presence(IntEnum):
    """Whether an expression comes to a value."""

    ALWAYS = 0
    LEFT_OUT = 1
    """Perhaps not, and the mapping says that this is in order."""
    ABSENT = 2
    """Perhaps not, and then the record is refused."""


def check_mapping(
    spec: MapSpec | FieldsSpec, *, source: Schema | None, target: Schema | None, codelists: Mapping[str, CodeList]
) -> list[MapProblem]:
    """Everything in a mapping that cannot work with these schemas. None is a side without a schema."""
    checker = _Checker(codelists)
    scope = Scope(None if source is None else source.root, None if source is None else source.root)
    wanted = None if target is None else target.root
    if isinstance(spec, FieldsSpec):
        checker.fields(spec.root, (), scope, wanted)
    else:
        presence = checker.value(spec.root, (), scope, wanted)
        checker.settle(presence, (), "the whole", None)
    return list(dict.fromkeys(checker.problems))


Further: TypeAlias = tuple[tuple[Loc, Function], ...]


class _Checker:
    def __init__(self, codelists: Mapping[str, CodeList]) -> None:
        self.problems: list[MapProblem] = []
        self._codelists = codelists

    def _problem(self, loc: Loc, misuse: Misuse) -> None:
        self.problems.append(MapProblem(loc, misuse.message, misuse.remedy))

    def value(self, spec: Node, loc: Loc, scope: Scope, target: Type | None, further: Further = ()) -> Presence:
        """Check one form against the type of what it goes into, with `further` functions after its own."""
        match spec:
            case Take():
                return self._take(spec, loc, scope, target, further)
            case Concat():
                return self._concat(spec, loc, scope, target, further)
            case FirstOf():
                return self._first_of(spec, loc, scope, target, further)
            case Constant():
                return self._constant(spec, (*loc, "const"), scope, target, further)
            case Record():
                self._object((*loc, "map"), target, further)
                self.fields(spec.map, (*loc, "map"), scope, target)
                return Presence.ALWAYS
            case Within():
                return self._within(spec, loc, scope, target, further)
            case Each():
                return self._each(spec, loc, scope, target, further)
            case When():
                return self._when(spec, loc, scope, target, further)

    def fields(self, fields: Mapping[str, Node], loc: Loc, scope: Scope, target: Type | None) -> None:
        """Check the fields of an object, and that none is missing."""
        into = object_in(target)
        for name, spec in fields.items():
            field = self._field(into, name, (*loc, name))
            wanted = into.values if isinstance(into, MapType) else None if field is None else field.type
            self.settle(self.value(spec, (*loc, name), scope, wanted), (*loc, name), name, field)
        if isinstance(into, RecordType):
            for field in into.fields:
                if not field.has_default and field.name not in fields:
                    message = f"{field.name} is never given, and {into.name} requires it"
                    self._problem(loc, Misuse(message, f"add: {field.name}: …"))

    def _field(self, into: RecordType | MapType | None, name: str, loc: Loc) -> FieldType | None:
        if not isinstance(into, RecordType):
            return None
        field = into.field(name)
        if field is None:
            remedy = meant(name, [each.name for each in into.fields], "fields")
            self._problem(loc, Misuse(f"{into.name} has no field “{name}”", remedy))
        return field

    def settle(self, presence: Presence, loc: Loc, name: str, field: FieldType | None) -> None:
        """Report what may have no value where one is needed."""
        if presence is Presence.ABSENT:
            remedy = "say what then: default: …, or optional: true"
            self._problem(loc, Misuse(f"the source of {name} may have no value", remedy))
        elif presence is Presence.LEFT_OUT and field is not None and not field.has_default:
            empty = "default: {null: true}" if nullable(field.type) else "default: …"
            self._problem(
                loc, Misuse(f"{name} may be left out, and the contract requires it", f"give a value: {empty}")
            )

    # forms

    def _take(self, spec: Take, loc: Loc, scope: Scope, target: Type | None, further: Further) -> Presence:
        shape = self._source(spec.from_, (*loc, "from"), scope)
        chained = self._chain(shape, (*_steps(spec.through, loc), *further), scope)
        self._fit(chained, loc, target)
        return self._way_out(spec, loc, target, absent=chained.absent or bool(spec.nulls))

    def _concat(self, spec: Concat, loc: Loc, scope: Scope, target: Type | None, further: Further) -> Presence:
        absent = False
        for index, part in enumerate(spec.concat):
            presence = self.value(part, (*loc, "concat", index), scope, None, (((*loc, "concat", index), Text()),))
            absent = absent or presence is Presence.ABSENT
        chained = self._chain(Shape(TEXT), (*_steps(spec.through, loc), *further), scope)
        self._fit(chained, loc, target)
        return self._way_out(spec, loc, target, absent=absent or chained.absent)

    def _first_of(self, spec: FirstOf, loc: Loc, scope: Scope, target: Type | None, further: Further) -> Presence:
        steps = (*_steps(spec.through, loc), *further)
        each = [
            self.value(part, (*loc, "first_of", index), scope, target, steps)
            for index, part in enumerate(spec.first_of)
        ]
        return self._way_out(spec, loc, target, absent=Presence.ALWAYS not in each)

    def _within(self, spec: Within, loc: Loc, scope: Scope, target: Type | None, further: Further) -> Presence:
        shape = self._source(spec.within, (*loc, "within"), scope)
        if JsonKind.OBJECT not in shape.kinds:
            misuse = Misuse(f"{spec.within} is {named(shape)}, and no object", "take it with: from")
            self._problem((*loc, "within"), misuse)
        self._object((*loc, "map"), target, further)
        self.fields(spec.map, (*loc, "map"), scope.at(object_in(shape.type)), target)
        return self._way_out(spec, loc, target, absent=shape.absent)

    def _each(self, spec: Each, loc: Loc, scope: Scope, target: Type | None, further: Further) -> Presence:
        steps = (*_steps(spec.through, loc), *further)
        listed = self._list(spec.each, (*loc, "each"), scope)
        inner, items = scope.at(items_of(listed.type)), None
        if not steps:
            self._fit(Shape(ArrayType(TEXT)), loc, target)
            items = items_of(target)
        if spec.map is not None:
            self._object((*loc, "map"), items, ())
            self.fields(spec.map, (*loc, "map"), inner, items)
        elif spec.item is not None:
            presence = self.value(spec.item, (*loc, "item"), inner, items)
            self.settle(presence, (*loc, "item"), "an item", None)
        chained = self._chain(Shape(ArrayType(TEXT)), steps, scope)
        if steps:
            self._fit(chained, loc, target)
        return self._way_out(spec, loc, target, absent=listed.absent or chained.absent)

    def _list(self, spec: Node, loc: Loc, scope: Scope) -> Shape:
        """The shape of what `each` goes through."""
        if not isinstance(spec, Take):
            presence = self.value(spec, loc, scope, ArrayType(TEXT))
            return Shape(absent=presence is not Presence.ALWAYS)
        shape = self._source(spec.from_, (*loc, "from"), scope)
        shape = self._chain(shape, _steps(spec.through, loc), scope)
        if JsonKind.ARRAY not in shape.kinds:
            self._problem(
                loc, Misuse(f"{spec.from_} is {named(shape)}, and no list", "take it with: from; or split it")
            )
        if spec.default is not None:
            self._literal(spec.default, (*loc, "default"), ArrayType(TEXT))
            return Shape(shape.type)
        return shape

    def _when(self, spec: When, loc: Loc, scope: Scope, target: Type | None, further: Further) -> Presence:
        for place, condition in conditions_in(spec.when, (*loc, "when")):
            shape = self._source(condition.path or WHOLE, (*place, "path"), scope)
            self._can_equal(shape, place, (*filter(None, (condition.equals,)), *(condition.in_ or ())))
        then_scope = scope.knowing(sure_of(spec.when, holds=True))
        then = self.value(spec.then, (*loc, "then"), then_scope, target, further)
        if spec.else_ is None:
            return max(then, Presence.LEFT_OUT)
        else_scope = scope.knowing(sure_of(spec.when, holds=False))
        return max(then, self.value(spec.else_, (*loc, "else"), else_scope, target, further))

    def _constant(self, spec: Constant, loc: Loc, scope: Scope, target: Type | None, further: Further) -> Presence:
        if not further:
            self._literal(spec.const, loc, target)
            return Presence.ALWAYS
        chained = self._chain(literal_shape([spec.const]), further, scope)
        self._fit(chained, loc, target)
        return Presence.ABSENT if chained.absent else Presence.ALWAYS

    # parts

    def _source(self, path: str, loc: Loc, scope: Scope) -> Shape:
        try:
            return scope.shape(path)
        except Misuse as misuse:
            self._problem(loc, misuse)
            return Shape()

    def _chain(self, shape: Shape, steps: Further, scope: Scope) -> Shape:
        for loc, function in steps:
            for reading in function.reads():
                read = self._source(reading.path, (*loc, *reading.loc), scope)
                if reading.kinds and read.type is not None and read.kind not in reading.kinds:
                    wanted = ", ".join(sorted(reading.kinds))
                    misuse = Misuse(f"{reading.path} is {named(read)}", f"take a path to one of: {wanted}")
                    self._problem((*loc, *reading.loc), misuse)
            if isinstance(function, Code):
                self._code(function, (*loc, "code"))
            try:
                shape = function.gives(shape)
            except Misuse as misuse:
                self._problem(loc, misuse)
                shape = Shape(absent=shape.absent)
        return shape

    def _code(self, function: Code, loc: Loc) -> None:
        codes = self._codelists.get(function.code.codelist)
        if codes is None:
            misuse = Misuse(
                f"there is no code list “{function.code.codelist}”",
                meant(function.code.codelist, self._codelists, "code lists"),
            )
            self._problem((*loc, "codelist"), misuse)
            return
        first = next(iter(codes), None)
        columns = {"code", "name", *(first.attributes if first is not None else ())}
        if function.code.give not in columns:
            remedy = meant(function.code.give, columns, "columns")
            misuse = Misuse(f"{codes.name} has no column “{function.code.give}”", remedy)
            self._problem((*loc, "give"), misuse)

    def _can_equal(self, shape: Shape, loc: Loc, literals: Iterable[Literal]) -> None:
        for literal in literals:
            if (
                shape.texts is not None
                and literal.text is not None
                and spelled(literal.text) not in set(map(spelled, shape.texts))
            ):
                remedy = meant(literal.text, shape.texts, "values")
                self._problem(loc, Misuse(f"the value is never “{literal.text}”", remedy))

    def _fit(self, shape: Shape, loc: Loc, target: Type | None) -> None:
        misuse = None if target is None else misfit_of(shape, target)
        if misuse is not None:
            self._problem(loc, misuse)

    def _object(self, loc: Loc, target: Type | None, further: Further) -> None:
        if further:
            self._problem(loc, Misuse("no function works on an object", "put the functions inside"))
        self._fit(Shape(MapType(TEXT)), loc, target)

    def _literal(self, literal: Literal, loc: Loc, target: Type | None) -> None:
        shape = literal_shape([literal])
        if literal.null and not nullable(target):
            self._problem(loc, Misuse("the field cannot be null", "give a value"))
        elif not literal.null:
            self._fit(shape, loc, target)

    def _way_out(self, form: Form, loc: Loc, target: Type | None, *, absent: bool) -> Presence:
        if form.default is not None:
            self._literal(form.default, (*loc, "default"), target)
            return Presence.ALWAYS
        if form.optional:
            return Presence.LEFT_OUT
        return Presence.ABSENT if absent else Presence.ALWAYS


def _steps(functions: Iterable[Function], loc: Loc) -> Further:
    return tuple(((*loc, "through", index), function) for index, function in enumerate(functions))
