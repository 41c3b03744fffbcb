"""Values without parts: what each type takes, in which form it comes out, and why another is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest

from contracts.json_types import JsonValue
from tests.contracts.avsc import DATE, PARTIAL_DATE, TIMESTAMP, TIMESTAMP_MICROS, enum, field, fixed, logical, schema
from tests.contracts.reading import errors, read, refused, taken, wrong

UUID = logical("string", "uuid")
TIME = logical("int", "time-millis")
TIME_MICROS = logical("long", "time-micros")
MONEY = logical("bytes", "decimal", precision=10, scale=2)
SHARE = logical("bytes", "decimal", precision=3, scale=3)
COUNT = {**fixed("Count", 4), "logicalType": "decimal", "precision": 9}


class TestWrongKind:
    """Nothing is turned into something else."""

    @pytest.mark.parametrize(
        ("of", "value"),
        [
            ("int", "1"),
            ("int", 1.0),
            ("int", 1.5),
            ("int", True),
            ("int", None),
            ("int", [1]),
            ("long", "9007199254740993"),
            ("double", "1.5"),
            ("double", False),
            ("float", "1"),
            ("boolean", 1),
            ("boolean", "true"),
            ("string", 412),
            ("string", None),
            ("string", ["a"]),
            ("bytes", 1),
            (MONEY, 12.5),
            (MONEY, 12),
            (DATE, 20270),
            (DATE, None),
            (PARTIAL_DATE, 2014),
            (TIME, 0),
            (TIMESTAMP, 1_751_328_000_000),
            (UUID, 7),
            (enum("E", "A"), 0),
            (fixed("F", 2), 0),
            (["null", "string"], 3),
        ],
    )
    def test_a_value_of_another_kind_is_refused(self, of: JsonValue, value: JsonValue) -> None:
        """Numbers are no texts, texts no numbers, decimals and dates no numbers: 00634 must not become 634."""
        assert wrong(of, value) == "wrong_type"

    def test_the_refusal_says_what_was_wanted_and_what_came(self) -> None:
        """In words that both languages quote."""
        (error,) = errors(schema(field("v", ["null", MONEY])), {"v": 12.5})
        assert dict(error.params) == {
            "expected": "null / string (decimal, 10 digits, 2 after the point)",
            "got": "number",
        }


class TestIntegers:
    """Within Avro's range, and exact in every JSON reader."""

    @pytest.mark.parametrize("value", [-(2**31), 2**31 - 1, 0])
    def test_an_int_has_32_bits(self, value: int) -> None:
        """Both ends are in."""
        assert taken("int", value) == value

    @pytest.mark.parametrize("value", [-(2**31) - 1, 2**31, 2**63, 10**30])
    def test_an_int_beyond_them_is_refused(self, value: int) -> None:
        """With the range."""
        assert wrong("int", value) == "out_of_range"

    @pytest.mark.parametrize("value", [2**53 - 1, 1 - 2**53])
    def test_a_long_is_exact_in_every_reader(self, value: int) -> None:
        """Up to 2^53 - 1."""
        assert taken("long", value) == value

    @pytest.mark.parametrize("value", [2**53, -(2**53), 2**63 - 1, 2**64, pytest.param(10**400, id="10**400")])
    def test_a_long_that_a_reader_would_round_is_refused(self, value: int) -> None:
        """Avro could hold some of them: JavaScript could not. Use a string."""
        assert wrong("long", value) == "out_of_range"

    def test_the_bounds_hold_for_bodies_too(self) -> None:
        """Where a parser makes floats of what is too long."""
        of = schema(field("v", "long"))
        for digits in (b"9007199254740992", b"18446744073709551615", b"18446744073709551616", b"-9223372036854775809"):
            assert refused(of, b'{"v": ' + digits + b"}") == ["/v out_of_range"]
        assert refused(of, b'{"v": 1e3}') == ["/v wrong_type"]
        assert read(of, b'{"v": -0}') == {"v": 0}


