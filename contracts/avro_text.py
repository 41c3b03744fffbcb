"""The text of a schema as JSON, within bounds: what comes from anywhere may not cost more than it is worth."""

from __future__ import annotations

import json
from collections import Counter
from typing import Final

from contracts.avro_reading import SchemaProblem
from contracts.json_types import JsonValue
from contracts.reasons import known_reason
from contracts.said import said

MOST_BYTES: Final = 500_000
"""How long a schema's text may be, in UTF-8: half of what fits into one message of the log."""

MOST_LEVELS: Final = 192
"""How many objects and arrays of a schema's JSON may lie inside one another."""


class WrongText(ValueError):
    """The text is no schema, whatever it says; `problem` is the reason."""

    def __init__(self, problem: SchemaProblem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def read_text(text: str) -> JsonValue:
    """The JSON in `text`. WrongText where it is none, names something twice in one object, or is out of bounds."""
    try:
        size = len(text.encode())
        value: JsonValue = json.loads(text, object_pairs_hook=_unique) if size <= MOST_BYTES else None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as wrong:
        message = said("this is not JSON: {wrong}", wrong=known_reason(str(wrong)))
        raise WrongText(SchemaProblem("", message, said("correct it; a schema is JSON text"))) from None
    if size > MOST_BYTES:
        message = said("the schema has {size} bytes, and may have {most}", size=size, most=MOST_BYTES)
        raise WrongText(SchemaProblem("", message, said("make it smaller, or several schemas")))
    if _levels(value) > MOST_LEVELS:
        raise _too_deep()
    return value


def _unique(pairs: list[tuple[str, JsonValue]]) -> JsonValue:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(said("“{next}” is there twice in one object", next=twice))
    return found


def _too_deep() -> WrongText:
    message, remedy = said("the schema is nested too deeply"), said("give inner types names of their own")
    return WrongText(SchemaProblem("", message, remedy))


def _levels(value: JsonValue) -> int:
    """How many objects and arrays lie inside one another, counted no further than is needed to say that it is too
    many."""
    levels, layer = 0, [value]
    while layer and levels <= MOST_LEVELS:
        below = [each.values() if isinstance(each, dict) else each for each in layer if isinstance(each, dict | list)]
        levels += bool(below)
        layer = [inner for each in below for inner in each]
    return levels
