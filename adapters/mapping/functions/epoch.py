"""Moments as machines count them: so long after the beginning of 1970, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from adapters.mapping.functions.base import Function
from adapters.mapping.functions.dates import gives_read, gives_written
from adapters.mapping.functions.numbers import Separators, exact
from adapters.mapping.functions.timestamps import moment_of
from adapters.mapping.running import Apply, misfit_format, quoted
from adapters.mapping.shapes import Shape
from contracts.avro_types import TIMESTAMPS, Kind, Primitive
from contracts.json_types import JsonValue
from contracts.validation.misfit import Misfit

_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


class EpochUnit(StrEnum):
    """What is counted."""

    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"


_UNITS: Final = {EpochUnit.SECONDS: timedelta(seconds=1), EpochUnit.MILLISECONDS: timedelta(milliseconds=1)}
_EXAMPLES: Final = {EpochUnit.SECONDS: "1756690200", EpochUnit.MILLISECONDS: "1756690200000"}


class ReadEpoch(Function):
    """{read_epoch: seconds}: 1756690200 → 2025-09-01T01:30:00+00:00. A part of a unit is refused."""

    read_epoch: EpochUnit

    def compile(self) -> Apply:
        unit, example = _UNITS[self.read_epoch], _EXAMPLES[self.read_epoch]
        plain_numbers = Separators()

        def read(value: JsonValue, _: object) -> JsonValue:
            number = exact(value, plain_numbers)
            try:
                return (_BEGINNING + int(number) * unit).isoformat()
            except (ValueError, OverflowError):
                raise misfit_format(value, example) from None

        return read

    def gives(self, given: Shape) -> Shape:
        return gives_read(given, "read_epoch", Kind.TIMESTAMP_MILLIS, "write_epoch")


class WriteEpoch(Function):
    """{write_epoch: seconds}: 2025-09-01T08:30:00+07:00 → 1756690200. What is finer than the unit is left out."""

    write_epoch: EpochUnit

    def compile(self) -> Apply:
        unit = _UNITS[self.write_epoch]

        def write(value: JsonValue, _: object) -> JsonValue:
            moment = moment_of(value, UTC)
            if moment is None:
                raise Misfit("timestamp_format", value=quoted(value))
            return (moment - _BEGINNING) // unit

        return write

    def gives(self, given: Shape) -> Shape:
        return gives_written(given, "write_epoch", set(TIMESTAMPS)).now(Primitive(Kind.LONG))
