"""Every function of the mapping: what it makes of a value, and what it refuses."""

from __future__ import annotations

import pytest

from adapters.mapping.functions.known import FUNCTION_NAMES
from contracts.json_types import JsonValue
from tests.adapters.mapping.helpers import errors, refused, through

FLAGS = 'day: "0", month: "2", year: "1"'
READ_FLAGGED = f"{{read_flagged_date: {{pattern: yyyyMMdd, flag: /flag, {FLAGS}}}}}"
PARTIAL = "[dd/MM/yyyy, MM/yyyy, yyyy]"

MADE: list[tuple[str, JsonValue, JsonValue]] = [
    ("trim", "  Lê  Văn A\u00a0", "Lê  Văn A"),
    ("squeeze", "  Lê \t Văn  A ", "Lê Văn A"),
    ("upper", "Nguyễn thị đào", "NGUYỄN THỊ ĐÀO"),
    ("lower", "NGUYỄN THỊ ĐÀO", "nguyễn thị đào"),
    ("nfc", "Ho\u0300a Lie\u0302n", "Hòa Liên"),
    ("{tone: new}", "Phường Hòa Khánh, HÒA VANG, Thúy", "Phường Hoà Khánh, HOÀ VANG, Thuý"),
    ("{tone: old}", "Hoà Vang, hoàn, quý, Thuỵ, khoẻ", "Hòa Vang, hoàn, quý, Thụy, khỏe"),
    ("text", 6, "6"),
    ("text", 8.5, "8.5"),
    ("text", 8.0, "8"),
    ("text", 1e-7, "0.0000001"),
    ("text", 1e22, "10000000000000000000000"),
    ("text", True, "true"),
    ("text", "007", "007"),
    ("{remove: ' ()-'}", "(84-4) 3821 5137", "84438215137"),
    ("{replace: {Q.: 'Quận ', P.: 'Phường '}}", "P.Hội An Q.1", "Phường Hội An Quận 1"),
    ("{unit: km/h}", "4.0 km/h", "4.0"),
    ("{unit: '%'}", "86%", "86"),
    ("{unit: m³/giờ}", "4 m³/gio\u031b\u0300", "4"),
    ("{round: {digits: 0, rule: half_up}}", "2.5", "3"),
    ("{round: {digits: 0, rule: half_up}}", "-2.5", "-3"),
    ("{round: {digits: 0, rule: half_even}}", "2.5", "2"),
    ("{round: {digits: 0, rule: half_even}}", "3.5", "4"),
    ("{round: {digits: 0, rule: half_up}}", "-0.4", "0"),
    ("{round: {digits: 1, rule: half_up}}", 0.25, "0.3"),
    ("{round: {digits: 2, rule: towards_zero}}", "-1.999", "-1.99"),
    ("{times: 100}", 0.54, "54"),
    ("{times: 0.01}", "83.50", "0.835"),
    ("{times: 0.01}", -0.0, "0"),
    ("{times: 0.000000001}", "9" * 900, "9" * 891 + "." + "9" * 9),
    ("{round: {digits: 3, rule: half_up}}", "9" * 900 + ".9995", "1" + "0" * 900 + ".000"),
    ("{table: {Hòa Vang: a, Hoa Vang: b}}", "Hoà Vang", "a"),
    ("{table: {Hòa Vang: a, Hoa Vang: b}}", "Hoa Vang", "b"),
    ("{table: {KHỎE: a}}", "KHOẺ", "a"),
    ("{pad_left: {length: 5}}", "634", "00634"),
    ("{pad_left: {length: 5}}", 634, "00634"),
    ("{pad_left: {length: 4, with: ' '}}", "ab", "  ab"),
    ("{substring: {from: 1, to: 3}}", "048214000024", "048"),
    ("{substring: {from: 7}}", "048214000024", "000024"),
    ("{words: first}", "Nguyễn Thị Minh Anh", "Nguyễn"),
    ("{words: middle}", "Nguyễn Thị Minh Anh", "Thị Minh"),
    ("{words: last}", "Nguyễn Thị Minh Anh", "Anh"),
    ("{split: ;}", "Lê A; Trần B;", ["Lê A", "Trần B"]),
    ("{split: ;}", "", []),
    ("{join: ;}", ["a", 2, None, True], "a;2;true"),
    ("{join: ', '}", [], ""),
    ("integer", "42", 42),
    ("integer", "-007", -7),
    ("integer", 8.0, 8),
    ("{integer: {group: .}}", "1.234.567", 1234567),
    ("{integer: {group: .}}", "1234567", 1234567),
    ("integer", "12.0", 12),
    ("decimal", "007.50", "7.50"),
    ("decimal", "-0.00", "0.00"),
    ("decimal", 8.75, "8.75"),
    ("decimal", 12, "12"),
    ("{decimal: {point: ',', group: .}}", "1.234,50", "1234.50"),
    ("{decimal: {point: ',', group: ' '}}", "-12 345", "-12345"),
    ("decimal", "123456789012345678901.234", "123456789012345678901.234"),
    ("number", "8.75", 8.75),
    ("number", "8.00", 8),
    ("{number: {point: ','}}", "-0,1", -0.1),
    ("write_decimal", "1234.50", "1234.50"),
    ("{write_decimal: {point: ',', group: ., digits: 2}}", "1234567.5", "1.234.567,50"),
    ("{write_decimal: {digits: 0}}", "12.00", "12"),
    ("{write_decimal: {group: ','}}", -123, "-123"),
    ("{write_decimal: {group: ','}}", -1234, "-1,234"),
    ("{boolean: {true: [Y, '1'], false: [N, '0']}}", "Y", True),
    ("{boolean: {true: [Y, '1'], false: [N, '0']}}", 0, False),
    ("{boolean: {true: ['True'], false: ['False']}}", "False", False),
    ("{table: {'1': male, '0': female}}", "1", "male"),
    ("{table: {'1': male, '0': female}}", 0, "female"),
    ("{table: {Y: {boolean: true}, N: {number: 0}}}", "N", 0),
    ("{table: {'true': 'True', 'false': 'False'}}", False, "False"),
    ("{table: {Đã hủy: cancelled, Không có: none}}", "Đã hu\u0309y", "cancelled"),
    ("{table: {'1': male}, else: unknown}", "3", "unknown"),
    ("{nulls: ['', N/A]}", "86%", "86%"),
    ("{read_date: dd/MM/yyyy}", "01/09/2025", "2025-09-01"),
    ("{read_date: yyyyMMdd}", 20250901, "2025-09-01"),
    ("{read_date: [dd/MM/yyyy, yyyy/MM/dd]}", "2025/09/01", "2025-09-01"),
    ("{read_date: 'yyyy-MM-ddTHH:mm:ss'}", "2014-05-12T00:00:00", "2014-05-12"),
    ("{write_date: dd/MM/yyyy}", "2014-05-12", "12/05/2014"),
    ("{write_date: 'yyyy-MM-ddTHH:mm:ss'}", "0931-05-12", "0931-05-12T00:00:00"),
    (f"{{read_partial_date: {PARTIAL}}}", "12/05/2014", "2014-05-12"),
    (f"{{read_partial_date: {PARTIAL}}}", "05/2014", "2014-05"),
    (f"{{read_partial_date: {PARTIAL}}}", "2014", "2014"),
    ("{read_partial_date: [yyyyMMdd, yyyyMM, yyyy]}", "201405", "2014-05"),
    (f"{{write_partial_date: {PARTIAL}}}", "2014-05-12", "12/05/2014"),
    (f"{{write_partial_date: {PARTIAL}}}", "2014-05", "05/2014"),
    (f"{{write_partial_date: {PARTIAL}}}", "2014", "2014"),
    ("{write_flagged_date: {pattern: yyyyMMdd, unknown: '00'}}", "2014-05", "20140500"),
    ("{write_flagged_date: {pattern: yyyyMMdd, unknown: '01'}}", "2014", "20140101"),
    ("{write_flagged_date: {pattern: yyyyMMdd, unknown: '01'}}", "2014-05-12", "20140512"),
    (f"{{precision: {{{FLAGS}}}}}", "2014-05-12", "0"),
    (f"{{precision: {{{FLAGS}}}}}", "2014-05", "2"),
    (f"{{precision: {{{FLAGS}}}}}", "2014", "1"),
    ("{read_timestamp: 'dd/MM/yyyy HH:mm:ss'}", "01/09/2025 08:30:00", "2025-09-01T08:30:00+07:00"),
    ("{read_timestamp: {pattern: yyyyMMddHHmmss, zone: '-03:30'}}", "20250901083000", "2025-09-01T08:30:00-03:30"),
    ("{read_timestamp: {pattern: 'yyyy-MM-ddTHH:mm:ssZ', zone: UTC}}", "2025-09-01T01:30:00Z", "2025-09-01T01:30:00+00:00"),
    ("{read_timestamp: dd/MM/yyyy}", "01/01/1900", "1899-12-31T16:53:30+00:00"),
    ("{write_timestamp: 'dd/MM/yyyy HH:mm'}", "2025-08-31T18:30:00.123Z", "01/09/2025 01:30"),
    ("{write_timestamp: {pattern: yyyyMMddHHmmss, zone: UTC}}", "2025-09-01T08:30:00+07:00", "20250901013000"),
    ("{write_timestamp: {pattern: 'HHmmss ddMMyyyy', fraction: drop}}", "2025-09-01T08:30:00.999+07:00", "083000 01092025"),
    ("{write_timestamp: {pattern: yyyyMMddHHmmss, fraction: refuse}}", "2025-09-01T08:30:00.000+07:00", "20250901083000"),
    ("{write_timestamp: 'yyyy-MM-ddTHH:mm:ss.SSS'}", "2025-09-01T08:30:00.25+07:00", "2025-09-01T08:30:00.250"),
    ("{write_timestamp: yyyyMMddHHmmssSSSSSS}", "2025-09-01T08:30:00.000250+07:00", "20250901083000000250"),
    ("{write_timestamp: {pattern: 'ss.SSS mm HH dd/MM/yyyy', fraction: drop}}", "2025-09-01T08:30:00.0009+07:00", "00.000 30 08 01/09/2025"),
    ("{read_timestamp: 'yyyy-MM-ddTHH:mm:ss.SSS'}", "2025-09-01T08:30:00.250", "2025-09-01T08:30:00.250000+07:00"),
    ("{read_timestamp: yyyyMMddHHmmssSSSSSS}", "20250901083000000250", "2025-09-01T08:30:00.000250+07:00"),
    ("{agency: levels}", "000.00.10.H17", "H17.10"),
    ("{agency: qcvn_102}", "H17.10", "000.00.10.H17"),
    ("{read_epoch: seconds}", 1756690200, "2025-09-01T01:30:00+00:00"),
    ("{read_epoch: seconds}", "-1", "1969-12-31T23:59:59+00:00"),
    ("{read_epoch: milliseconds}", "1756690200250", "2025-09-01T01:30:00.250000+00:00"),
    ("{write_epoch: seconds}", "2025-09-01T08:30:00.999+07:00", 1756690200),
    ("{write_epoch: milliseconds}", "2025-09-01T08:30:00.250+07:00", 1756690200250),
]  # fmt: skip


