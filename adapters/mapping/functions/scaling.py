"""Numbers in another unit: so many times what they are, exactly."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, WithJsonSchema

from adapters.mapping.functions.base import SCALARS, Function
from adapters.mapping.functions.numbers import Separators, exact
from adapters.mapping.literals import trimmed
from adapters.mapping.running import Apply
from adapters.mapping.shapes import Shape, must_be
from adapters.mapping.spec import mistake
from contracts.avro_types import Kind, Primitive
from contracts.json_types import JsonValue
from contracts.said import said

_PRECISION: Final = 1_200
"""Enough for every number that a mapping takes, times every factor."""
_FACTOR: Final = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?")


def _factor(given: object) -> str:
    if not isinstance(given, str) or _FACTOR.fullmatch(given) is None or not given.strip("0."):
        raise mistake(
            said("“{given}” is nothing to multiply with", given=given),
            said("write a number above zero, such as 1000 or 0.01"),
        )
    return given


class Times(Function):
    """{times: 0.01}: 83.5 → "0.835". Per cent to parts of one, mg to µg: a unit becomes another, nothing is rounded."""

    times: Annotated[str, BeforeValidator(_factor), WithJsonSchema({"type": ["number", "string"]})]

    def compile(self) -> Apply:
        factor, context = Decimal(self.times), Context(prec=_PRECISION)
        plain_numbers = Separators()

        def work(value: JsonValue, _: object) -> JsonValue:
            product = context.multiply(Decimal(exact(value, plain_numbers)), factor)
            return trimmed(format(product, "f"))

        return work

    def gives(self, given: Shape) -> Shape:
        must_be(given, SCALARS, "times", said("take one of its parts"))
        return given.now(Primitive(Kind.DECIMAL))
