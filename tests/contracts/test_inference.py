"""A first schema is drawn from samples, and every sample fits it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.inference import CannotInfer, in_avro_names, infer_schema, type_name
from contracts.schema import parse_schema
from contracts.validation import Validator

DATE = {"type": "int", "logicalType": "date"}
PARTIAL = {"type": "string", "logicalType": "partial-date"}


def types(*samples: Any) -> dict[str, Any]:
    """The inferred types by field; the schema is one that the bus takes, and all samples fit it."""
    inferred = infer_schema("a.b-c", "vn.test", list(samples))
    schema = parse_schema(json.dumps(inferred))
    for sample in samples:
        Validator(schema, UTC, {}).from_value(in_avro_names(sample), now=datetime.now(UTC))
    fields: Any = inferred["fields"]
    return {field["name"]: field["type"] for field in fields}


@pytest.mark.parametrize(
    ("value", "of"),
    [
        ("xin chào", "string"),
        ("00634", "string"),
        ("2025", "string"),
        ("2025-07-01", DATE),
        ("2025-07", PARTIAL),
        ("2025-07-01T08:00:00+07:00", {"type": "long", "logicalType": "timestamp-millis"}),
        ("2025-07-01T08:00:00.123456Z", {"type": "long", "logicalType": "timestamp-micros"}),
        ("2025-07-01 08:00:00", "string"),
        ("0190163d-8694-739b-aea5-966c26f8ad90", {"type": "string", "logicalType": "uuid"}),
        (7, "long"),
        (7.5, "double"),
        (True, "boolean"),
        (None, ["null", "string"]),
        (["a"], {"type": "array", "items": "string"}),
        ([], {"type": "array", "items": "string"}),
    ],
)
def test_a_value_tells_its_type_as_far_as_it_can(value: Any, of: Any) -> None:
    assert types({"x": value}) == {"x": of}


def test_several_samples_show_what_may_be_absent_and_how_far_a_date_is_known() -> None:
    found = types(
        {"born": "2014-05-12", "mark": 8}, {"born": "2014", "mark": 8.5, "note": "x"}, {"born": "2014-05", "mark": None}
    )
    assert found == {"born": PARTIAL, "mark": ["null", "double"], "note": ["null", "string"]}


def test_names_that_avro_does_not_take_are_brought_near_to_it() -> None:
    assert list(types({"Số định danh": "1", "2nd": "x", "a-b": "y"})) == ["So_dinh_danh", "_2nd", "a_b"]
    assert type_name("education.student-transfer") == "StudentTransfer"


def test_objects_become_records_with_names_of_their_own() -> None:
    found = types({"item": {"a": 1}, "more": {"item": {"b": "x"}}, "items": [{"a": 1}, {"a": 2, "b": "x"}]})
    assert (found["item"]["name"], found["more"]["fields"][0]["type"]["name"]) == ("Item", "Item2")
    assert found["items"]["items"]["fields"][1] == {"name": "b", "type": ["null", "string"], "default": None}


@pytest.mark.parametrize("samples", [[], [1], [{}], ["x"], [{"a": 1}, {"a": "x"}], [{"a": [1, "x"]}]])
def test_what_is_no_record_of_one_kind_is_said_to_be_none(samples: list[Any]) -> None:
    with pytest.raises(CannotInfer, match="→"):
        infer_schema("a", "b", samples)
