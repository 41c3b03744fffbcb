"""Mappings at work: both directions, all forms, and every error at the place in the record where it lies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.mapping.compile import compile_mapping
from adapters.mapping.language import FieldsSpec
from contracts.errors import Origin, Rejected
from contracts.json_types import JsonValue
from contracts.wording import Language, worded
from tests.adapters.mapping.helpers import CONTEXT, errors, read, refusals, run, spec

TRANSFER: dict[str, JsonValue] = {
    "student_id": "999214000024",
    "full_name": "Trần Gia Bảo",
    "birth_date": "2014-09",
    "gender": "male",
    "grade": 6,
    "average_mark": None,
    "home_ward": "20404",
    "home_ward_on": "2025-06-30",
    "leaves_on": "2025-09-15",
    "note": None,
}

TO_REGISTER = """
map:
  maHocSinh: /student_id
  hoTen: {from: /full_name, through: [nfc, upper]}
  ngaySinh: {from: /birth_date, through: [{write_partial_date: [dd/MM/yyyy, MM/yyyy, yyyy]}]}
  gioiTinh: {from: /gender, through: [{table: {male: "1", female: "2", unknown: "3"}}]}
  lop: {from: /grade, through: [text]}
  diem: {from: /average_mark, optional: true}
  maXa: {from: /home_ward, through: [{code: {codelist: wards, on: /home_ward_on, to: 2024-12-31}}]}
  ngayChuyen: {from: /leaves_on, through: [{write_date: dd/MM/yyyy}]}
  ghiChu: {from: /note, default: ""}
  canBo: $end_user
  nguon: {const: LGSP}
