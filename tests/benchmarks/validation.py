"""What validating one record costs: `python -m tests.benchmarks.validation`. Figures: docs/decisions/0002-validation.md.

The same record of twenty fields by three ways, from JSON bytes:

- *pydantic alone*: a strict TypeAdapter over a TypedDict. It lets pass what docs/architecture.md §6 lists.
- *pydantic with second pass*: names counted first, and the bus's own readers hung into the TypedDict for every kind that
  pydantic alone leaves open. It refuses what the bus refuses, and gives what fastavro takes.
- *own pass*: `contracts.validation`.

And what it costs to validate and to encode the record, in two steps and at once, beside fastavro's encoding alone. All
times are the processor's, so that a neighbour on the machine changes them little; each is the best of many runs.
"""

from __future__ import annotations

import json
import platform
import timeit
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from importlib.metadata import version
from io import BytesIO
from time import process_time
from typing import Annotated, Final, Literal, NotRequired
from zoneinfo import ZoneInfo

from fastavro import schemaless_writer
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from contracts.codec import avro_of
from contracts.errors import Rejected
from contracts.json_types import JsonObject
from contracts.schema import EnumType, FixedType, Primitive, parse_schema
from contracts.validation import Validator
from contracts.validation.found import Errors
from contracts.validation.misfit import Misfit
from contracts.validation.parsing import parse
from contracts.validation.scalars import scalar_reader

Read = Callable[[bytes], object]

