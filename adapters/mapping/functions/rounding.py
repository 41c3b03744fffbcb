"""Rounding, where a mapping asks for it: to how many digits, and by which rule."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from adapters.mapping.functions.base import SCALARS, Function
from adapters.mapping.functions.numbers import Separators, exact
from adapters.mapping.running import Apply
from adapters.mapping.shapes import Shape, must_be
from adapters.mapping.spec import Spec
from contracts.avro_types import Kind, Primitive
from contracts.json_types import JsonValue
from contracts.said import said

_PRECISION: Final = 1_200
"""Enough for every number that a mapping takes, so that nothing is rounded on the way."""


class Rule(StrEnum):
    """Where a number goes that lies between two others."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    TOWARDS_ZERO = "towards_zero"
    FLOOR = "floor"
    CEILING = "ceiling"


_RULES: Final = {
    Rule.HALF_UP: ROUND_HALF_UP,
    Rule.HALF_EVEN: ROUND_HALF_EVEN,
    Rule.TOWARDS_ZERO: ROUND_DOWN,
    Rule.FLOOR: ROUND_FLOOR,
    Rule.CEILING: ROUND_CEILING,
}


class Rounding(Spec):
    """How many `digits` stay after the point, and by which `rule`: there is no rule that everybody means."""

    digits: Annotated[int, Field(ge=0, le=100, description="that stay after the point")]
    rule: Annotated[Rule, Field(description=", ".join(Rule))]


class Round(Function):
    """{round: {digits: 1, rule: half_up}}: "8.75" → "8.8". half_up rounds halves away from zero."""

    round: Rounding

    def compile(self) -> Apply:
        unit = Decimal(1).scaleb(-self.round.digits)
        context = Context(prec=_PRECISION, rounding=_RULES[self.round.rule])
        plain_numbers = Separators()

        def work(value: JsonValue, _: object) -> JsonValue:
            rounded = Decimal(exact(value, plain_numbers)).quantize(unit, context=context)
            text = format(rounded, "f")
            return text.removeprefix("-") if not rounded else text

        return work

    def gives(self, given: Shape) -> Shape:
        must_be(given, SCALARS, "round", said("take one of its parts"))
        return given.now(Primitive(Kind.DECIMAL))