@pytest.mark.parametrize(("function", "value", "made"), MADE)
def test_a_function_makes(function: str, value: JsonValue, made: JsonValue) -> None:
    result = through(function, value)
    assert result == made
    assert type(result) is type(made)


REFUSED: list[tuple[str, JsonValue, str]] = [
    ("trim", 6, "wrong_type"),
    ("nfc", "a" + "\u0301" * 31, "too_many_marks"),
    ("text", [1], "wrong_type"),
    ("text", float("nan"), "not_finite"),
    ("{unit: km/h}", "4.0", "map_format"),
    ("{unit: km/h}", "4.0 m/s", "map_format"),
    ("{pad_left: {length: 5}}", "200634", "map_format"),
    ("{substring: {from: 1, to: 3}}", "04", "map_format"),
    ("{words: last}", "Anh", "map_format"),
    ("{split: ;}", ["a"], "wrong_type"),
    ("{join: ;}", "a", "wrong_type"),
    ("{join: ;}", ["a;b"], "map_format"),
    ("{join: ;}", [["a"]], "wrong_type"),
    ("integer", "1.5", "map_format"),
    ("integer", "٣", "map_format"),
    ("integer", "", "map_format"),
    ("integer", "1e3", "map_format"),
    ("integer", True, "map_format"),
    ("integer", "9007199254740992", "out_of_range"),
    ("{integer: {group: .}}", "1.23", "map_format"),
    ("decimal", "1,5", "map_format"),
    ("decimal", "+1", "map_format"),
    ("decimal", " 1", "map_format"),
    ("decimal", "1" * 5000, "map_format"),
    ("decimal", float("inf"), "map_format"),
    ("{decimal: {point: ',', group: .}}", "1.5", "map_format"),
    ("number", "123456789012345678.9", "map_format"),
    ("{write_decimal: {digits: 2}}", "1.005", "map_format"),
    ("{boolean: {true: [Y], false: [N]}}", "y", "map_table"),
    ("{table: {'1': male, '0': female}}", "2", "map_table"),
    ("{table: {'1': male, '0': female}}", ["1"], "map_table"),
    ("{nulls: ['', N/A]}", "N/A", "map_missing"),
    ("{table: {'0': {null: true}}}", "0", "map_missing"),
    ("{read_date: dd/MM/yyyy}", "31/02/2025", "map_format"),
    ("{read_date: dd/MM/yyyy}", "1/9/2025", "map_format"),
    ("{read_date: dd/MM/yyyy}", "09/2025", "map_format"),
    ("{read_date: dd/MM/yyyy}", "01/09/٢٠٢٥", "map_format"),
    ("{read_date: 'yyyy-MM-ddTHH:mm:ss'}", "2014-05-12T08:00:00", "map_format"),
    ("{read_partial_date: yyyy}", "0000", "map_format"),
    ("{write_date: dd/MM/yyyy}", "2014-05", "date_format"),
    ("{write_date: dd/MM/yyyy}", "12/05/2014", "partial_date"),
    ("{write_partial_date: [dd/MM/yyyy, yyyy]}", "2014-05", "map_format"),
    ("{read_partial_date: [MM/yyyy]}", "13/2014", "map_format"),
    ("{read_timestamp: {pattern: yyyyMMddHHmmss, zone: Europe/Berlin}}", "20251026023000", "map_format"),
    ("{read_timestamp: {pattern: yyyyMMddHHmmss, zone: Europe/Berlin}}", "20250330023000", "map_format"),
    ("{write_timestamp: dd/MM/yyyy}", "2025-09-01T08:30:00", "timestamp_format"),
    ("{write_timestamp: {pattern: dd/MM/yyyy, zone: '-12:00'}}", "0001-01-01T00:00:00Z", "timestamp_format"),
    ("{write_timestamp: {pattern: yyyyMMddHHmmss, fraction: refuse}}", "2025-09-01T08:30:00.001+07:00", "map_fraction"),
    ("{write_timestamp: yyyyMMddHHmmss}", "2025-09-01T08:30:00.5+07:00", "map_fraction"),
    ("{write_timestamp: 'HH:mm:ss.SSS dd/MM/yyyy'}", "2025-09-01T08:30:00.0005+07:00", "map_fraction"),
    ("{read_timestamp: 'yyyy-MM-ddTHH:mm:ss.SSS'}", "2025-09-01T08:30:00", "map_format"),
    ("{read_epoch: seconds}", "1756690200.5", "map_format"),
    ("{read_epoch: seconds}", 10**15, "map_format"),
    ("{write_epoch: seconds}", "2025-09-01", "timestamp_format"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "value", "code"), REFUSED)