class TestFloats:
    """Finite, and in their shortest form."""

    @pytest.mark.parametrize("value", [1e39, -1e39, 3.5e38, 10**39, 2**128])
    def test_a_float_of_1e39_is_refused(self, value: JsonValue) -> None:
        """In 32 bits it would be infinite."""
        assert wrong("float", value) == "not_finite"

    @pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, pytest.param(10**400, id="10**400")])
    def test_what_is_not_finite_is_refused(self, value: JsonValue) -> None:
        """From an adapter too."""
        assert wrong("double", value) == "not_finite"
        assert wrong("float", value) == "not_finite"

    @pytest.mark.parametrize(
        ("of", "value", "shown"),
        [
            ("float", 0.1, "0.1"),
            ("float", 16777217, "16777216.0"),
            ("float", 3.4028234663852886e38, "3.4028235e+38"),
            ("float", 1e-45, "1e-45"),
            ("double", 0.1, "0.1"),
            ("double", 1, "1.0"),
            ("double", 5e-324, "5e-324"),
            ("double", 1.7976931348623157e308, "1.7976931348623157e+308"),
        ],
    )
    def test_a_float_comes_out_in_its_shortest_form(self, of: str, value: JsonValue, shown: str) -> None:
        """0.1 is 0.1 again, in 32 bits as in 64."""
        assert repr(taken(of, value)) == shown