NOW: Final = datetime(2025, 9, 1, tzinfo=UTC)
HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")
TEXTS: Final = (
    "student_id",
    "full_name",
    "from_school",
    "to_school",
    "class_name",
    "school_year",
    "phone",
    "home_ward",
)
SCHEMA: Final = parse_schema(
    json.dumps(
        {
            "type": "record",
            "name": "Transfer",
            "fields": [
                *({"name": name, "type": "string"} for name in TEXTS),
                {"name": "grade", "type": "int"},
                {"name": "absences", "type": "int"},
                {"name": "sequence", "type": "long"},
                {"name": "distance_km", "type": "double"},
                {"name": "boards", "type": "boolean"},
                {
                    "name": "gender",
                    "type": {"type": "enum", "name": "Gender", "symbols": ["male", "female", "unknown"]},
                },
                {"name": "average", "type": {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}},
                {"name": "born", "type": {"type": "string", "logicalType": "partial-date"}},
                {"name": "leaves_on", "type": {"type": "int", "logicalType": "date"}},
                {"name": "decided_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
                {"name": "note", "type": ["null", "string"], "default": None},
                {"name": "subjects", "type": {"type": "array", "items": "string"}},
            ],
        }
    )
)
RECORD: Final[JsonObject] = {
    "student_id": "999314000017",
    "full_name": "Nguyễn Thị Minh Anh",
    "from_school": "THCS Kim Đồng",
    "to_school": "THCS Lý Tự Trọng",
    "class_name": "6/3",
    "school_year": "2025-2026",
    "phone": "0236 3821 513",
    "home_ward": "20404",
    "grade": 6,
    "absences": 2,
    "sequence": 20250701000017,
    "distance_km": 3.25,
    "boards": False,
    "gender": "female",
    "average": "8.75",
    "born": "2014-05",
    "leaves_on": "2025-08-15",
    "decided_at": "2025-08-10T09:30:00+07:00",
    "note": None,
    "subjects": ["Toán", "Ngữ văn", "Tiếng Anh"],
}


def _through(pointer: str) -> AfterValidator:
    """The bus's own reader of a field's type, for pydantic."""
    of = SCHEMA.at(pointer)
    if not isinstance(of, Primitive | EnumType | FixedType):
        raise TypeError(pointer)
    read = scalar_reader(of)

    def convert(value: object) -> object:
        try:
            return read(value)
        except Misfit as misfit:
            raise ValueError(misfit.code) from None

    return AfterValidator(convert)


_STRICT: Final = ConfigDict(strict=True, extra="forbid")
_Int = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
_Long = Annotated[int, Field(ge=-(2**53) + 1, le=2**53 - 1)]
_Text = Annotated[str, _through("/full_name")]


class _Plain(TypedDict):
    """What both ways leave to pydantic."""

    grade: _Int
    absences: _Int
    sequence: _Long
    distance_km: float
    boards: bool
    gender: Literal["male", "female", "unknown"]


class Alone(_Plain):
    """The record in pydantic's own types."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]  # pydantic's way to configure a TypedDict
    student_id: str
    full_name: str
    from_school: str
    to_school: str
    class_name: str
    school_year: str
    phone: str
    home_ward: str
    average: Decimal
    born: str
    leaves_on: date
    decided_at: AwareDatetime
    note: NotRequired[str | None]
    subjects: list[str]


class Closed(_Plain):
    """The record with the bus's readers where pydantic leaves something open."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]  # pydantic's way to configure a TypedDict
    student_id: _Text
    full_name: _Text
    from_school: _Text
    to_school: _Text
    class_name: _Text
    school_year: _Text
    phone: _Text
    home_ward: _Text
    average: Annotated[str, _through("/average")]
    born: Annotated[str, _through("/born")]
    leaves_on: Annotated[str, _through("/leaves_on")]
    decided_at: Annotated[str, _through("/decided_at")]
    note: NotRequired[_Text | None]
    subjects: list[_Text]


def pydantic_alone() -> Read:
    """Strict pydantic with the types that it has for these fields."""
    return TypeAdapter(Alone).validate_json


def pydantic_with_second_pass() -> Read:
    """Names counted first; pydantic for the shape, the bus's readers for what it leaves open."""
    adapter = TypeAdapter(Closed)

    def read(body: bytes) -> object:
        errors = Errors()
        value = parse(body, errors)
        if errors.found:
            raise ValueError(errors.found)
        return adapter.validate_python(value)

    return read


def own_pass() -> Read:
    """`contracts.validation`, compiled: a validator compiles when it is first used."""
    validator = Validator(SCHEMA, HANOI, {})
    with suppress(Rejected):
        validator.from_value({}, now=NOW)
    return lambda body: validator.from_json(body, now=NOW)


def at_once() -> Read:
    """The same to Avro's bytes: `encoded_json`."""
    validator = Validator(SCHEMA, HANOI, {})
    with suppress(Rejected):
        validator.encoded_value({}, now=NOW)
    return lambda body: validator.encoded_json(body, now=NOW)


def _refused(read: Read, body: bytes) -> object:
    """Refuse the body, and say where it is wrong."""
    try:
        read(body)
    except ValidationError as refused:
        return refused.errors(include_url=False)
    except Rejected as refused:
        return refused.fields
    raise AssertionError("the bad record was taken")


def micros(call: Callable[[], object]) -> float:
    """Microseconds a call: the best of twenty-five runs of some 40 ms."""
    timer = timeit.Timer(call, timer=process_time)
    count = max(1, int(0.04 / max(timer.timeit(20) / 20, 1e-9)))
    return min(timer.repeat(25, count)) / count * 1e6


def measure() -> Iterator[tuple[str, float, float, float]]:
    """For each way: its name, µs for a good record, µs for one with a wrong field, µs to make it ready."""
    good = json.dumps(RECORD, ensure_ascii=False).encode()
    bad = json.dumps({**RECORD, "grade": "six"}, ensure_ascii=False).encode()
    ways = {
        "pydantic alone": pydantic_alone,
        "pydantic with second pass": pydantic_with_second_pass,
        "own pass": own_pass,
        "own pass, with the encoding": at_once,
    }
    for name, make in ways.items():
        read = make()
        yield name, micros(partial(read, good)), micros(partial(_refused, read, bad)), micros(make)


def encoding() -> Iterator[tuple[str, float]]:
    """For each way to a record's bytes: its name, and µs for a good record. fastavro's alone is the first."""
    validator = Validator(SCHEMA, HANOI, {})
    body = json.dumps(RECORD, ensure_ascii=False).encode()
    value: JsonObject = json.loads(body)
    record = validator.from_value(value, now=NOW).record
    ways: dict[str, Callable[[], object]] = {
        "fastavro's encoding alone": lambda: schemaless_writer(BytesIO(), SCHEMA.parsed, record),
        "parsed JSON, two steps": lambda: avro_of(SCHEMA, validator.from_value(value, now=NOW).record),
        "parsed JSON, at once": lambda: validator.encoded_value(value, now=NOW),
        "JSON bytes, two steps": lambda: avro_of(SCHEMA, validator.from_json(body, now=NOW).record),
        "JSON bytes, at once": lambda: validator.encoded_json(body, now=NOW),
        "of these, parsing and looking for names said twice": lambda: parse(body, Errors()),
    }
    rounds = [{name: micros(call) for name, call in ways.items()} for _ in range(3)]
    return ((name, min(each[name] for each in rounds)) for name in ways)


def main() -> None:
    """Print the tables."""
    size = len(json.dumps(RECORD, ensure_ascii=False).encode())
    print(
        f"Python {platform.python_version()}, pydantic {version('pydantic')}, {platform.machine()}; {size} bytes of JSON"
    )
    print("| way | good record | one wrong field | made ready |\n|---|---|---|---|")
    for name, good, bad, ready in measure():
        print(f"| {name} | {good:.1f} µs | {bad:.1f} µs | {ready:.0f} µs |")
    (first, alone), *others = encoding()
    print(f"\n| validated and encoded | time | beside fastavro |\n|---|---|---|\n| {first} | {alone:.1f} µs | 1 |")
    for name, took in others:
        print(f"| {name} | {took:.1f} µs | {took / alone:.2f} |")


if __name__ == "__main__":
    main()