def test_a_function_refuses(function: str, value: JsonValue, code: str) -> None:
    assert refused(function, value) == [("/x", code)]


def test_every_function_is_tried_above_or_below() -> None:
    tried = {function.strip("{}").split(":")[0] for function, *_ in MADE}
    assert FUNCTION_NAMES - tried == {"read_flagged_date", "code"}


@pytest.mark.parametrize(
    ("value", "flag", "made"),
    [
        ("20140512", "0", "2014-05-12"),
        ("20140500", "2", "2014-05"),
        ("20140501", 2, "2014-05"),
        ("20140000", "1", "2014"),
        ("20141399", "1", "2014"),
    ],
)
def test_a_flag_says_how_much_of_a_date_is_true(value: str, flag: JsonValue, made: str) -> None:
    assert through(READ_FLAGGED, value, flag=flag) == made


@pytest.mark.parametrize(
    ("value", "flag", "refusal"),
    [
        ("20140512", "9", ("/flag", "map_table")),
        ("20140512", None, ("/flag", "map_missing")),
        ("20140500", "0", ("/x", "map_format")),
        ("2014", "1", ("/x", "map_format")),
    ],
)
def test_a_flag_that_says_nothing_is_refused_at_its_own_place(
    value: str, flag: JsonValue, refusal: tuple[str, str]
) -> None:
    assert refused(READ_FLAGGED, value, flag=flag) == [refusal]


