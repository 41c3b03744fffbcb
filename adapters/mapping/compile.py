"""From the mapping as it is written to a function. Compiled once; each run costs what its input costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from adapters.mapping.conditions import compile_condition
from adapters.mapping.context import NAMED_VALUES, MappingContext
from adapters.mapping.functions.texts import plainly
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
from adapters.mapping.literals import is_one_of, plain
from adapters.mapping.paths import finder
from adapters.mapping.running import (
    LEFT_OUT,
    WRONG,
    Absent,
    Apply,
    Expression,
    Frame,
    LeftOut,
    NoValue,
    Outcome,
    Refusal,
    looker,
    pointer_from,
)
from adapters.mapping.shapes import TEXT
from contracts.avro_types import ArrayType, MapType
from contracts.codelists import CodeProblem
from contracts.errors import Origin, Rejected
from contracts.json_types import JsonObject, JsonValue
from contracts.validation.misfit import Misfit, wrong_type

Mapped: TypeAlias = Callable[[JsonValue, MappingContext], JsonValue]
Place: TypeAlias = Callable[[Frame], str]
Chain: TypeAlias = Callable[[JsonValue, Frame], Outcome]

CANNOT: Final = "the record cannot be brought into the other format"


def compile_mapping(spec: MapSpec | FieldsSpec) -> Mapped:
    """The mapping as a function of a record and its context.

    It raises Rejected, with every error at its JSON Pointer into the source, and nothing else. What it returns may
    share parts with the source.
    """
    expression = _record(spec.root) if isinstance(spec, FieldsSpec) else _expression(spec.root)

    def run(source: JsonValue, context: MappingContext) -> JsonValue:
        frame = Frame(source, "", source, context, [])
        outcome = expression(frame)
        if isinstance(outcome, Absent):
            frame.errors.extend(outcome.errors())
        if frame.errors:
            errors = tuple(dict.fromkeys(frame.errors))
            raise Rejected(CANNOT, errors, origin=Origin.BUS)
        return None if isinstance(outcome, NoValue) else outcome

    return run


def _expression(spec: Node, further: tuple[Apply, ...] = ()) -> Expression:
    """A form as a function of a frame; `further` functions follow its own."""
    match spec:
        case Take():
            return _take(spec, further)
        case Concat():
            return _concat(spec, further)
        case FirstOf():
            return _first_of(spec, further)
        case Constant():
            return _constant(spec, further)
        case Record():
            return _then(_record(spec.map), _here, further)
        case Within():
            return _then(_within(spec), _here, further)
        case Each():
            return _each(spec, further)
        case When():
            return _when(spec, further)


def _here(frame: Frame) -> str:
    return frame.at


def _place(spec: Node) -> Place:
    """Where in the source a form's value comes from: the first path in it."""
    match spec:
        case Take(from_=path):
            return _here if path.startswith("$") else pointer_from(path)
        case Concat(concat=parts) | FirstOf(first_of=parts):
            return next((_place(part) for part in parts if not isinstance(part, Constant)), _here)
        case Each(each=source):
            return _place(source)
        case Within(within=path):
            return pointer_from(path)
        case _:
            return _here


def _chain(place: Place, functions: Iterable[Apply]) -> Chain:
    """Functions, one after the other. What they refuse goes to the run's errors."""
    every = tuple(functions)

    def run(value: JsonValue, frame: Frame) -> Outcome:
        try:
            for apply in every:
                value = apply(value, frame)
                if value is None:
                    return Absent(((place(frame), place(frame)),))
        except (Misfit, CodeProblem) as wrong:
            frame.errors.append(wrong.at(place(frame)))
        except Refusal as refusal:
            frame.errors.extend(refusal.errors)
        else:
            return value
        return WRONG

    return run


def _then(expression: Expression, place: Place, functions: Iterable[Apply]) -> Expression:
    every = tuple(functions)
    if not every:
        return expression
    chain = _chain(place, every)

    def run(frame: Frame) -> Outcome:
        outcome = expression(frame)
        return outcome if isinstance(outcome, NoValue) else chain(outcome, frame)

    return run


def _settled(form: Form, expression: Expression) -> Expression:
    """What a form does where there is nothing."""
    default, optional = form.default, form.optional
    if default is None and not optional:
        return expression

    def run(frame: Frame) -> Outcome:
        outcome = expression(frame)
        if not isinstance(outcome, Absent | LeftOut):
            return outcome
        return LEFT_OUT if default is None else default.value

    return run


def _steps(spec: Take | Concat | FirstOf | Each, further: tuple[Apply, ...]) -> tuple[Apply, ...]:
    return (*(step.compile() for step in spec.through), *further)


