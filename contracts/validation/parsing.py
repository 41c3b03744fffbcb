"""From bytes to JSON values, with what JSON parsers pass over in silence: repeated names above all.

Valid bodies take the fast way, orjson. It keeps the last of two equal names and has no words for the place of an
error, so anything suspicious is read again by the slow way, which knows both.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple, NoReturn

import orjson

from contracts.avro_depth import DEEPEST
from contracts.errors import FieldError, field_error
from contracts.json_types import JsonValue, pointer_of
from contracts.validation.found import Errors
from contracts.validation.misfit import shown, shown_name

_LONGEST_INTEGER: Final = 18
_TOKENS: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


class Unreadable(Exception):
    """A body is not JSON at all; `error` says why."""

    def __init__(self, error: FieldError) -> None:
        super().__init__(error.code)
        self.error = error


def parse(body: bytes, errors: Errors) -> JsonValue:
    """The value in `body`; each name that occurs twice is noted in `errors`. Unreadable, EnoughErrors."""
    try:
        value: JsonValue = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _carefully(body, errors)
    if _is_deep(body, value) or _may_repeat_names(body, value):
        return _carefully(body, errors)
    return value


def _is_deep(body: bytes, value: JsonValue) -> bool:
    if body.count(b"{") + body.count(b"[") <= DEEPEST:
        return False
    level: list[JsonValue] = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
    return bool(level)


def _inside(outer: JsonValue) -> Iterable[JsonValue]:
    if isinstance(outer, dict):
        return outer.values()
    return outer if isinstance(outer, list) else ()


def _may_repeat_names(body: bytes, value: JsonValue) -> bool:
    """Whether a name may occur twice in one object: False is certain.

    Every name in the body is followed by a colon. Where none was dropped, writing the value again gives as many colons
    as there were; a colon that the body escapes is the one thing that could make up for a dropped one.
    """
    if body.count(b":") != orjson.dumps(value).count(b":"):
        return True
    return b"\\" in body and (b"\\u003a" in body or b"\\u003A" in body)


def _carefully(body: bytes, errors: Errors) -> JsonValue:
    try:
        text = body.decode()
    except UnicodeDecodeError as wrong:
        raise Unreadable(field_error("", "not_utf8", position=wrong.start)) from None
    if _depth(text) > DEEPEST:
        raise Unreadable(field_error("", "too_deep", limit=DEEPEST))
    reading = _Repeats()
    try:
        value: JsonValue = json.loads(
            text, object_pairs_hook=reading.object, parse_int=_integer, parse_constant=_no_constant
        )
    except json.JSONDecodeError as wrong:
        reason = f"{wrong.msg}, line {wrong.lineno}, column {wrong.colno}"
        raise Unreadable(field_error("", "not_json", reason=reason)) from None
    except _Constant as wrong:
        raise Unreadable(field_error("", "not_json", reason=f"{wrong} is no JSON value")) from None
    reading.report(value, errors)
    return value


def _depth(text: str) -> int:
    """How many objects and arrays lie inside one another. Linear, and without recursion."""
    depth = deepest = 0
    for token in _TOKENS.finditer(text):
        sign = token.group()
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


class _Repeats:
    """Keeps, while a body is read, which objects named something twice."""

    def __init__(self) -> None:
        # The objects are kept too: else another one could come to have the id of one that was dropped.
        self._found: dict[int, tuple[JsonValue, list[str]]] = {}

    def object(self, pairs: list[tuple[str, JsonValue]]) -> JsonValue:
        """The object of these pairs; the last of two equal names counts."""
        made = dict(pairs)
        if len(made) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            self._found[id(made)] = made, [name for name, count in counts.items() if count > 1]
        return made

    def report(self, root: JsonValue, errors: Errors) -> None:
        """Note each name that occurs twice, with its pointer, in the order of the body. EnoughErrors."""
        ahead: list[tuple[JsonValue, _Place | None]] = [(root, None)] if self._found else []
        while ahead:
            here, place = ahead.pop()
            _, twice = self._found.get(id(here), (None, []))
            for name in twice:
                errors.add(field_error(_pointer(_Place(place, name)), "duplicate_key", name=shown(name)))
            if isinstance(here, dict):
                ahead.extend((value, _Place(place, name)) for name, value in reversed(here.items()))
            elif isinstance(here, list):
                ahead.extend((value, _Place(place, i)) for i, value in reversed([*enumerate(here)]))


class _Place(NamedTuple):
    """Where a value stands. Pointers are made for errors only: one long name would be in each of thousands."""

    around: _Place | None
    part: str | int


def _pointer(place: _Place) -> str:
    parts: list[str | int] = []
    here: _Place | None = place
    while here is not None:
        parts.append(shown_name(here.part) if isinstance(here.part, str) else here.part)
        here = here.around
    return pointer_of(reversed(parts))


class _Constant(Exception):
    """NaN, Infinity or -Infinity, which Python reads and JSON does not have."""


def _no_constant(name: str) -> NoReturn:
    raise _Constant(name)


def _integer(digits: str) -> int | float:
    """The integer; as a float where no field can hold it: orjson does the same, and thousands of digits are slow."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)
