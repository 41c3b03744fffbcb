"""The air station: a day of readings as the real ones come, with rows that are known to be bad."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

HEADER: Final = "timestamp,city,aqi,weather_icon,wind_speed,humidity,temperature,pm25,pm10,o3,no2,so2,co"
_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_HOURS: Final = 24
# Each with the field that a reject file has to name; "" is the row as a whole.
_BAD_ROWS: Final = (
    ("{time},Đà Nẵng,58,/ic.svg,7.4,83%,21.0°C,13.0,N/A,N/A,N/A,N/A,N/A", "/wind_speed"),
    ("{time},Đà Nẵng,,/ic.svg,3.7 km/h,83%,21.0°C,13.0,N/A,N/A,N/A,N/A,N/A", "/aqi"),
    ("20/11/2025 08:00,Đà Nẵng,58,/ic.svg,3.7 km/h,83%,21.0°C,13.0,N/A,N/A,N/A,N/A,N/A", "/dateObserved"),
    ("{time},Đà Nẵng,58,/ic.svg,3.7 km/h,83%,21.0°C,bụi,N/A,N/A,N/A,N/A,N/A", "/pm25"),
    ("{time},Đà Nẵng,58", ""),
)


@dataclass(frozen=True, slots=True)
class Day:
    """A file: its text, the moments of its good rows, and the fields of its bad ones, in order."""

    text: str
    moments: tuple[str, ...]
    bad_fields: tuple[str, ...]


def day_of_readings(day: datetime, rng: random.Random) -> Day:
    """The hours of a day, a bad row after each fifth of the first."""
    rows, moments = [HEADER], []
    bad = iter(_BAD_ROWS)
    begin = day.astimezone(_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    for hour in range(_HOURS):
        at = begin + timedelta(hours=hour, minutes=rng.randrange(10), microseconds=rng.randrange(1, 1_000_000))
        moments.append(at.isoformat())
        pm25 = rng.choice(["N/A", f"{rng.uniform(2, 60):.1f}"])
        wind, humidity, warm = rng.uniform(0, 30), rng.randrange(40, 100), rng.uniform(18, 36)
        rows.append(
            f"{moments[-1]},Đà Nẵng,{rng.randrange(20, 160)},/ic.svg,{wind:.1f} km/h,{humidity}%,{warm:.1f}°C,"
            f"{pm25},N/A,N/A,,N/A,N/A"
        )
        if hour % 5 == 0:
            row, _ = next(bad, (None, ""))
            rows += [row.format(time=at.isoformat())] if row is not None else []
    return Day("\n".join(rows) + "\n", tuple(moments), tuple(field for _, field in _BAD_ROWS))


def leave(folder: Path, name: str, text: str) -> Path:
    """Put a file into the watched folder as the station does: written aside, then moved in whole."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{name}.part"
    aside.write_text(text, encoding="utf-8")
    return aside.rename(folder / name)


def name_for(now: datetime) -> str:
    """What the station calls a file."""
    return f"aqi_{now.astimezone(UTC):%Y%m%dT%H%M%S%f}.csv"