class TestDecimals:
    """Text, within precision and scale; never a number, never an exponent."""

    @pytest.mark.parametrize(
        ("of", "value", "shown"),
        [
            (MONEY, "1250.5", "1250.50"),
            (MONEY, "0", "0.00"),
            (MONEY, "-0", "0.00"),
            (MONEY, "-0.00", "0.00"),
            (MONEY, "-0.01", "-0.01"),
            (MONEY, "99999999.99", "99999999.99"),
            (SHARE, "0.125", "0.125"),
            (SHARE, "-0", "0.000"),
            (COUNT, "-999999999", "-999999999"),
        ],
    )
    def test_a_decimal_comes_out_in_the_schemas_scale(self, of: JsonValue, value: str, shown: str) -> None:
        """Without negative zero."""
        assert taken(of, value) == shown

    @pytest.mark.parametrize(
        "value",
        ["1e3000000", "1E2", "", "-", ".5", "5.", "+1", "007", "00.5", "1,5", "1_000", " 1", "1 ", "1\n", "0x1", "NaN", "Infinity", "١٢", "１"],
    )  # fmt: skip
    def test_what_is_no_plain_decimal_is_refused(self, value: str) -> None:
        """1e3000000 in a decimal(10, 2) would be written as 1.2 MB."""
        assert wrong(MONEY, value) == "decimal_format"

    @pytest.mark.parametrize(
        ("of", "value"),
        [
            (MONEY, "100000000"),
            (MONEY, "0.001"),
            (MONEY, "1.000"),
            (MONEY, "9" * 900_000),
            (MONEY, "0." + "0" * 900_000),
            (SHARE, "1"),
            (COUNT, "0.0"),
            (COUNT, "1000000000"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, of: JsonValue, value: str) -> None:
        """Too many digits before the point or behind it, zeros too: nothing is rounded."""
        assert wrong(of, value) == "decimal_precision"


class TestDates:
    """ISO 8601, with days that the calendar has; a partial date is never completed."""

    @pytest.mark.parametrize("value", ["2025-07-01", "2024-02-29", "0001-01-01", "9999-12-31"])
    def test_a_date_is_a_day_of_the_calendar(self, value: str) -> None:
        """It comes out as it came in."""
        assert taken(DATE, value) == value

    @pytest.mark.parametrize(
        "value",
        ["2025-02-29", "2025-13-01", "2025-7-1", "20250701", "2025-W27-2", "2025-182", "01/07/2025", "2025-07-01T00:00:00", "2025-07-01Z",
         " 2025-07-01", "2025-07-01\n", "0000-01-01", "10000-01-01", "1751328000", "2025-07", "2025", "", "２０２５-07-01", "2025-07-0\ud800"],
    )  # fmt: skip
    def test_what_is_no_date_is_refused(self, value: str) -> None:
        """A text of digits too: pydantic would take it for seconds."""
        assert wrong(DATE, value) == "date_format"

    @pytest.mark.parametrize("value", ["2014", "2014-05", "2014-05-12", "2016-02-29", "0001", "9999-12"])
    def test_a_partial_date_stays_as_known_as_it_was(self, value: str) -> None:
        """A birth date of which only the year is known is common."""
        assert taken(PARTIAL_DATE, value) == value

    @pytest.mark.parametrize(
        "value",
        ["14", "20140512", "2014-5", "2014-13", "2014-02-30", "2014-00", "2014-05-00", "05/2014", "2014-", "2014-05-", "0000", "201", "2014-W0",
         "", "2014 ", "-123", "٢٠١٤"],
    )  # fmt: skip
    def test_what_is_no_partial_date_is_refused(self, value: str) -> None:
        """Zeros in place of what is not known are a day that no calendar has."""
        assert wrong(PARTIAL_DATE, value) == "partial_date"


class TestTimes:
    """A timestamp names its offset, comes out in the bus's zone, and is never cut."""

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ("2025-07-01T08:00:00+07:00", "2025-07-01T08:00:00.000+07:00"),
            ("2025-07-01T01:00:00Z", "2025-07-01T08:00:00.000+07:00"),
            ("2025-06-30T23:00:00.5-02:00", "2025-07-01T08:00:00.500+07:00"),
            ("2025-07-01T08:00:00.123000000+07:00", "2025-07-01T08:00:00.123+07:00"),
            ("1969-12-31T23:59:59.999Z", "1970-01-01T07:59:59.999+08:00"),
            ("1850-01-01T00:00:00Z", "1850-01-01T07:06:00.000+07:06"),
        ],
    )
    def test_a_timestamp_comes_out_in_the_buss_zone(self, value: str, shown: str) -> None:
        """The same instant; Avro keeps no offset. Hà Nội was at +08:00 in 1969, and at +07:06:30 before 1906."""
        assert taken(TIMESTAMP, value) == shown

    @pytest.mark.parametrize("value", ["2025-07-01T08:00:00", "2025-07-01T08:00:00.5"])
    def test_a_naive_timestamp_is_refused(self, value: str) -> None:
        """Whose eight o'clock is it?"""
        assert wrong(TIMESTAMP, value) == "timestamp_offset"

    @pytest.mark.parametrize(
        "value",
        ["2025-07-01 08:00:00+07:00", "2025-07-01t08:00:00z", "2025-07-01T08:00+07:00", "2025-07-01T24:00:00Z", "2025-07-01T08:00:60Z", "2025-02-29T08:00:00Z",
         "2025-07-01T08:00:00+7", "2025-07-01T08:00:00+0700", "2025-07-01T08:00:00+24:00", "2025-07-01T08:00:00.Z", "2025-07-01T08:00:00,5Z", "2025-07-01",
         "1751328000", "1751328000000", "20250701T080000Z", "2025-07-01T08:00:00Z\n", "2025-07-01T08:00:00 +07:00", "0000-01-01T00:00:00Z"],
    )  # fmt: skip
    def test_what_is_no_timestamp_is_refused(self, value: str) -> None:
        """A space for the T, numbers in texts, hours that no clock shows."""
        assert wrong(TIMESTAMP, value) == "timestamp_format"

    def test_a_finer_timestamp_than_the_schemas_is_refused(self) -> None:
        """Nanoseconds are not cut; zeros say nothing finer."""
        assert wrong(TIMESTAMP, "2025-07-01T08:00:00.1234Z") == "too_precise"
        assert wrong(TIMESTAMP_MICROS, "2025-07-01T08:00:00.123456789Z") == "too_precise"
        assert taken(TIMESTAMP_MICROS, "2025-07-01T08:00:00.123456000Z") == "2025-07-01T15:00:00.123456+07:00"

    @pytest.mark.parametrize("value", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59"])
    def test_an_instant_without_a_date_in_every_zone_is_refused(self, value: str) -> None:
        """The first and the last day of the calendar."""
        assert wrong(TIMESTAMP, value) == "out_of_range"
        assert taken(DATE, "0001-01-01") == "0001-01-01"

    @pytest.mark.parametrize(
        ("of", "value", "shown"),
        [
            (TIME, "08:00:00", "08:00:00.000"),
            (TIME, "23:59:59.999", "23:59:59.999"),
            (TIME, "00:00:00.5000", "00:00:00.500"),
            (TIME_MICROS, "00:00:00.000001", "00:00:00.000001"),
        ],
    )
    def test_a_time_of_day_comes_out_with_the_schemas_digits(self, of: JsonValue, value: str, shown: str) -> None:
        """It has no offset: it is the clock on the wall."""
        assert taken(of, value) == shown

    @pytest.mark.parametrize(
        "value", ["8:00:00", "24:00:00", "08:60:00", "08:00", "08:00:00Z", "08:00:00.", "", "08.00.00"]
    )
    def test_what_is_no_time_is_refused(self, value: str) -> None:
        """Seconds must be there."""
        assert wrong(TIME, value) == "time_format"

    def test_a_finer_time_than_the_schemas_is_refused(self) -> None:
        """As with timestamps."""
        assert wrong(TIME, "08:00:00.0001") == "too_precise"
        assert wrong(TIME_MICROS, "08:00:00.0000001") == "too_precise"


class TestText:
    """Valid Unicode, in NFC."""

    def test_text_comes_out_in_nfc(self) -> None:
        """Half of the field's systems write ò as two signs; where the tone stands is a matter of spelling, and stays."""
        assert taken("string", "Ho\u0300a Vang") == "Hòa Vang"
        assert taken("string", "Hoà Vang") == "Hoà Vang"

    @pytest.mark.parametrize("sent", [b'{"v": "\\ud800"}', b'{"v": "\\udc00x"}', b'{"v": "\\ud83d\\ud83d"}'])
    @pytest.mark.parametrize("of", ["string", "bytes", UUID, enum("E", "A"), DATE, PARTIAL_DATE, MONEY])
    def test_half_of_a_surrogate_pair_is_refused_at_its_place(self, of: JsonValue, sent: bytes) -> None:
        """It has no UTF-8; every text is checked, whatever its type."""
        (found,) = refused(schema(field("v", of)), sent)
        assert found.startswith("/v ")
        if of == "string":
            assert found == "/v lone_surrogate"

    def test_a_whole_pair_is_one_sign(self) -> None:
        """Beyond the basic plane."""
        assert read(schema(field("v", "string")), b'{"v": "\\ud83d\\ude00"}') == {"v": "😀"}

    def test_marks_piled_up_beyond_reason_are_refused(self) -> None:
        """Normalising them takes time in the square of their number."""
        assert wrong("string", "a" + "\u0301" * 31) == "too_many_marks"
        assert wrong("string", "a" + "\u0301" * 300_000) == "too_many_marks"
        assert taken("string", "a" + "\u0323" * 30)

    def test_an_empty_text_is_a_text(self) -> None:
        """Whether it may be empty is the contract's matter, not Avro's."""
        assert taken("string", "") == ""


class TestBytes:
    """Strict base64."""

    @pytest.mark.parametrize("value", ["", "AA==", "AAA=", "AAAA", "+/+/", "//8="])
    def test_base64_comes_out_as_it_came(self, value: str) -> None:
        """One text for the same bytes."""
        assert taken("bytes", value) == value

    @pytest.mark.parametrize(
        "value", ["A", "AA", "AAA", "AA=", "AA===", "=", "AB==", "AAB=", "AA==AA==", "AAAA\n", " AAAA", "AA-_", "AAAA=", "A*AA", "ÀAAA"]
    )  # fmt: skip
    def test_what_is_no_strict_base64_is_refused(self, value: str) -> None:
        """No padding left out, no line breaks, no URL alphabet, no bits that mean nothing."""
        assert wrong("bytes", value) == "base64"

    def test_a_fixed_has_exactly_its_size(self) -> None:
        """The refusal tells both sizes."""
        assert taken(fixed("F", 3), "AAAA") == "AAAA"
        (error,) = errors(schema(field("v", fixed("F", 3))), {"v": "AA=="})
        assert (error.pointer, error.code, dict(error.params)) == ("/v", "fixed_size", {"size": "3", "got": "1"})


class TestChoices:
    """Enums and UUIDs."""

    def test_an_enum_takes_its_symbols_and_names_them(self) -> None:
        """A screen can offer what may be chosen."""
        of = schema(field("v", enum("Gender", "male", "female")))
        assert read(of, {"v": "male"}) == {"v": "male"}
        (error,) = errors(of, {"v": "Male"})
        assert (error.code, error.candidates) == ("not_in_enum", ("male", "female"))

    @pytest.mark.parametrize(
        "value",
        [
            "A1B2C3D4-0000-4000-8000-000000000000",
            "{a1b2c3d4-0000-4000-8000-000000000000}",
            "a1b2c3d4000040008000000000000000",
            "",
        ],
    )
    def test_a_uuid_has_one_form(self, value: str) -> None:
        """Lower case, with hyphens: else one thing has several names."""
        assert wrong(UUID, value) == "uuid"
        assert taken(UUID, "a1b2c3d4-0000-4000-8000-000000000000")


@pytest.mark.parametrize("of", ["boolean", "string", ["null", "int"]])
def test_plain_values_come_out_as_they_are(of: JsonValue) -> None:
    """For completeness' sake."""
    value: Any = {"boolean": True, "string": "x"}.get(str(of), 3)
    assert taken(of, value) == value
