"""What a field asks of a value beyond its type: a pattern, a smallest and a largest value.

A rule looks at what the type's reader made of the value, so that it sees normalised text and numbers of the right kind.
Only fields that have one pay for it.
"""

from __future__ import annotations

from contracts.avro_types import FieldType, Kind, Primitive, without_null
from contracts.meaning import Meaning, plain_number
from contracts.patterns import TextPattern
from contracts.validation.misfit import Misfit
from contracts.validation.scalars import Scalar


def ruled(of: FieldType, scalar: Scalar) -> Scalar:
    """The reader of a field's values that also holds them to its rules; `scalar` itself where it has none."""
    meaning = of.meaning
    if meaning.pattern is not None:
        return _formed(meaning.pattern, scalar)
    if meaning.minimum is not None or meaning.maximum is not None:
        kind = without_null(of.type)
        if isinstance(kind, Primitive) and kind.kind is Kind.DECIMAL:
            return _bounded_decimal(meaning, kind.scale, scalar)
        return _bounded(meaning, scalar)
    return scalar


def _formed(pattern: TextPattern, scalar: Scalar) -> Scalar:
    fits = pattern.compiled.fullmatch

    def read(value: object) -> object:
        text = scalar(value)
        # Null, where the field may be null, has no form.
        if type(text) is str and fits(text) is None:
            raise Misfit("pattern", pattern=pattern.text)
        return text

    return read


def _bounded(meaning: Meaning, scalar: Scalar) -> Scalar:
    low, high = (None if each is None else plain_number(each) for each in (meaning.minimum, meaning.maximum))

    def read(value: object) -> object:
        number = scalar(value)
        if isinstance(number, int | float) and (
            (low is not None and number < low) or (high is not None and number > high)
        ):
            raise _outside(meaning)
        return number

    return read


def _bounded_decimal(meaning: Meaning, scale: int, scalar: Scalar) -> Scalar:
    """Decimals are compared as Avro stores them, in units of their last digit."""
    low, high = (None if each is None else each.scaleb(scale) for each in (meaning.minimum, meaning.maximum))

    def read(value: object) -> object:
        stored = scalar(value)
        if type(stored) is bytes:
            unscaled = int.from_bytes(stored, "big", signed=True)
            if (low is not None and unscaled < low) or (high is not None and unscaled > high):
                raise _outside(meaning)
        return stored

    return read


def _outside(meaning: Meaning) -> Misfit:
    low, high = meaning.minimum, meaning.maximum
    if high is None:
        return Misfit("too_small", minimum=f"{low:f}")
    if low is None:
        return Misfit("too_large", maximum=f"{high:f}")
    return Misfit("out_of_range", minimum=f"{low:f}", maximum=f"{high:f}")
