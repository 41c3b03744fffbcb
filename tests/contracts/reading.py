"""Short ways to validate in tests. Each goes both ways, of the readers and of the writers, and wants them to agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts.canonical import to_json
from contracts.codec import avro_of
from contracts.codelists import CodeList
from contracts.errors import FieldError, Rejected
from contracts.json_types import JsonValue
from contracts.schema import Schema
from contracts.validation import Validator
from tests.contracts.avsc import field, schema

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2025, 9, 1, 3, 0, tzinfo=UTC)


def read(of: Schema, sent: bytes | JsonValue, codelists: Mapping[str, CodeList] | None = None) -> Any:
    """The canonical JSON of what was sent: a body, or a value."""
    validator = Validator(of, HANOI, codelists or {})
    if isinstance(sent, bytes):
        record = validator.from_json(sent, now=NOW).record
        assert validator.encoded_json(sent, now=NOW).avro == avro_of(of, record)
    else:
        record = validator.from_value(sent, now=NOW).record
        assert validator.encoded_value(sent, now=NOW).avro == avro_of(of, record)
    return to_json(of, record, HANOI)


def errors(
    of: Schema, sent: bytes | JsonValue, codelists: Mapping[str, CodeList] | None = None, now: datetime = NOW
) -> tuple[FieldError, ...]:
    """What is wrong with a body, or a value."""
    validator = Validator(of, HANOI, codelists or {})
    with pytest.raises(Rejected) as refused:
        _ = validator.from_json(sent, now=now) if isinstance(sent, bytes) else validator.from_value(sent, now=now)
    with pytest.raises(Rejected) as again:
        _ = validator.encoded_json(sent, now=now) if isinstance(sent, bytes) else validator.encoded_value(sent, now=now)
    assert again.value.fields == refused.value.fields
    return refused.value.fields


def refused(of: Schema, sent: bytes | JsonValue, codelists: Mapping[str, CodeList] | None = None) -> list[str]:
    """The same, as `pointer code`."""
    return [f"{error.pointer} {error.code}" for error in errors(of, sent, codelists)]


def taken(of: JsonValue, value: JsonValue) -> Any:
    """What a field of that type makes of a value, in canonical JSON; through a body, as senders send it."""
    return read(schema(field("v", of)), {"v": value})["v"]


def wrong(of: JsonValue, value: JsonValue) -> str:
    """The code of the one error that a field of that type has for a value."""
    (error,) = errors(schema(field("v", of)), {"v": value})
    assert error.pointer == "/v"
    return error.code