WARD = "{code: {codelist: wards, on: /on, to: 2024-12-31}}"


def test_a_code_is_brought_to_another_date() -> None:
    assert through(WARD, "20404", on="2025-06-30") == "20404"
    forward = "{code: {codelist: wards, on: 2024-12-31, to: $accepted_on}}"
    assert through(forward, "20404") == "20410"
    assert through(forward, "20410") == "20410"


def test_a_code_that_became_several_or_was_several_is_refused_with_its_candidates() -> None:
    (backward,) = errors(f"from: /x\nthrough: [{WARD}]", {"x": "20410", "on": "2025-09-01"})
    assert (backward.pointer, backward.code) == ("/x", "ambiguous_code")
    assert backward.candidates == ("20398", "20404", "20410")
    (forward,) = errors(
        "from: /x\nthrough: [{code: {codelist: wards, on: 2025-06-30, to: 2025-07-01}}]", {"x": "20296"}
    )
    assert forward.candidates == ("20194", "20197")


def test_a_code_is_checked_on_its_date_even_where_it_is_not_converted() -> None:
    check = "{code: {codelist: wards, on: /on}}"
    assert through(check, "20404", on="2025-06-30") == "20404"
    assert through(check, "20410", on="2025-09-01T00:30:00+07:00") == "20410"
    assert refused(check, "20404", on="2025-09-01") == [("/x", "code_ended")]
    assert refused(check, "20197", on="2025-06-30") == [("/x", "code_not_yet")]
    assert refused(check, "20410", on="2025") == [("/x", "ambiguous_date")]
    assert through(check, "20404", on="2024") == "20404"
    assert refused(check, "00000", on="2025-09-01") == [("/x", "unknown_code")]
    assert refused(check, 20410, on="2025-09-01") == [("/x", "wrong_type")]
    assert refused(check, "2" * 100_000, on="2025-09-01") == [("/x", "unknown_code")]