"""


def test_a_record_is_brought_into_a_registers_format() -> None:
    assert run(TO_REGISTER, dict(TRANSFER)) == {
        "maHocSinh": "999214000024",
        "hoTen": "TRẦN GIA BẢO",
        "ngaySinh": "09/2014",
        "gioiTinh": "1",
        "lop": "6",
        "maXa": "20404",
        "ngayChuyen": "15/09/2025",
        "ghiChu": "",
        "canBo": "cb-0042",
        "nguon": "LGSP",
    }


def test_every_error_of_a_record_is_told_at_once_and_at_its_place() -> None:
    record = {**TRANSFER, "gender": "other", "home_ward": "20410", "home_ward_on": "2025-09-01", "grade": None}
    with pytest.raises(Rejected) as refused:
        compile_mapping(spec(TO_REGISTER))(record, CONTEXT)
    assert refused.value.origin is Origin.BUS
    assert [(error.pointer, error.code) for error in refused.value.fields] == [
        ("/gender", "map_table"),
        ("/grade", "map_missing"),
        ("/home_ward", "ambiguous_code"),
    ]
    for error in refused.value.fields:
        for language in Language:
            assert "<" not in worded(error, language).detail


def test_an_answer_of_the_population_database_becomes_a_record() -> None:
    mapping = """
    map:
      person_id: /SoDinhDanh
      full_name:
        {concat: [/HoVaTen/Ho, " ", {from: /HoVaTen/ChuDem, optional: true}, " ", /HoVaTen/Ten], through: [squeeze, nfc]}
      birth_date: {from: /NgayThangNamSinh, through: [{read_partial_date: [yyyyMMdd, yyyyMM, yyyy]}]}
      gender: {from: /GioiTinh, through: [{table: {"1": male, "0": female}}]}
      father: {within: /Cha, map: {name: /HoVaTen}, optional: true}
    """
    answer: JsonValue = {
        "SoDinhDanh": "999214000024",
        "HoVaTen": {"Ho": "Trần", "ChuDem": None, "Ten": "Bảo"},
        "NgayThangNamSinh": "2014",
        "GioiTinh": 1,
    }
    assert run(mapping, answer) == {
        "person_id": "999214000024",
        "full_name": "Trần Bảo",
        "birth_date": "2014",
        "gender": "male",
    }


def test_social_insurance_dates_go_out_as_a_date_and_a_flag_and_come_back() -> None:
    out = """
    map:
      ngaySinh: {from: /birth_date, through: [{write_flagged_date: {pattern: yyyyMMdd, unknown: "00"}}]}
      loaiNgaySinh: {from: /birth_date, through: [{precision: {day: "0", month: "2", year: "1"}}]}
    """
    back = """
    map:
      birth_date:
        from: /ngaySinh
        through: [{read_flagged_date: {pattern: yyyyMMdd, flag: /loaiNgaySinh, day: "0", month: "2", year: "1"}}]
    """
    for known in ("2014-05-12", "2014-05", "2014"):
        assert run(back, run(out, {"birth_date": known})) == {"birth_date": known}


@pytest.mark.parametrize("nothing", [{}, {"a": None}, {"a": ""}, {"a": "N/A"}])
def test_several_spellings_of_nothing_are_one(nothing: JsonValue) -> None:
    assert run('{map: {x: {from: /a, nulls: ["", N/A], default: none}}}', nothing) == {"x": "none"}
    assert run('{map: {x: {from: /a, nulls: ["", N/A], optional: true}}}', nothing) == {}
    assert refusals('{map: {x: {from: /a, nulls: ["", N/A]}}}', nothing) == [("/a", "map_missing")]


def test_a_value_that_cleaning_leaves_empty_can_count_as_none() -> None:
    assert run("{map: {x: {from: /a, through: [trim, {nulls: ['', '-']}], optional: true}}}", {"a": " - "}) == {}


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("LGSP", "LGSP"),
        ('"1"', "1"),
        ("{number: 1}", 1),
        ("{number: -2.50}", -2.5),
        ("{boolean: true}", True),
        ("{boolean: false}", False),
        ("{null: true}", None),
        ("{empty: list}", []),
        ("{empty: object}", {}),
        ('{text: ""}', ""),
    ],
)
def test_a_constant_or_default_has_the_kind_that_it_says(literal: str, value: JsonValue) -> None:
    made = run(f"{{map: {{x: {{const: {literal}}}, y: {{from: /none, default: {literal}}}}}}}", {})
    assert made == {"x": value, "y": value}
    assert isinstance(made, dict)
    assert type(made["x"]) is type(value)


def test_an_empty_list_is_a_new_one_each_time() -> None:
    mapping = compile_mapping(spec("{const: {empty: list}}"))
    first = mapping({}, CONTEXT)
    assert isinstance(first, list)
    first.append("changed")
    assert mapping({}, CONTEXT) == []


def test_a_text_is_joined_of_parts() -> None:
    mapping = '{concat: [/street, ", ", {from: /ward, through: [upper]}, " – ", $sender, /n], optional: true}'
    made = run(mapping, {"street": "12 Trần Phú", "ward": "Hội An", "n": 7})
    assert made == "12 Trần Phú, HỘI AN – motcua-hoi-an7"
    assert run(mapping, {"street": "12 Trần Phú", "n": 7}) is None


def test_a_joined_text_names_every_part_that_is_missing_or_wrong() -> None:
    mapping = "{map: {x: {concat: [/a, /b, {from: /c, through: [integer]}, /d]}}}"
    assert refusals(mapping, {"b": "b", "c": "x", "d": {}}) == [
        ("/c", "map_format"),
        ("/d", "wrong_type"),
        ("/a", "map_missing"),
    ]


def test_the_first_that_is_there_is_taken() -> None:
    mapping = "{map: {x: {first_of: [{from: /cccd, nulls: ['']}, /cmnd, /passport], through: [trim]}}}"
    assert run(mapping, {"cccd": "", "cmnd": " 201234567 "}) == {"x": "201234567"}
    assert refusals(mapping, {}) == [("/cccd", "map_missing")]
    assert refusals(mapping, {"cmnd": 7}) == [("/cmnd", "wrong_type")]


def test_a_list_is_made_of_a_list_and_its_errors_carry_the_index() -> None:
    mapping = """
    map:
      con:
        each: /children
        map:
          ten: {from: /name, through: [upper]}
          sinh: {from: /born, through: [{write_date: dd/MM/yyyy}], optional: true}
          phuong: {from: /ward, through: [{code: {codelist: wards, on: ^/on}}], optional: true}
    """
    children: JsonValue = [{"name": "An", "born": "2014-05-12", "ward": "20404"}, {"name": "Bình"}]
    assert run(mapping, {"children": children, "on": "2025-06-30"}) == {
        "con": [{"ten": "AN", "sinh": "12/05/2014", "phuong": "20404"}, {"ten": "BÌNH"}]
    }
    wrong: JsonValue = [{"name": "An"}, {"born": "2014"}, "x", {"name": "An", "ward": "20404"}]
    assert refusals(mapping, {"children": wrong, "on": "2025-09-01"}) == [
        ("/children/1/name", "map_missing"),
        ("/children/1/born", "date_format"),
        ("/children/2/name", "map_missing"),
        ("/children/3/ward", "code_ended"),
    ]
    assert refusals(mapping, {"children": "An"}) == [("/children", "wrong_type")]
    assert refusals(mapping, {}) == [("/children", "map_missing")]


def test_lists_lie_within_lists() -> None:
    mapping = "{each: /a, item: {each: /b, item: {from: ., through: [integer]}}}"
    assert run(mapping, {"a": [{"b": ["1", "2"]}, {"b": []}]}) == [[1, 2], []]
    assert refusals(mapping, {"a": [{"b": ["1"]}, {"b": ["2", "x"]}]}) == [("/a/1/b/1", "map_format")]


def test_a_joined_text_becomes_a_list_and_back() -> None:
    apart = "{map: {names: {each: {from: /LEGAL_NAMES, through: [{split: ;}]}, item: {from: ., through: [upper]}}}}"
    assert run(apart, {"LEGAL_NAMES": "Lê A; Trần B"}) == {"names": ["LÊ A", "TRẦN B"]}
    together = "{map: {LEGAL_NAMES: {each: /names, item: /full, through: [{join: ;}]}}}"
    assert run(together, {"names": [{"full": "Lê A"}, {"full": "Trần B"}]}) == {"LEGAL_NAMES": "Lê A;Trần B"}


def test_items_that_may_be_left_out_are_left_out() -> None:
    assert run("{each: /a, item: {from: /x, optional: true}}", {"a": [{"x": 1}, {}, {"x": None}]}) == [1]
    assert refusals("{each: /a, item: /x}", {"a": [{"x": 1}, {}]}) == [("/a/1/x", "map_missing")]


def test_a_condition_chooses() -> None:
    mapping = """
    map:
      loai: {when: {path: /kind, equals: "3"}, then: {const: CCCD}, else: {from: /kind, through: [upper]}}
      so: {when: {path: /id, present: true}, then: /id}
    """
    assert run(mapping, {"kind": 3, "id": "1"}) == {"loai": "CCCD", "so": "1"}
    assert run(mapping, {"kind": "cmnd"}) == {"loai": "CMND"}
    assert refusals(mapping, {"kind": 7}) == [("/kind", "wrong_type")]


def test_objects_lie_within_objects_and_keep_the_order_of_the_yaml() -> None:
    made = run("{map: {z: /a, hoVaTen: {map: {Ten: /a, Ho: /a}}, '@y': /a}}", {"a": "1"})
    assert made == {"z": "1", "hoVaTen": {"Ten": "1", "Ho": "1"}, "@y": "1"}
    assert isinstance(made, dict)
    assert list(made) == ["z", "hoVaTen", "@y"]


def test_an_object_within_may_be_missing_as_a_whole_or_be_no_object() -> None:
    mapping = "{map: {a: {within: /x, map: {b: /y}}}}"
    assert run(mapping, {"x": {"y": "1"}}) == {"a": {"b": "1"}}
    assert refusals(mapping, {}) == [("/x", "map_missing")]
    assert refusals(mapping, {"x": {}}) == [("/x/y", "map_missing")]
    assert refusals(mapping, {"x": "1"}) == [("/x", "wrong_type")]


def test_names_of_the_exchange_are_known() -> None:
    names = ("exchange", "contract", "sender", "purpose", "end_user", "case_ref", "accepted_at", "accepted_on")
    made = run("map:\n" + "".join(f"  {name}: ${name}\n" for name in names), {})
    assert made == {
        "exchange": CONTEXT.exchange,
        "contract": "population.person-lookup",
        "sender": "motcua-hoi-an",
        "purpose": "khai sinh",
        "end_user": "cb-0042",
        "case_ref": "H17.1-250901-0001",
        "accepted_at": "2025-09-01T01:30:00.000+07:00",
        "accepted_on": "2025-09-01",
    }
    assert run("{from: $accepted_at, through: [{write_timestamp: yyyyMMddHHmmss}]}", {}) == "20250901013000"


def test_a_name_without_a_value_is_missing() -> None:
    mapping = compile_mapping(spec("{map: {a: $end_user}}"))
    with pytest.raises(Rejected) as refused:
        mapping({}, replace(CONTEXT, end_user=""))
    (error,) = refused.value.fields
    assert (error.code, error.params) == ("map_missing", (("path", "$end_user"),))


def test_values_by_name_need_no_map_around_them() -> None:
    parts = compile_mapping(FieldsSpec.model_validate(read("{so: /student_id, map: /grade}")))
    assert parts(dict(TRANSFER), CONTEXT) == {"so": "999214000024", "map": 6}


def test_a_record_may_be_passed_on_whole() -> None:
    assert run("{from: .}", {"a": [1, {"b": None}]}) == {"a": [1, {"b": None}]}
    assert run("{map: {data: .}}", [1]) == {"data": [1]}


def test_pointers_are_escaped_as_the_standard_has_it() -> None:
    assert run("{map: {x: /a~1b/c~0d/0}}", {"a/b": {"c~d": ["1"]}}) == {"x": "1"}
    assert refusals("{map: {x: /a~1b/c~0d/1}}", {"a/b": {"c~d": ["1"]}}) == [("/a~1b/c~0d/1", "map_missing")]


def test_a_long_text_of_the_whole_record_is_not_repeated_for_each_item() -> None:
    mapping = "{each: /a, item: {concat: [/x, ^/note]}}"
    assert run(mapping, {"a": [{"x": "1"}, {"x": "2"}], "note": "n" * 256}) == ["1" + "n" * 256, "2" + "n" * 256]
    assert refusals(mapping, {"a": [{"x": "1"}, {"x": "2"}], "note": "n" * 257}) == [("/note", "map_format")]
    assert refusals("{each: /a, item: ^/b}", {"a": [1], "b": {}}) == [("/b", "map_format")]


def test_one_wrong_field_that_is_used_twice_is_told_once() -> None:
    assert len(errors("{map: {a: /x, b: /x}}", {})) == 1
