"""The mapping as it is written in YAML: pydantic models that read it (all scalars of the YAML are text).

Each form says where a value comes from; `through` leads it through functions, and `default` or `optional` say what to
do where there is none. Reference: docs/mapping.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, Field, RootModel, model_validator

from adapters.mapping.conditions import Condition
from adapters.mapping.context import NAMED_VALUES
from adapters.mapping.functions.known import Step
from adapters.mapping.literals import Literal, Truth
from adapters.mapping.paths import LocalPath, checked_path, is_outer, is_path
from adapters.mapping.spec import NOT_EMPTY, Choice, Spec, mistake
from contracts.spelling import meant

_DEEPEST: Final = 64

TargetName = Annotated[str, Field(min_length=1)]


def _source(text: str) -> str:
    if not text.startswith("$"):
        if not is_path(text):
            fixed = f"{{const: {text}}}" if text else '{const: ""}'
            raise mistake(f"“{text}” is no path", f"write it like /home/ward; for a fixed text: {fixed}")
        return checked_path(text)
    if text not in NAMED_VALUES:
        raise mistake(f"there is no value “{text}”", meant(text, NAMED_VALUES, "values"))
    return text


Source = Annotated[str, Field(description="a path like /home/ward, or a name like $exchange"), AfterValidator(_source)]


class Form(Spec):
    """What to do where there is no value: give the `default`, or leave the key out (`optional`)."""

    default: Annotated[Literal | None, Field(description="what it is where there is no value")] = None
    optional: Annotated[Truth, Field(description="true: where there is no value, the key is left out")] = False

    @model_validator(mode="after")
    def _one_way_out(self) -> Form:
        if self.default is not None and self.optional:
            raise mistake("default and optional cannot stand together", "keep one of them")
        return self


class Chained(Form):
    """A value that goes through functions, one after the other."""

    through: Annotated[
        tuple[Step, ...], Field(description="functions that the value goes through, one after the other")
    ] = ()


class Take(Chained):
    """{from: /path}: the value there. `nulls` are the spellings of “no value”."""

    from_: Annotated[Source, Field(alias="from")]
    nulls: Annotated[tuple[Literal, ...], Field(description='spellings of “no value”, like "" or N/A')] = ()


class Concat(Chained):
    """{concat: [/street, ", ", /ward]}: texts, one after the other. No value where one of the parts has none."""

    concat: Annotated[tuple[Part, ...], NOT_EMPTY, Field(description="paths and texts, joined into one text")]


class FirstOf(Chained):
    """{first_of: [/cccd, /cmnd]}: the first that has a value."""

    first_of: Annotated[tuple[Value, ...], NOT_EMPTY, Field(description="the first of these that has a value")]


class Constant(Spec):
    """{const: LGSP}: always this."""

    const: Literal


class Record(Spec):
    """{map: {target: value, …}}: an object."""

    map: Annotated[
        dict[TargetName, Value],
        NOT_EMPTY,
        Field(description="the fields of an object: target: where its value comes from"),
    ]


class Within(Form):
    """{within: /address, map: {…}}: an object whose paths begin at another value."""

    within: Annotated[LocalPath, Field(description="where the paths in map begin")]
    map: Annotated[
        dict[TargetName, Value],
        NOT_EMPTY,
        Field(description="the fields of an object: target: where its value comes from"),
    ]


class Each(Chained):
    """{each: /children, map: {…}}: a list, made of each item of a list. `map` makes objects, `item` values."""

    each: Annotated[Value, Field(description="the list that is gone through")]
    map: Annotated[
        Annotated[dict[TargetName, Value], NOT_EMPTY] | None, Field(description="what is made of an item: an object")
    ] = None
    item: Annotated[Value | None, Field(description="what is made of an item: a value")] = None

    @model_validator(mode="after")
    def _one_result(self) -> Each:
        if isinstance(self.each, Take) and is_outer(self.each.from_):
            raise mistake("a list of the whole record cannot be gone through for each item", "begin with “/”")
        if (self.map is None) == (self.item is None):
            raise mistake("each makes either objects (map) or values (item)", "write one of: map, item")
        return self


class When(Spec):
    """{when: condition, then: value, else: value}. No value where the condition fails and there is no else."""

    when: Condition
    then: Annotated[Value, Field(description="the value where the condition holds")]
    else_: Annotated[Value | None, Field(alias="else", description="the value where it does not")] = None


Node: TypeAlias = Take | Concat | FirstOf | Constant | Record | Within | Each | When
_FORMS: Final[Mapping[str, type[Spec]]] = {
    "from": Take,
    "map": Record,
    "each": Each,
    "within": Within,
    "concat": Concat,
    "first_of": FirstOf,
    "const": Constant,
    "when": When,
}


def _taken(text: str) -> object:
    return {"from": text}


def _part(text: str) -> object:
    if text == "/":
        raise mistake("“/” alone is no path", 'for the sign itself write {const: "/"}')
    return {"from": text} if is_path(text) or text.startswith("$") else {"const": text}


Value: TypeAlias = Annotated[Node, Choice("value", lambda: _FORMS, shorthand=_taken, weak="map")]
"""Where a value comes from; plain text is a path or a name."""

Part: TypeAlias = Annotated[Node, Choice("part", lambda: _FORMS, shorthand=_part, weak="map")]
"""A part of a text; plain text that is neither a path nor a name is that text."""


def _not_too_deep(given: object) -> object:
    ahead = [given]
    for _ in range(_DEEPEST):
        ahead = [inner for outer in ahead for inner in _inside(outer)]
    if ahead:
        raise mistake(f"the mapping is nested more than {_DEEPEST} levels deep", "make it flatter")
    return given


def _inside(given: object) -> Iterable[object]:
    if isinstance(given, Mapping):
        return given.values()
    return given if isinstance(given, list | tuple) else ()


class MapSpec(RootModel[Value]):
    """A whole mapping: most often `map: {target: value, …}`."""

    check_depth = model_validator(mode="before")(_not_too_deep)


class FieldsSpec(RootModel[dict[TargetName, Value]]):
    """Several values by name, without `map:` around them."""

    check_depth = model_validator(mode="before")(_not_too_deep)
