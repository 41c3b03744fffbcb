"""The values that records hold, as Avro stores them: integers for dates and times, bytes for decimals."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final

from contracts.avro_types import Kind

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
DAY_MICROS: Final = 86_400_000_000
MICROS_IN: Final = {Kind.TIME_MILLIS: 1000, Kind.TIME_MICROS: 1, Kind.TIMESTAMP_MILLIS: 1000, Kind.TIMESTAMP_MICROS: 1}

# A day less at both ends, so that every instant has a date in every time zone.
_FIRST: Final = (datetime(1, 1, 2, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
_LAST: Final = (datetime(9999, 12, 31, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) - 1

LIMITS: Final = {
    Kind.INT: (-(2**31), 2**31 - 1),
    Kind.LONG: (-(2**53) + 1, 2**53 - 1),
    Kind.DATE: (1 - EPOCH_DAY, date.max.toordinal() - EPOCH_DAY),
    Kind.TIME_MILLIS: (0, DAY_MICROS // 1000 - 1),
    Kind.TIME_MICROS: (0, DAY_MICROS - 1),
    Kind.TIMESTAMP_MILLIS: (_FIRST // 1000, _LAST // 1000),
    Kind.TIMESTAMP_MICROS: (_FIRST, _LAST),
}
"""The least and the greatest value of each kind that is stored as an integer. Longs stay exact in every JSON reader."""


def decimal_bytes(unscaled: int, size: int | None) -> bytes:
    """A decimal's unscaled value as Avro stores it: the shortest big-endian two's complement, or exactly `size` bytes.

    OverflowError where it does not fit in `size` bytes.
    """
    shortest = (unscaled if unscaled >= 0 else ~unscaled).bit_length() // 8 + 1
    return unscaled.to_bytes(shortest if size is None else size, "big", signed=True)


def fits_decimal(raw: bytes, precision: int) -> bool:
    """Whether a stored decimal has at most `precision` digits. Linear in its bytes, however many a stranger sends."""
    limit: int = 10**precision
    return -limit < int.from_bytes(raw, "big", signed=True) < limit


def as_float32(number: float) -> float:
    """The nearest value that a 32-bit float can hold. OverflowError where it would be infinite."""
    nearest: float = struct.unpack("<f", struct.pack("<f", float(number)))[0]
    return nearest


def shortest_float32(number: float) -> float:
    """The double with the fewest digits among those that a 32-bit float stores as `number`.

    So 0.1 comes back as 0.1, not as 0.10000000149011612.
    """
    if number == 0 or number != number:
        return number
    packed = struct.pack("<f", number)
    # Six digits always survive a normal 32-bit float; the smallest ones have fewer to offer.
    for digits in range(6 if abs(number) >= 1.2e-38 else 1, 10):
        short = float(f"{number:.{digits}g}")
        try:
            if struct.pack("<f", short) == packed:
                return short
        except OverflowError:  # rounded up beyond the greatest float
            continue
    return number


def instant(kind: Kind, stored: int) -> datetime:
    """A stored timestamp within its kind's limits, in UTC."""
    return EPOCH + timedelta(microseconds=stored * MICROS_IN[kind])


def instant_text(kind: Kind, stored: int, zone: tzinfo = UTC) -> str:
    """A stored timestamp within its kind's limits, in ISO 8601 with the offset of `zone` and all of the kind's digits.

    ISO offsets have no seconds: where a zone's has (before standard time), the whole minute below it is used, which is
    the same instant.
    """
    local = instant(kind, stored).astimezone(zone)
    offset = local.utcoffset()
    if offset is not None and offset.seconds % 60:
        local = local.astimezone(timezone(timedelta(days=offset.days, seconds=offset.seconds // 60 * 60)))
    return local.isoformat(timespec="milliseconds" if MICROS_IN[kind] == 1000 else "microseconds")
