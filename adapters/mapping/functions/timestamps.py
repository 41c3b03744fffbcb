"""Moments: a date with a time of day, in a time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from adapters.mapping.functions.base import Function
from adapters.mapping.functions.dates import gives_read, gives_written
from adapters.mapping.literals import plain
from adapters.mapping.patterns import TimestampPattern, pattern
from adapters.mapping.running import Apply, Frame, misfit_format, quoted, text_of
from adapters.mapping.shapes import Misuse, Shape
from adapters.mapping.spec import TEXT_FORM, Spec, mistake
from contracts.avro_types import TIMESTAMPS, Kind
from contracts.json_types import JsonValue
from contracts.said import said
from contracts.validation.misfit import Misfit

_TIMESTAMP: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_OFFSET: Final = re.compile(r"([+-])([01][0-9]):([0-5][0-9])")


def zone_named(text: str) -> tzinfo:
    """The time zone that a text of the YAML means: UTC, an offset, or a name. Raises what pydantic reports."""
    offset = _OFFSET.fullmatch(text)
    if offset is not None:
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(-span if offset[1] == "-" else span)
    if text == "UTC":
        return UTC
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, LookupError):
        raise mistake(
            said("“{text}” is no time zone", text=text), said("write it like +07:00, UTC or Asia/Ho_Chi_Minh")
        ) from None


def _zone(text: str) -> str:
    zone_named(text)
    return text


class Timestamp(Spec):
    """A pattern, and the `zone` that the system means; the bus's own where that is absent."""

    pattern: TimestampPattern
    zone: Annotated[str, AfterValidator(_zone)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_text(cls, given: object) -> object:
        return {"pattern": given} if isinstance(given, str) else given

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [TEXT_FORM, handler.resolve_ref_schema(handler(schema))]}

    @model_validator(mode="after")
    def _z_is_utc(self) -> Timestamp:
        if "Z" in self.pattern and self.zone not in {"UTC", "+00:00"}:
            raise mistake(said("Z stands for UTC"), said("add: zone: UTC"))
        return self

    @property
    def fixed(self) -> tzinfo | None:
        """The zone that is written here."""
        return None if self.zone is None else zone_named(self.zone)


class Fraction(StrEnum):
    """What becomes of fractions of a second that a pattern does not tell."""

    DROP = "drop"
    REFUSE = "refuse"


class WrittenTimestamp(Timestamp):
    """As `Timestamp`; `fraction` is needed where the pattern tells seconds and no more, and values may be finer."""

    fraction: Fraction | None = None

    @property
    def is_open(self) -> bool:
        """Whether it does not say what becomes of fractions of a second."""
        return self.fraction is None and pattern(self.pattern).fraction_digits == 0


class ReadTimestamp(Function):
    """{read_timestamp: {pattern: yyyyMMddHHmmss, zone: +07:00}}. A time that a zone has twice or never is refused."""

    read_timestamp: Timestamp

    def compile(self) -> Apply:
        form, fixed = pattern(self.read_timestamp.pattern), self.read_timestamp.fixed

        def read(value: JsonValue, frame: Frame) -> JsonValue:
            text = None if isinstance(value, bool) else plain(value)
            moment = None if text is None else form.read(text)
            stamp = None if moment is None else _placed(moment, fixed or frame.context.zone)
            if stamp is None:
                raise misfit_format(value, form.text)
            return stamp

        return read

    def gives(self, given: Shape) -> Shape:
        return gives_read(given, "read_timestamp", Kind.TIMESTAMP_MILLIS, "write_timestamp")


class WriteTimestamp(Function):
    """{write_timestamp: {pattern: dd/MM/yyyy HH:mm, zone: +07:00}}. A pattern without seconds leaves out what it does
    not tell; one with seconds tells all of them, but where it says `fraction: drop`."""

    write_timestamp: WrittenTimestamp

    def compile(self) -> Apply:
        form, fixed = pattern(self.write_timestamp.pattern), self.write_timestamp.fixed
        digits = None if self.write_timestamp.fraction is Fraction.DROP else form.fraction_digits
        finest = None if digits is None else 10 ** (6 - digits)

        def write(value: JsonValue, frame: Frame) -> JsonValue:
            local = moment_of(value, fixed or frame.context.zone)
            if local is None:
                raise Misfit("timestamp_format", value=quoted(value))
            if finest is not None and local.microsecond % finest:
                raise Misfit("map_fraction", value=quoted(value), expected=form.text)
            return form.write(local)

        return write

    def gives(self, given: Shape) -> Shape:
        if self.write_timestamp.is_open and given.kind in TIMESTAMPS:
            raise Misuse(
                said("the pattern “{text}” tells no fractions of a second", text=self.write_timestamp.pattern),
                said("add .SSS to it, or say what becomes of them: fraction: drop (or refuse)"),
            )
        return gives_written(given, "write_timestamp", set(TIMESTAMPS))


def moment_of(value: JsonValue, zone: tzinfo) -> datetime | None:
    """The moment that a contract's timestamp means, in a zone. None for a text that is none. Misfit for no text."""
    found = _TIMESTAMP.fullmatch(text_of(value))
    if found is None:
        return None
    try:
        return datetime.fromisoformat(found[1] + (found[2] or "") + found[3]).astimezone(zone)
    except (ValueError, OverflowError):
        return None


def _placed(moment: datetime, zone: tzinfo) -> str | None:
    """A local time as a timestamp. None where the zone has it twice or not at all."""
    first, second = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    try:
        offset = first.utcoffset()
        if offset is None or offset != second.utcoffset():
            return None
        # Before standard time, offsets had seconds, which contracts do not write.
        return (first.astimezone(UTC) if offset % timedelta(minutes=1) else first).isoformat()
    except OverflowError:
        return None
