"""Functions of dates and times. `read_…` makes the contract's form (ISO 8601) of a system's, `write_…` the reverse.

What is not known is never filled in: a partial date stays one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, model_validator

from adapters.mapping.functions.base import SCALARS, Function, text_needed
from adapters.mapping.literals import plain
from adapters.mapping.patterns import DatePattern, PartialPattern, Pattern, Precision, pattern
from adapters.mapping.running import Apply, Frame, misfit_format, quoted, text_of
from adapters.mapping.shapes import DATES, TEXT, Misuse, Shape, must_be, named
from adapters.mapping.spec import NOT_EMPTY, TEXT_FORM, Short, mistake
from contracts.avro_types import Kind, Primitive
from contracts.json_types import JsonValue
from contracts.validation.misfit import Misfit

ISO_DATES: Final = {
    Precision.YEAR: pattern("yyyy"),
    Precision.MONTH: pattern("yyyy-MM"),
    Precision.DAY: pattern("yyyy-MM-dd"),
}


def _listed(given: object) -> object:
    return (given,) if isinstance(given, str) else given


def _distinct(patterns: tuple[str, ...]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for text in patterns:
        other = seen.setdefault(pattern(text).shape, text)
        if other != text:
            raise mistake(f"“{other}” and “{text}” look alike: nobody could tell which was meant", "keep one of them")
    return patterns


DatePatterns = Annotated[
    tuple[DatePattern, ...], NOT_EMPTY, BeforeValidator(_listed), AfterValidator(_distinct), Short(TEXT_FORM)
]
PartialPatterns = Annotated[
    tuple[PartialPattern, ...], NOT_EMPTY, BeforeValidator(_listed), AfterValidator(_distinct), Short(TEXT_FORM)
]


def read_dates(value: JsonValue, patterns: Iterable[Pattern], precision: Precision = Precision.DAY) -> str:
    """A date in the contract's form, as far as it is known. Misfit."""
    text = plain(value) if not isinstance(value, bool) else None
    for each in patterns:
        moment = None if text is None else each.read(text, precision)
        if moment is not None and (moment.hour, moment.minute, moment.second) == (0, 0, 0):
            known = min(each.precision, precision)
            return ISO_DATES[known].write(moment)
    raise misfit_format(value, " | ".join(each.text for each in patterns))


def known_date(value: JsonValue) -> tuple[datetime, Precision]:
    """The first day of a date or partial date in the contract's form, and how much of it is known. Misfit."""
    text = text_of(value)
    for precision, iso in ISO_DATES.items():
        moment = iso.read(text)
        if moment is not None:
            return moment, precision
    raise Misfit("partial_date", value=quoted(value))


def gives_read(given: Shape, function: str, kind: Kind, other: str) -> Shape:
    """What a function that reads gives. Misuse for what is a date already."""
    must_be(given, SCALARS, function, "take one of its parts")
    if given.kind in DATES:
        message = f"{function} reads a system's form, and this is a {named(given)} already"
        raise Misuse(message, f"leave it out, or: {other}")
    return given.now(Primitive(kind))


class ReadDate(Function):
    """{read_date: dd/MM/yyyy}, or a list of patterns. A time of day in the pattern must be midnight."""

    read_date: DatePatterns

    def compile(self) -> Apply:
        patterns = tuple(map(pattern, self.read_date))
        return lambda value, _: read_dates(value, patterns)

    def gives(self, given: Shape) -> Shape:
        return gives_read(given, "read_date", Kind.DATE, "write_date")


class ReadPartialDate(Function):
    """{read_partial_date: [dd/MM/yyyy, MM/yyyy, yyyy]}: a month stays a month."""

    read_partial_date: PartialPatterns

    def compile(self) -> Apply:
        patterns = tuple(map(pattern, self.read_partial_date))
        return lambda value, _: read_dates(value, patterns)

    def gives(self, given: Shape) -> Shape:
        return gives_read(given, "read_partial_date", Kind.PARTIAL_DATE, "write_partial_date")


class WriteDate(Function):
    """{write_date: dd/MM/yyyy}. A date that is known in part is refused."""

    write_date: DatePattern

    def compile(self) -> Apply:
        form = pattern(self.write_date)

        def write(value: JsonValue, _: Frame) -> JsonValue:
            moment, precision = known_date(value)
            if precision is not Precision.DAY:
                raise Misfit("date_format", value=quoted(value))
            return form.write(moment)

        return write

    def gives(self, given: Shape) -> Shape:
        if given.kind is Kind.PARTIAL_DATE:
            raise Misuse("write_date needs a full date, and this one may be known in part", "use write_partial_date")
        return gives_written(given, "write_date", {Kind.DATE})


class WritePartialDate(Function):
    """{write_partial_date: [dd/MM/yyyy, MM/yyyy, yyyy]}: one pattern for each precision that the system takes."""

    write_partial_date: PartialPatterns

    @model_validator(mode="after")
    def _one_each(self) -> WritePartialDate:
        by_precision: defaultdict[Precision, list[str]] = defaultdict(list)
        for text in self.write_partial_date:
            by_precision[pattern(text).precision].append(text)
        twice = next((texts for texts in by_precision.values() if len(texts) > 1), None)
        if twice is not None:
            raise mistake(f"{' and '.join(twice)} write the same dates", "keep one pattern for each precision")
        return self

    def compile(self) -> Apply:
        forms = {pattern(text).precision: pattern(text) for text in self.write_partial_date}

        def write(value: JsonValue, _: Frame) -> JsonValue:
            moment, precision = known_date(value)
            if precision not in forms:
                wanted = " | ".join(ISO_DATES[known].text for known in sorted(forms))
                raise misfit_format(value, wanted)
            return forms[precision].write(moment)

        return write

    def gives(self, given: Shape) -> Shape:
        return gives_written(given, "write_partial_date", {Kind.DATE, Kind.PARTIAL_DATE})


def gives_written(given: Shape, function: str, kinds: set[Kind]) -> Shape:
    """What a function that writes gives. Misuse for what is none of `kinds`."""
    text_needed(given, function)
    if given.kind is not None and given.kind not in {*kinds, Kind.STRING}:
        raise Misuse(f"{function} does not write a {named(given)}", "take another path or another function")
    return given.now(TEXT, written=True)
