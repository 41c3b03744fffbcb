"""Values that the YAML itself gives, and comparing with them.

All YAML is read as text, so text is what a plain literal is. `{number: 1}`, `{boolean: true}`, `{null: true}` and
`{empty: list}` give the other kinds of JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from math import isfinite
from typing import Annotated, Final
from typing import Literal as OneOf

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from adapters.mapping.functions.tones import Tone, with_tone
from adapters.mapping.spec import Spec, mistake
from contracts.json_types import JsonValue
from contracts.validation.misfit import Misfit
from contracts.validation.text import normalised

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?")
_KINDS: Final = ("text", "number", "boolean", "null", "empty")


def _number(given: object) -> object:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise mistake("this is no number", "write it like 1, -3 or 2.5")
    match = _NUMBER.fullmatch(str(given))
    if match is None:
        remedy = "write it like 1, -3 or 2.5, without leading zeros; codes with leading zeros are text"
        raise mistake(f"“{given}” is no number", remedy)
    return float(match[0]) if match[2] else int(match[0])


def _boolean(given: object) -> object:
    if given in (True, False) and isinstance(given, bool):
        return given
    if given not in ("true", "false"):
        raise mistake(f"“{given}” is no truth value", "write true or false")
    return given == "true"


def _yes(given: object) -> object:
    if given not in ("true", True):
        raise mistake(f"“{given}” says nothing here", "write {null: true}")
    return True


Truth = Annotated[bool, BeforeValidator(_boolean)]
"""true or false."""


class Literal(Spec):
    """A value written in the YAML. Plain text is short for `{text: …}`."""

    text: Annotated[str | None, Field(description="this text")] = None
    number: Annotated[
        Annotated[int | float | None, BeforeValidator(_number)], Field(description="this number, like {number: 1}")
    ] = None
    boolean: Annotated[Annotated[bool | None, BeforeValidator(_boolean)], Field(description="true or false")] = None
    null: Annotated[bool | None, BeforeValidator(_yes)] = Field(default=None, description="no value: write true")
    empty: Annotated[OneOf["list", "object"] | None, Field(description="an empty list or object")] = None

    @model_validator(mode="before")
    @classmethod
    def _of_text(cls, given: object) -> object:
        if isinstance(given, str):
            return {"text": given}
        if isinstance(given, dict | Literal):
            return given
        raise mistake(
            "a value is missing", 'write text, "" for empty text, or {number: 1}, {boolean: true}, {null: true}'
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": ["string", "number", "boolean"]}, handler.resolve_ref_schema(handler(schema))]}

    @model_validator(mode="after")
    def _one_kind(self) -> Literal:
        if len(self.model_fields_set) != 1:
            raise mistake("a value has one kind", f"write one of: {', '.join(_KINDS)}")
        return self

    @property
    def value(self) -> JsonValue:
        """The JSON value; a new one where it could be changed."""
        if self.empty is not None:
            return [] if self.empty == "list" else {}
        if self.text is not None:
            return self.text
        return self.number if self.number is not None else self.boolean


def plain(value: JsonValue) -> str | None:
    """A text, number or truth value as it is written, exactly: 6 → "6", 8.50 → "8.5", true → "true".

    None for everything else, for numbers that are not finite, and for integers of more than 1000 digits.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() < 3320 else None
    if isinstance(value, float):
        return trimmed(format(Decimal(repr(value)), "f")) if isfinite(value) else None
    return None


def trimmed(digits: str) -> str:
    """A number in plain digits, without zeros that mean nothing."""
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


def comparable(value: JsonValue) -> str | None:
    """What is compared with a literal text: as `plain`, in Unicode NFC. None where there is nothing to compare."""
    text = plain(value)
    if text is None or text.isascii():
        return text
    try:
        return normalised(text)
    except Misfit:
        return None


def spelled(value: JsonValue) -> str | None:
    """What is compared with a whole literal text: as `comparable`, with the tone marks of oa, oe and uy in one place.

    Hòa and Hoà are one word, of which two registers write one each.
    """
    text = comparable(value)
    return text if text is None or text.isascii() else with_tone(text, Tone.OLD)


def is_one_of(literals: Iterable[Literal]) -> Callable[[JsonValue], bool]:
    """Whether a value equals one of `literals`.

    A literal text equals a text, number or truth value that is spelled so; a literal number equals numbers only.
    """
    known = tuple(literals)
    texts = frozenset(spelled(each.text) for each in known if each.text is not None)
    others = tuple(each.value for each in known if each.text is None)

    def matches(value: JsonValue) -> bool:
        if isinstance(value, str) and value.isascii():
            # Most values are such, and most rows of a file are asked this for each of their cells.
            return value in texts
        text = spelled(value)
        if text is not None and text in texts:
            return True
        return any(_same(value, other) for other in others)

    return matches


def _same(value: JsonValue, other: JsonValue) -> bool:
    if isinstance(value, bool) or isinstance(other, bool) or value is None or other is None:
        return value is other
    if isinstance(other, list | dict):
        return type(value) is type(other) and not value
    return isinstance(value, int | float) and value == other
