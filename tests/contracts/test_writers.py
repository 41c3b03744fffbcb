"""Writers make of a good value what the readers and fastavro make of it, and take nothing that the readers refuse."""

from __future__ import annotations

import json
from collections.abc import Mapping

import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from contracts.avro_depth import is_recursive
from contracts.codec import avro_of
from contracts.codelists import CodeList
from contracts.errors import FieldError, Rejected
from contracts.json_types import JsonObject, JsonValue
from contracts.schema import Schema
from contracts.validation import Encoded, Extra, Validator, Validators
from contracts.validation.writers import writer_of
from tests.contracts.avsc import DATE, PARTIAL_DATE, TIMESTAMP, array, enum, field, logical, map_of, record, schema
from tests.contracts.generated import JSON, places, replaced, schemas, values
from tests.contracts.lists import wards
from tests.contracts.reading import HANOI, NOW

many = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
LISTS = {"wards": wards()}
ODD: list[JsonValue] = [
    *("", "0", "-0", "00", "1.", ".5", "1.50", "-0.0", "8.75", "1e3", "+1", "１２", "9" * 40, "a" + "\u0301" * 40),
    *("2025-02-29", "2024-02-29", "20250701", "2025-W27-2", "2025-07", "2025-13", "0000-01-01", "2025", "٢٠٢٥-٠١-٠١"),
    *("24:00:00", "23:59:60", "07:30:00.5", "07:30:00.1234567", "Ho\u0300a", "\ud800", "x" * 600, "é" * 300),
    *("2025-08-10T09:30:00+07:00", "2025-08-10T09:30:00Z", "2025-08-10T24:00:00Z", "2025-08-10 09:30:00+07:00"),
    *("2025-08-10T09:30:00", "2025-08-10T09:30:00+07:99", "2025-08-10T09:30:00+24:00", "2025-08-10T09:30:00+0700"),
    *("2025-W32-7T09:30:00Z", "2025-08-10T09:30:00.5+05:45", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    *("2025-08-10T09:30:00.123456789Z", "2025-08-10T09:30:00-00:00", "2025-02-30T09:30:00Z", "1754793000"),
    *(0, -1, 511, 512, -512, -513, 2**31, -(2**31) - 1, 2**53, 2**70, 10**400, 0.5, -0.0, 1e300, float("nan")),
    True,
    False,
    None,
    [],
    {},
    [None],
    {"a": None},
]


def outcome(validator: Validator, sent: JsonValue, extra: Extra) -> tuple[bytes, tuple[str, ...]] | list[FieldError]:
    """What the readers and fastavro make of it."""
    try:
        valid = validator.from_value(sent, now=NOW, extra=extra)
    except Rejected as refused:
        return list(refused.fields)
    return avro_of(validator.schema, valid.record), valid.dropped


def agree(
    of: Schema, sent: JsonValue, lists: Mapping[str, CodeList] | None = None, extra: Extra = Extra.REFUSE
) -> bool:
    """Hold both ways against each other; whether the value is good."""
    validator = Validator(of, HANOI, lists or {})
    expected = outcome(validator, sent, extra)
    if isinstance(expected, list):
        with pytest.raises(Rejected) as refused:
            validator.encoded_value(sent, now=NOW, extra=extra)
        assert list(refused.value.fields) == expected
        return False
    encoded = validator.encoded_value(sent, now=NOW, extra=extra)
    assert (encoded.avro, encoded.dropped) == expected
    return True


class TestAnySchemaAndValue:
    """Whatever schemas and values there may be."""

    @many
    @given(st.data())
    def test_a_good_value_is_written_at_once_and_byte_for_byte_the_same(self, data: st.DataObject) -> None:
        """The readers are not asked for it."""
        of = data.draw(schemas())
        sent = data.draw(values(of.root))
        assert agree(of, sent)
        write = writer_of(of)
        assert (write is None) == is_recursive(of)
        if write is not None:
            made = validated(of, sent)
            assert write(sent, None, None) == made.avro
            assert Validator(of, HANOI, {}).from_value(sent, now=NOW).record == made.record

    @many
    @given(st.data())
    def test_a_value_with_one_odd_place_has_one_outcome(self, data: st.DataObject) -> None:
        """Taken with the same bytes, or refused with the same errors."""
        of = data.draw(schemas())
        sent = data.draw(values(of.root))
        parts, _ = data.draw(st.sampled_from(list(places(of.root, sent)) or [((), of.root)]))
        assume(parts)
        agree(
            of, replaced(sent, parts, data.draw(st.sampled_from(ODD) | JSON)), extra=data.draw(st.sampled_from(Extra))
        )

    @many
    @given(schemas(), JSON, st.sampled_from(Extra))
    def test_any_json_has_one_outcome(self, of: Schema, sent: JsonValue, extra: Extra) -> None:
        """Most of it is no record at all."""
        agree(of, sent, extra=extra)

    @many
    @given(st.data())
    def test_a_text_has_the_outcome_of_its_value(self, data: st.DataObject) -> None:
        """And of one that says a name twice, both ways refuse the name."""
        of = data.draw(schemas())
        sent = data.draw(values(of.root))
        validator = Validator(of, HANOI, {})
        text = json.dumps(sent, ensure_ascii=data.draw(st.booleans())).encode()
        assert validator.encoded_json(text, now=NOW).avro == validated(of, sent).avro
        twice = b'{"%b":1,"%b":1' % (2 * (of.root.fields[0].name.encode(),))
        with pytest.raises(Rejected) as refused:
            validator.encoded_json(twice + b"," * bool(sent) + text[1:], now=NOW)
        assert "duplicate_key" in {error.code for error in refused.value.fields}


def validated(of: Schema, sent: JsonValue) -> Encoded:
    """The record's bytes."""
    return Validator(of, HANOI, {}).encoded_value(sent, now=NOW)


RULED = schema(
    field("grade", "int", minimum=1, maximum=12),
    field("average", logical("bytes", "decimal", precision=4, scale=2), minimum="0", maximum="10"),
    field("class", ["null", "string"], pattern="[0-9]{1,2}/[0-9]", default=None),
    field("share", ["null", "double"], minimum=0, maximum=1, default=None),
    field("gender", enum("Gender", "male", "female"), default="male"),
    field("tags", array("string"), default=["a"]),
)
WORDS = st.sampled_from(ODD) | st.sampled_from(["6/3", "12/1", "6/33", "10.00", "10.01", "-0.01"])
NUMBERS = st.sampled_from([0, 1, 12, 13, 0.0, 1.0, 1.01, -0.01])


@many
@given(
    st.fixed_dictionaries(
        {"grade": NUMBERS, "average": WORDS},
        optional={"class": WORDS, "share": NUMBERS, "gender": WORDS, "tags": st.just([]), "more": st.none()},
    )
)
def test_rules_of_fields_hold_both_ways(sent: JsonObject) -> None:
    """Patterns and bounds, also of fields that may be null or be left out."""
    agree(RULED, sent)


HOME = record("Home", field("ward", "string", codelist="wards", on="/moved_on"), field("moved_on", DATE))
SCHOOL = record("School", field("ward", ["null", "string"], codelist="wards", on="/on", default=None))
CODED = schema(
    field("born", "string", codelist="wards", on="/on"),
    field("now", ["null", "string"], codelist="wards", on="message-time", default=None),
    field("on", [PARTIAL_DATE, "null"], default="2025-08"),
    field("home", HOME),
    field("schools", map_of(array(SCHOOL)), default={}),
    field("sent_at", TIMESTAMP, default=0),
)
CODES = st.sampled_from(["20410", "20404", "20434", "99999"])
DATES = st.sampled_from(["2025-06-30", "2025-07-01", "2025-09-01", "hôm qua"])


@many
@given(
    st.fixed_dictionaries(
        {"born": CODES, "home": st.fixed_dictionaries({"ward": CODES, "moved_on": DATES})},
        optional={
            "now": CODES | st.none(),
            "on": DATES | st.sampled_from(["2025", "2026-01", None]),
            "schools": st.dictionaries(
                st.sampled_from(["b", "a"]),
                st.lists(st.fixed_dictionaries({}, optional={"ward": CODES | st.none()}), max_size=2),
            ),
        },
    )
)
def test_codes_are_looked_up_both_ways(sent: JsonObject) -> None:
    """On the date beside them, on one of the record around, on the day of the message, on a date that is a default."""
    agree(CODED, sent, LISTS)


def test_a_record_with_codes_is_written_at_once() -> None:
    """The writer notes what is to be looked up."""
    sent: JsonObject = {"born": "20410", "home": {"ward": "20404", "moved_on": "2025-06-30"}}
    assert agree(CODED, sent, LISTS)
    assert writer_of(CODED) is not None


def test_a_date_in_a_record_beside_the_code_is_left_to_the_readers() -> None:
    """Their outcome is the bus's."""
    of = schema(
        field("ward", "string", codelist="wards", on="/stay/from"), field("stay", record("Stay", field("from", DATE)))
    )
    assert writer_of(of) is None
    assert agree(of, {"ward": "20404", "stay": {"from": "2025-06-30"}}, LISTS)
    assert not agree(of, {"ward": "20404", "stay": {"from": "2025-07-01"}}, LISTS)


def test_text_of_a_class_of_its_own_is_no_text_either_way() -> None:
    """Only what JSON holds is JSON."""

    class Text(str):
        __slots__ = ()

    for of in ("string", TIMESTAMP, enum("E", "x"), logical("bytes", "decimal", precision=4, scale=2)):
        assert not agree(schema(field("v", of)), {"v": Text("x")})


def test_numbers_of_every_length_are_written_as_fastavro_does() -> None:
    """At each step from one byte to the next."""
    of = schema(field("v", "long"))
    for bits in range(53):
        for number in (2**bits - 1, 2**bits, -(2**bits), -(2**bits) + 1):
            assert agree(of, {"v": min(number, 2**53 - 1)})


def test_a_validator_is_made_once_and_the_oldest_gives_way() -> None:
    """A bus with very many contracts keeps those that are used."""
    kept = Validators(HANOI, {}, most=2)
    one, two, three = (schema(field(name, "int")) for name in ("a", "b", "c"))
    first = kept.of(one)
    assert kept.of(two) is not first
    assert kept.of(one) is first
    kept.of(three)
    assert kept.of(one) is first
    assert first.encoded_json(orjson.dumps({"a": 1}), now=NOW).record == {"a": 1}
