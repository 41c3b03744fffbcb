"""Functions of numbers. Nothing is rounded here: what cannot be kept exactly is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from pydantic import Field, model_validator

from adapters.mapping.functions.base import SCALARS, Function
from adapters.mapping.literals import Literal, is_one_of, plain, trimmed
from adapters.mapping.running import Apply, misfit_format, quoted
from adapters.mapping.shapes import TEXT, Shape, must_be
from adapters.mapping.spec import NOT_EMPTY, Spec, mistake
from contracts.avro_types import Kind, Primitive
from contracts.json_types import JsonValue
from contracts.validation.misfit import Misfit

_MOST_DIGITS: Final = 1000
_LARGEST: Final = 2**53 - 1

Sign = Annotated[str, Field(min_length=1, max_length=1, pattern=r"[^0-9+\-]")]


class Separators(Spec):
    """The decimal `point`, and the sign that parts `group`s of three digits; without the latter there are none.

    Where the point is not given it is “.”, or “,” where “.” parts groups.
    """

    point: Sign | None = None
    group: Sign | None = None

    @model_validator(mode="after")
    def _differ(self) -> Separators:
        if self.point is not None and self.point == self.group:
            raise mistake(f"“{self.point}” cannot be both point and group", 'write {point: ",", group: "."}')
        return self

    @property
    def decimal_point(self) -> str:
        """The decimal point."""
        return self.point or ("," if self.group == "." else ".")

    @property
    def example(self) -> str:
        """What a number looks like."""
        return f"1{self.group or ''}234{self.decimal_point}5"

    def read(self, text: str) -> str | None:
        """The number in a text, in plain digits with a decimal point. None where it is not written so."""
        unsigned = text.removeprefix("-")
        whole, point, fraction = unsigned.partition(self.decimal_point)
        parts = whole.split(self.group) if self.group is not None else [whole]
        if len(parts) > 1 and (len(parts[0]) > 3 or any(len(part) != 3 for part in parts[1:])):
            return None
        if not _digits("".join(parts)) or (point and not _digits(fraction)) or len(unsigned) > _MOST_DIGITS:
            return None
        number = ("".join(parts).lstrip("0") or "0") + ("." + fraction if point else "")
        return "-" + number if unsigned != text and number.strip("0.") else number

    def write(self, number: str) -> str:
        """A number in plain digits, with these separators."""
        whole, point, fraction = number.removeprefix("-").partition(".")
        if self.group is not None:
            head = len(whole) % 3 or 3
            whole = self.group.join([whole[:head], *(whole[at : at + 3] for at in range(head, len(whole), 3))])
        return ("-" if number.startswith("-") else "") + whole + (self.decimal_point if point else "") + fraction


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def exact(value: JsonValue, separators: Separators) -> str:
    """The number that a value is, in plain digits: "-1234.50". A JSON number is taken as it is. Misfit."""
    number = separators.read(value) if isinstance(value, str) else None if isinstance(value, bool) else plain(value)
    if number is None:
        raise misfit_format(value, separators.example)
    return number


def _whole(number: str) -> int | None:
    """The integer that a number in plain digits is; None where it is none."""
    digits, _, fraction = number.partition(".")
    return None if fraction.strip("0") else int(digits)


def _gives(given: Shape, function: str, kind: Kind) -> Shape:
    must_be(given, SCALARS, function, "take one of its parts")
    return given.now(Primitive(kind))


class Integer(Function):
    """integer, or {integer: {group: "."}}: "1.234" → 1234."""

    integer: Separators = Separators()

    def compile(self) -> Apply:
        separators = self.integer

        def read(value: JsonValue, _: object) -> JsonValue:
            number = _whole(exact(value, separators))
            if number is None:
                raise misfit_format(value, f"1{separators.group or ''}234")
            if abs(number) > _LARGEST:
                raise Misfit("out_of_range", minimum=-_LARGEST, maximum=_LARGEST)
            return number

        return read

    def gives(self, given: Shape) -> Shape:
        return _gives(given, "integer", Kind.LONG)


class DecimalText(Function):
    """decimal, or {decimal: {point: ",", group: "."}}: "1.234,50" → "1234.50", as contracts write decimals."""

    decimal: Separators = Separators()

    def compile(self) -> Apply:
        separators = self.decimal

        return lambda value, _: exact(value, separators)

    def gives(self, given: Shape) -> Shape:
        return _gives(given, "decimal", Kind.DECIMAL)


class Number(Function):
    """number, or {number: {point: ","}}: "8,75" → 8.75 as a JSON number, where one can hold it exactly."""

    number: Separators = Separators()

    def compile(self) -> Apply:
        separators = self.number

        def read(value: JsonValue, _: object) -> JsonValue:
            digits = exact(value, separators)
            whole = _whole(digits)
            if whole is not None and abs(whole) <= _LARGEST:
                return whole
            near = float(digits)
            if repr(near) != digits and plain(near) != trimmed(digits):
                raise misfit_format(value, "≤ 15 digits")
            return near

        return read

    def gives(self, given: Shape) -> Shape:
        return _gives(given, "number", Kind.DOUBLE)


class DecimalForm(Separators):
    """Separators, and how many `digits` follow the point; as many as there are where that is absent."""

    digits: Annotated[int, Field(ge=0, le=100)] | None = None


class WriteDecimal(Function):
    """{write_decimal: {point: ",", group: ".", digits: 2}}: "1234.5" → "1.234,50". More digits are refused."""

    write_decimal: DecimalForm = DecimalForm()

    def compile(self) -> Apply:
        form, contract = self.write_decimal, Separators()

        def write(value: JsonValue, _: object) -> JsonValue:
            whole, _point, fraction = exact(value, contract).partition(".")
            if form.digits is not None:
                fraction = fraction.rstrip("0").ljust(form.digits, "0")
                if len(fraction) > form.digits:
                    raise misfit_format(value, f"1.{'0' * form.digits}".removesuffix("."))
            return form.write(f"{whole}.{fraction}" if fraction else whole)

        return write

    def gives(self, given: Shape) -> Shape:
        must_be(given, SCALARS, "write_decimal", "take one of its parts")
        return given.now(TEXT, written=True)


class Spellings(Spec):
    """What stands for true and what for false."""

    true: Annotated[tuple[Literal, ...], NOT_EMPTY]
    false: Annotated[tuple[Literal, ...], NOT_EMPTY]


class Boolean(Function):
    """{boolean: {true: [Y, "1"], false: [N, "0"]}}: "Y" → true."""

    boolean: Spellings

    def compile(self) -> Apply:
        is_true, is_false = is_one_of(self.boolean.true), is_one_of(self.boolean.false)
        spellings = (*self.boolean.true, *self.boolean.false)
        allowed = tuple(dict.fromkeys(plain(each.value) or "null" for each in spellings))
        return _boolean(is_true, is_false, allowed)

    def gives(self, given: Shape) -> Shape:
        must_be(given, SCALARS, "boolean", "take one of its parts")
        return given.now(Primitive(Kind.BOOLEAN))


def _boolean(
    is_true: Callable[[JsonValue], bool], is_false: Callable[[JsonValue], bool], allowed: tuple[str, ...]
) -> Apply:
    def read(value: JsonValue, _: object) -> JsonValue:
        if is_true(value):
            return True
        if is_false(value):
            return False
        raise Misfit("map_table", allowed, value=quoted(value), allowed=", ".join(allowed))

    return read
