"""Dates beside a flag that says how much of them is known: `yyyyMMdd` with 0 (day), 2 (month) or 1 (year)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from adapters.mapping.functions.base import Function, Reading
from adapters.mapping.functions.dates import ISO_DATES, gives_read, gives_written, known_date, read_dates
from adapters.mapping.functions.tables import literal_shape
from adapters.mapping.literals import Literal, is_one_of, plain
from adapters.mapping.paths import Path
from adapters.mapping.patterns import DatePattern, Precision, pattern
from adapters.mapping.running import Apply, Frame, Refusal, looker, misfit_format, needed, pointer_to, quoted
from adapters.mapping.shapes import Shape
from adapters.mapping.spec import Spec
from contracts.avro_types import Kind
from contracts.json_types import JsonValue
from contracts.validation.misfit import Misfit


class Flags(Spec):
    """What a system writes for how much of a date is known."""

    day: Literal
    month: Literal | None = None
    year: Literal | None = None

    @property
    def by_precision(self) -> dict[Precision, Literal]:
        """The flag of each precision that the system knows."""
        flags = {Precision.DAY: self.day, Precision.MONTH: self.month, Precision.YEAR: self.year}
        return {precision: flag for precision, flag in flags.items() if flag is not None}


class FlaggedDate(Flags):
    """A full `pattern`, and the path to the `flag` that says how much of it is true."""

    pattern: DatePattern
    flag: Path


class ReadFlaggedDate(Function):
    """{read_flagged_date: {pattern: yyyyMMdd, flag: /loaiNgaySinh, day: "0", month: "2", year: "1"}}."""

    read_flagged_date: FlaggedDate

    def compile(self) -> Apply:
        spec = self.read_flagged_date
        form, look = pattern(spec.pattern), looker(spec.flag)
        flags = [(is_one_of((flag,)), precision) for precision, flag in spec.by_precision.items()]
        allowed = tuple(plain(flag.value) or "null" for flag in spec.by_precision.values())

        def read(value: JsonValue, frame: Frame) -> JsonValue:
            flag = needed(spec.flag, frame, look)
            for matches, precision in flags:
                if matches(flag):
                    return read_dates(value, (form,), precision)
            strange = Misfit("map_table", allowed, value=quoted(flag), allowed=", ".join(allowed))
            raise Refusal(strange.at(pointer_to(spec.flag, frame)))

        return read

    def gives(self, given: Shape) -> Shape:
        return gives_read(given, "read_flagged_date", Kind.PARTIAL_DATE, "write_flagged_date")

    def reads(self) -> Iterable[Reading]:
        return (Reading(("read_flagged_date", "flag"), self.read_flagged_date.flag),)


class UnknownAs(Spec):
    """A full `pattern`, and what stands for a month or day that is not `known`."""

    pattern: DatePattern
    unknown: Annotated[str, Field(pattern=r"^[0-9]{2}$")]


class WriteFlaggedDate(Function):
    """{write_flagged_date: {pattern: yyyyMMdd, unknown: "00"}}; its flag is a field of its own, by: precision."""

    write_flagged_date: UnknownAs

    def compile(self) -> Apply:
        form, unknown = pattern(self.write_flagged_date.pattern), self.write_flagged_date.unknown

        def write(value: JsonValue, _: Frame) -> JsonValue:
            moment, precision = known_date(value)
            return form.write(moment, precision, unknown)

        return write

    def gives(self, given: Shape) -> Shape:
        return gives_written(given, "write_flagged_date", {Kind.DATE, Kind.PARTIAL_DATE})


class PrecisionOf(Function):
    """{precision: {day: "0", month: "2", year: "1"}}: the flag that says how much of a date is known."""

    precision: Flags

    def compile(self) -> Apply:
        flags = self.precision.by_precision

        def tell(value: JsonValue, _: Frame) -> JsonValue:
            _moment, known = known_date(value)
            if known not in flags:
                raise misfit_format(value, " | ".join(ISO_DATES[each].text for each in sorted(flags)))
            return flags[known].value

        return tell

    def gives(self, given: Shape) -> Shape:
        date = gives_written(given, "precision", {Kind.DATE, Kind.PARTIAL_DATE})
        flag = literal_shape(self.precision.by_precision.values())
        return Shape(flag.type, flag.texts, absent=date.absent or flag.absent)
