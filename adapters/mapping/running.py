"""What a compiled mapping works with while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from adapters.mapping.context import MappingContext
from adapters.mapping.paths import finder, is_outer, pointer_in
from contracts.avro_types import Kind, Primitive
from contracts.errors import FieldError, field_error
from contracts.json_types import JsonValue
from contracts.validation.misfit import Misfit, shown, wrong_type

LONGEST_OUTER: Final = 256
"""How long a text may be that is read from the whole record: it may be repeated for each item of a list, and the cost
of a mapping is to stay linear in its input."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the mapping is: at `value`, which `at` (a JSON Pointer) points to in the `whole` record.

    `errors` collects what is wrong; it is shared by all frames of one run.
    """

    value: JsonValue
    at: str
    whole: JsonValue
    context: MappingContext
    errors: list[FieldError]

    def moved(self, value: JsonValue, at: str) -> Frame:
        """The same run, at another value."""
        return Frame(value, at, self.whole, self.context, self.errors)


class NoValue:
    """An expression that came to no value."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Absent(NoValue):
    """There was nothing at these places: pairs of a JSON Pointer and what to call it."""

    places: tuple[tuple[str, str], ...]

    def errors(self) -> Iterable[FieldError]:
        """What to say where the value is needed."""
        return (field_error(pointer, "map_missing", path=name) for pointer, name in self.places)


class Wrong(NoValue):
    """There was something wrong, and the run's errors say what."""

    __slots__ = ()


class LeftOut(NoValue):
    """There was nothing, and that is in order."""

    __slots__ = ()


WRONG: Final = Wrong()
LEFT_OUT: Final = LeftOut()

Outcome: TypeAlias = "JsonValue | NoValue"
Expression: TypeAlias = Callable[[Frame], Outcome]
Apply: TypeAlias = Callable[[JsonValue, Frame], JsonValue]
"""A function of the chain: from a value that is there to another, None where there is none.

Raises Misfit for its value, Refusal for other places, CodeProblem for a code.
"""


class Refusal(Exception):
    """Places other than the value at hand are wrong."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(*(error.code for error in errors))
        self.errors = errors


Look: TypeAlias = Callable[[Frame], JsonValue]


def looker(path: str) -> Look:
    """A function that follows a path from a frame. Refusal where one from the whole record leads to a long value."""
    find = finder(path)
    if not is_outer(path):
        return lambda frame: find(frame.value)

    def look(frame: Frame) -> JsonValue:
        found = find(frame.whole)
        short = isinstance(found, int | float) or (isinstance(found, str) and len(found) <= LONGEST_OUTER)
        if found is None or short:
            return found
        expected = f"string ≤ {LONGEST_OUTER}" if isinstance(found, str) else "string / number / boolean"
        raise Refusal(misfit_format(found, expected).at(pointer_to(path, frame)))

    return look


def pointer_to(path: str, frame: Frame) -> str:
    """The JSON Pointer, into the whole record, of what `path` leads to from a frame."""
    return pointer_from(path)(frame)


def pointer_from(path: str) -> Callable[[Frame], str]:
    """`pointer_to` of a path, as a function of the frame."""
    pointer = pointer_in(path)
    return (lambda _: pointer) if is_outer(path) else (lambda frame: frame.at + pointer)


def needed(path: str, frame: Frame, look: Look) -> JsonValue:
    """What a path leads to. Refusal where there is nothing."""
    found = look(frame)
    if found is None:
        pointer = pointer_to(path, frame)
        raise Refusal(field_error(pointer, "map_missing", path=pointer))
    return found


def text_of(value: JsonValue) -> str:
    """The value, which must be text. Misfit."""
    if not isinstance(value, str):
        raise wrong_type(Primitive(Kind.STRING), value)
    return value


def misfit_format(value: JsonValue, expected: str) -> Misfit:
    """A value that is not written in the form that was agreed; `expected` shows the form."""
    return Misfit("map_format", value=quoted(value), expected=expected)


def quoted(value: JsonValue) -> str:
    """A value for people, not too long."""
    if isinstance(value, list | dict):
        return "[…]" if isinstance(value, list) else "{…}"
    if isinstance(value, int) and value.bit_length() > LONGEST_OUTER:
        return "…"
    return shown(value)