def test_what_never_had_a_code_is_not_lost_in_silence() -> None:
    assert refused("{code: {codelist: wards, on: 2025-07-01, to: 2024-12-31}}", "20333") == [("/x", "no_code")]
    assert through("{code: {codelist: wards, on: 2025-07-01, to: 2024-12-31, give: name}}", "20333") == "Hoàng Sa"


def test_a_code_gives_its_name_or_another_column() -> None:
    assert through("{code: {codelist: wards, on: 2025-06-30, give: name}}", "20410") == "Sơn Phong"
    assert through("{code: {codelist: wards, on: 2025-07-01, give: name}}", "20410") == "Hội An"
    assert through("{code: {codelist: wards, on: 2025-06-30, give: province}}", "20410") == "49"


def test_a_governing_date_that_is_wrong_is_refused_at_its_own_place() -> None:
    assert refused(WARD, "20410", on=None) == [("/on", "map_missing")]
    assert refused(WARD, "20410", on="01/09/2025") == [("/on", "partial_date")]
    assert refused(WARD, "20410", on=2025) == [("/on", "partial_date")]
    to = "{code: {codelist: wards, on: 2025-07-01, to: /to}}"
    assert refused(to, "20410", to="2024") == [("/to", "date_format")]


def test_a_code_list_that_is_not_there_is_said_so() -> None:
    assert refused("{code: {codelist: roads, on: 2025-07-01}}", "1") == [("/x", "map_codelist")]


def test_what_a_sender_wrote_is_quoted_back_only_in_part() -> None:
    (error,) = errors("from: /x\nthrough: [integer]", {"x": "x" * 100_000})
    assert len(dict(error.params)["value"]) < 200
    (error,) = errors("from: /x\nthrough: [{table: {a: b}}]", {"x": "\ud800"})
    assert dict(error.params)["value"].isascii()