def _take(spec: Take, further: tuple[Apply, ...]) -> Expression:
    place, chain = _place(spec), _chain(_place(spec), _steps(spec, further))
    find, is_null = _finding(spec.from_), is_one_of(spec.nulls)
    name = spec.from_ if spec.from_.startswith("$") else None
    # Most cells that are empty may be: where they are is not asked then.
    may_lack = spec.optional and spec.default is None

    def run(frame: Frame) -> Outcome:
        try:
            found = find(frame)
        except Refusal as refusal:
            frame.errors.extend(refusal.errors)
            return WRONG
        if found is None or is_null(found):
            return LEFT_OUT if may_lack else Absent(((place(frame), name or place(frame)),))
        return chain(found, frame)

    return _settled(spec, run)


def _finding(source: str) -> Callable[[Frame], JsonValue]:
    if source.startswith("$"):
        named = NAMED_VALUES[source]
        return lambda frame: named(frame.context) or None
    return looker(source)


def _concat(spec: Concat, further: tuple[Apply, ...]) -> Expression:
    parts = tuple(_expression(part, (lambda value, _: plainly(value),)) for part in spec.concat)

    def run(frame: Frame) -> Outcome:
        outcomes = [part(frame) for part in parts]
        nothing = tuple(place for outcome in outcomes if isinstance(outcome, Absent) for place in outcome.places)
        if any(outcome is WRONG for outcome in outcomes):
            frame.errors.extend(Absent(nothing).errors())
            return WRONG
        if nothing:
            return Absent(nothing)
        return "".join("" if isinstance(outcome, NoValue) else plain(outcome) or "" for outcome in outcomes)

    return _settled(spec, _then(run, _place(spec), _steps(spec, further)))


def _first_of(spec: FirstOf, further: tuple[Apply, ...]) -> Expression:
    functions = _steps(spec, further)
    alternatives = tuple(_expression(each, functions) for each in spec.first_of)

    def run(frame: Frame) -> Outcome:
        outcomes = (alternative(frame) for alternative in alternatives)
        first = next(outcomes)
        if not isinstance(first, Absent | LeftOut):
            return first
        return next((other for other in outcomes if not isinstance(other, Absent | LeftOut)), first)

    return _settled(spec, run)


def _constant(spec: Constant, further: tuple[Apply, ...]) -> Expression:
    literal = spec.const
    if literal.null and further:
        return lambda frame: Absent(((frame.at, frame.at),))
    return _then(lambda _: literal.value, _here, further)


def _record(fields: Mapping[str, Node]) -> Expression:
    every = tuple((name, _expression(value)) for name, value in fields.items())

    def run(frame: Frame) -> Outcome:
        record: JsonObject = {}
        before = len(frame.errors)
        for name, expression in every:
            outcome = expression(frame)
            if isinstance(outcome, Absent):
                frame.errors.extend(outcome.errors())
            elif not isinstance(outcome, NoValue):
                record[name] = outcome
        return record if len(frame.errors) == before else WRONG

    return run


def _within(spec: Within) -> Expression:
    find, record, place = finder(spec.within), _record(spec.map), _place(spec)

    def run(frame: Frame) -> Outcome:
        found = find(frame.value)
        if found is None:
            return Absent(((place(frame), place(frame)),))
        if not isinstance(found, dict):
            frame.errors.append(wrong_type(MapType(TEXT), found).at(place(frame)))
            return WRONG
        return record(frame.moved(found, place(frame)))

    return _settled(spec, run)


def _each(spec: Each, further: tuple[Apply, ...]) -> Expression:
    source, place = _expression(spec.each), _place(spec.each)
    item = _record(spec.map) if spec.map is not None else _expression(spec.item) if spec.item is not None else _nothing
    # Items of a text that was split have no places of their own.
    indexed = isinstance(spec.each, Take) and not spec.each.through

    def run(frame: Frame) -> Outcome:
        found = source(frame)
        if isinstance(found, NoValue):
            return found
        if not isinstance(found, list):
            frame.errors.append(wrong_type(ArrayType(TEXT), found).at(place(frame)))
            return WRONG
        at = place(frame)
        frames = (frame.moved(value, f"{at}/{index}" if indexed else at) for index, value in enumerate(found))
        return _items(item, frames, frame)

    return _settled(spec, _then(run, place, _steps(spec, further)))


def _items(item: Expression, frames: Iterable[Frame], around: Frame) -> Outcome:
    made: list[JsonValue] = []
    before = len(around.errors)
    for frame in frames:
        outcome = item(frame)
        if isinstance(outcome, Absent):
            around.errors.extend(outcome.errors())
        elif not isinstance(outcome, NoValue):
            made.append(outcome)
    return made if len(around.errors) == before else WRONG


def _nothing(_: Frame) -> Outcome:
    return LEFT_OUT


def _when(spec: When, further: tuple[Apply, ...]) -> Expression:
    ask, then = compile_condition(spec.when), _expression(spec.then, further)
    otherwise = _nothing if spec.else_ is None else _expression(spec.else_, further)
    return lambda frame: then(frame) if ask(frame.value) else otherwise(frame)
