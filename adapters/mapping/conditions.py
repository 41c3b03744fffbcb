"""Conditions: questions about a value, answered with yes or no, and never with an error.

`{path: /status, equals: "1"}` · `{all: […]}` · `{any: […]}` · `{not: …}`. Mappings use them for `when`, providers to
tell what an answer means.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from pydantic import Field, model_validator

from adapters.mapping.literals import Literal, Truth, comparable, is_one_of
from adapters.mapping.paths import WHOLE, LocalPath, finder
from adapters.mapping.spec import NOT_EMPTY, Spec, mistake
from contracts.json_types import JsonValue

Predicate = Callable[[JsonValue], bool]

_TESTS: Final = ("equals", "in", "present", "contains", "starts_with", "at_least", "at_most")

Limit = Annotated[float, Field(allow_inf_nan=False)]
Some = Annotated[str, Field(min_length=1)]


class Condition(Spec):
    """One question, or several joined. All tests of one path must hold."""

    path: Annotated[LocalPath | None, Field(description="what is asked about, like /status")] = None
    equals: Annotated[Literal | None, Field(description="it is this")] = None
    in_: Annotated[
        Annotated[tuple[Literal, ...], NOT_EMPTY] | None, Field(alias="in", description="it is one of these")
    ] = None
    present: Annotated[Truth | None, Field(description="true: there is a value; false: there is none")] = None
    contains: Annotated[Some | None, Field(description="its text has this in it")] = None
    starts_with: Annotated[Some | None, Field(description="its text begins with this")] = None
    at_least: Annotated[Limit | None, Field(description="it is a number, and not less")] = None
    at_most: Annotated[Limit | None, Field(description="it is a number, and not more")] = None
    all_: Annotated[
        Annotated[tuple[Condition, ...], NOT_EMPTY] | None, Field(alias="all", description="all of these hold")
    ] = None
    any_: Annotated[
        Annotated[tuple[Condition, ...], NOT_EMPTY] | None,
        Field(alias="any", description="at least one of these holds"),
    ] = None
    not_: Condition | None = Field(default=None, alias="not", description="this does not hold")

    @model_validator(mode="after")
    def _one_question(self) -> Condition:
        joined = self.model_fields_set & {"all_", "any_", "not_"}
        tests = self.model_fields_set - {"path", *joined}
        if len(joined) + ("path" in self.model_fields_set) != 1:
            raise mistake("a condition is one of: path, all, any, not", "join several with all or any")
        if bool(joined) == bool(tests):
            remedy = f"write a path and one of: {', '.join(_TESTS)}"
            raise mistake("a condition asks something of a path", remedy)
        return self


def compile_condition(condition: Condition) -> Predicate:
    """The condition as a function of a value. It takes any JSON value and raises nothing."""
    if condition.all_ is not None:
        every = tuple(map(compile_condition, condition.all_))
        return lambda value: all(ask(value) for ask in every)
    if condition.any_ is not None:
        each = tuple(map(compile_condition, condition.any_))
        return lambda value: any(ask(value) for ask in each)
    if condition.not_ is not None:
        opposite = compile_condition(condition.not_)
        return lambda value: not opposite(value)
    find, tests = finder(condition.path or WHOLE), tuple(_tests(condition))

    def ask(value: JsonValue) -> bool:
        found = find(value)
        return all(test(found) for test in tests)

    return ask


def _tests(condition: Condition) -> list[Predicate]:
    tests: list[Predicate] = []
    if condition.equals is not None:
        tests.append(is_one_of((condition.equals,)))
    if condition.in_ is not None:
        tests.append(is_one_of(condition.in_))
    if condition.present is not None:
        wanted = condition.present
        tests.append(lambda found: (found is not None) is wanted)
    if condition.contains is not None:
        tests.append(_about_text(condition.contains, lambda text, part: part in text))
    if condition.starts_with is not None:
        tests.append(_about_text(condition.starts_with, str.startswith))
    if condition.at_least is not None or condition.at_most is not None:
        tests.append(_within(condition.at_least, condition.at_most))
    return tests


def _about_text(part: str, test: Callable[[str, str], bool]) -> Predicate:
    wanted = comparable(part) or part

    def ask(found: JsonValue) -> bool:
        text = comparable(found)
        return text is not None and test(text, wanted)

    return ask


def _within(low: float | None, high: float | None) -> Predicate:
    def ask(found: JsonValue) -> bool:
        if isinstance(found, bool) or not isinstance(found, int | float):
            return False
        return (low is None or found >= low) and (high is None or found <= high)

    return ask
