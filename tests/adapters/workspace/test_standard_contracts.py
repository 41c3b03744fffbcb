"""The standard contracts: complete, in both languages, and true to the standards that they say they follow.

Every test goes over all that there are: a contract, or a table, that is added is held to the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

import deploy
from adapters.mapping.check import check_mapping
from adapters.mapping.compile import compile_mapping
from adapters.mapping.context import MappingContext
from adapters.workspace.reading import load
from adapters.workspace.standard_contracts import (
    FollowedStandard,
    PartModel,
    SampleModel,
    StandardContract,
    TableRow,
    standard_contract,
    standard_lists,
    standard_names,
)
from contracts.canonical import to_json
from contracts.codelists import CodeList, read_code_list
from contracts.errors import Rejected
from contracts.json_types import JsonValue, parts_of, pointer_of
from contracts.meaning import Words
from contracts.publish.json_schema import json_schema
from contracts.schema import RecordType, Schema, Type, branches, parse_schema
from contracts.validation import Validator
from contracts.views import fields_under
from tests.adapters.workspace.support import FILES
from tests.adapters.workspace.wires import read_wire
from tests.contracts.jsonschema import fits

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
DIACRITIC = re.compile("[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE)
ABOUT_A_PERSON = re.compile(
    r"(^|_)(person_id|passport|full_name|given_name|family_name|birth_(date|year|place)|gender|ethnicity|religion|phone|email"
    r"|home_(ward|address)|blood_group|diagnosis|insurance_number|card_number)(_|$)"
)
NAMES = standard_names()


class Tabled(NamedTuple):
    """One part of a contract, and how it follows one standard."""

    of: StandardContract
    standard: FollowedStandard
    part: str
    model: PartModel

    @property
    def schema(self) -> Schema:
        return schema(self.of.name, self.part)

    @property
    def rows(self) -> list[TableRow]:
        return [row for row in self.standard.rows if row.part == self.part]

    def record_of(self, sample: SampleModel) -> JsonValue:
        """A sample in JSON form."""
        if sample.text is None:
            standard: JsonValue = sample.standard
            return standard
        fields = [row.standard_field for row in self.rows]
        return read_wire(sample.text, lambda at: any(starts_a_list(each, at) for each in fields))


@cache
def contract(name: str) -> StandardContract:
    return standard_contract(name)


@cache
def schema(name: str, part: str) -> Schema:
    text = contract(name).files[f"contracts/{name}/v1/{part}.avsc"].decode()
    return parse_schema(text)


def schemas(name: str) -> Iterator[tuple[str, Schema]]:
    for file in contract(name).files:
        found = re.fullmatch(r"contracts/[^/]+/v1/([a-z]+)\.avsc", file)
        if found:
            yield found[1], schema(name, found[1])


def example(name: str, part: str) -> JsonValue:
    """The contract's own, of that part."""
    kind = "reply" if part == "reply" else "request"
    found: JsonValue = json.loads(contract(name).files[f"contracts/{name}/examples/{kind}.json"])
    return found


@cache
def lists() -> dict[str, CodeList]:
    return {name: read_code_list(name, text.decode()) for name, text in standard_lists().items()}


def tables() -> list[Any]:
    """Every contract with every standard it follows, by part."""
    return [
        pytest.param(Tabled(contract(name), standard, part, model), id=f"{name}:{standard.slug}:{part}")
        for name in NAMES
        for standard in contract(name).standards
        for part, model in standard.model.parts.items()
    ]


def leaves(value: JsonValue, at: tuple[str, ...] = ()) -> Iterator[tuple[str, JsonValue]]:
    """The values without parts, by pointer. A list of nothing says as much as none: on many wires they look alike."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*at, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, (*at, str(index)))
    else:
        yield pointer_of(at), value


def covers(pattern: str, pointer: str) -> bool:
    """Whether a row's pointer means that one: “*” is any item."""
    named, parts = parts_of(pattern), parts_of(pointer)
    return len(named) == len(parts) and all(
        one == other or (one == "*" and other.isdigit()) for one, other in zip(named, parts, strict=True)
    )


def starts_a_list(pattern: str, pointer: str) -> bool:
    """Whether a row's pointer goes on with an item where that one ends."""
    named, depth = parts_of(pattern), len(parts_of(pointer))
    head = named[:depth]
    return len(named) > depth and (named[depth] == "*" or named[depth].isdigit()) and covers(pointer_of(head), pointer)


def is_mapped(rows: list[TableRow], pointer: str) -> bool:
    return any(row.pointer and covers(row.standard_field, pointer) for row in rows)


def holds_a_record(of: Type) -> bool:
    return any(
        isinstance(each, RecordType) or holds_a_record(getattr(each, "items", each))
        for each in branches(of)
        if not _is_leaf(each)
    )


def _is_leaf(of: Type) -> bool:
    return not isinstance(of, RecordType) and getattr(of, "items", None) is None


def context() -> MappingContext:
    return MappingContext("x", "c", "s", "p", "canbo.01", "H17-1", NOW, HANOI, lists())


def canonical(of: Schema, value: JsonValue) -> JsonValue:
    return to_json(of, Validator(of, HANOI, lists()).from_value(value, now=NOW).record, HANOI)


def test_there_are_some() -> None:
    assert len(NAMES) > 0


def test_a_workspace_with_all_of_them_has_nothing_to_mend(tmp_path: Path) -> None:
    """Schemas, examples and code lists: not even a warning."""
    files = {f"codelists/{name}.csv": text for name, text in standard_lists().items()}
    files["bus.yaml"] = FILES["bus.yaml"].encode()
    for name in NAMES:
        files.update(contract(name).files)
    for file, content in files.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert [str(each) for each in load(tmp_path).findings] == []


@pytest.mark.parametrize("name", NAMES)
class TestMeaning:
    """Who has never seen the register understands the contract."""

    def test_the_contract_is_named_and_described_in_both_languages(self, name: str) -> None:
        model = contract(name).model
        for words in (model.title, model.description):
            assert words.vi != words.en
            assert DIACRITIC.search(words.vi)

    def test_every_field_is_named_and_described_in_both_languages(self, name: str) -> None:
        for part, of in schemas(name):
            for pointer, field in fields_under(of):
                title, description = field.meaning.title, field.meaning.description
                assert isinstance(title, Words), f"{part}{pointer} has no title"
                assert isinstance(description, Words), f"{part}{pointer} has no description"
                assert description.vi != description.en, f"{part}{pointer}"
                assert DIACRITIC.search(description.vi), f"{part}{pointer}: {description.vi}"

    def test_what_is_about_a_person_says_so(self, name: str) -> None:
        for part, of in schemas(name):
            for pointer, field in fields_under(of):
                if ABOUT_A_PERSON.search(field.name) and not holds_a_record(field.type):
                    assert field.personal is not None, f"{part}{pointer}"

    def test_its_examples_fit_the_json_schemas_that_are_published(self, name: str) -> None:
        for part, of in schemas(name):
            assert fits(json_schema(of), example(name, part)), part

    def test_it_follows_a_standard(self, name: str) -> None:
        assert contract(name).standards


@pytest.mark.parametrize("tabled", tables())
class TestTables:
    """Every field of ours and of the standard has its counterpart, or the reason why it has none."""

    def test_every_field_of_the_contract_is_in_the_table(self, tabled: Tabled) -> None:
        known = dict(fields_under(tabled.schema))
        listed = {row.pointer for row in tabled.rows if row.pointer}
        assert listed - known.keys() == set()
        assert {at for at, field in known.items() if not holds_a_record(field.type)} - listed == set()

    def test_who_has_no_counterpart_has_a_reason(self, tabled: Tabled) -> None:
        for row in tabled.rows:
            assert row.pointer or row.standard_field
            if not (row.pointer and row.standard_field):
                assert DIACRITIC.search(row.note_vi), row
                assert row.note_en, row

    def test_a_field_of_the_standard_is_listed_once(self, tabled: Tabled) -> None:
        """… or with each of the fields that it is made of, but never both mapped and left out."""
        rows = [row for row in tabled.rows if row.standard_field]
        assert len({(row.standard_field, row.pointer) for row in rows}) == len(rows)
        left_out = {row.standard_field for row in rows if not row.pointer}
        assert left_out & {row.standard_field for row in rows if row.pointer} == set()

    def test_the_schema_names_the_same_counterparts(self, tabled: Tabled) -> None:
        said = {
            (pointer, each.field, each.confirmed)
            for pointer, field in fields_under(tabled.schema)
            for each in field.meaning.standards
            if each.name == tabled.standard.model.name
        }
        mapped = {
            (row.pointer, row.standard_field, row.confirmed)
            for row in tabled.rows
            if row.pointer and row.standard_field
        }
        assert said == mapped

    def test_every_value_of_a_sample_is_in_the_table(self, tabled: Tabled) -> None:
        listed = [row.standard_field for row in tabled.rows if row.standard_field]
        for sample in tabled.model.samples:
            for pointer, _ in leaves(tabled.record_of(sample)):
                assert any(covers(each, pointer) for each in listed), f"{sample.name}: {pointer}"

    def test_every_mapped_field_is_tried_by_a_sample(self, tabled: Tabled) -> None:
        tried = [
            pointer
            for sample in tabled.model.samples
            for pointer, value in leaves(tabled.record_of(sample))
            if value != ""
        ]
        for row in tabled.rows:
            if row.pointer and row.standard_field:
                assert any(covers(row.standard_field, each) for each in tried), row.standard_field


@pytest.mark.parametrize("tabled", tables())
class TestRoundTrip:
    """What is mapped goes there and back, and is the same afterwards."""

    def test_the_mappings_fit_the_schema(self, tabled: Tabled) -> None:
        known = tabled.schema
        assert check_mapping(tabled.model.from_standard, source=None, target=known, codelists=lists()) == []
        assert check_mapping(tabled.model.to_standard, source=known, target=None, codelists=lists()) == []

    def test_a_record_of_the_standard_comes_back_as_it_was(self, tabled: Tabled) -> None:
        known, rows = tabled.schema, tabled.rows
        there, back = compile_mapping(tabled.model.from_standard), compile_mapping(tabled.model.to_standard)
        for sample in tabled.model.samples:
            standard = tabled.record_of(sample)
            record = canonical(known, there(standard, context()))
            came = dict(leaves(back(record, context())))
            # A cell or an element without text says as much as none.
            sent = {at: value for at, value in leaves(standard) if value != ""}
            assert {at: value for at, value in sent.items() if is_mapped(rows, at)} == {
                at: value for at, value in came.items() if is_mapped(rows, at)
            }, sample.name
            # What is not mapped comes back only where it is always the same.
            assert {at: value for at, value in came.items() if sent.get(at) != value} == {}, sample.name

    def test_the_example_of_the_contract_comes_back_as_it_was(self, tabled: Tabled) -> None:
        known, rows = tabled.schema, tabled.rows
        record = canonical(known, example(tabled.of.name, tabled.part))
        there, back = compile_mapping(tabled.model.to_standard), compile_mapping(tabled.model.from_standard)
        came = dict(leaves(canonical(known, back(there(record, context()), context()))))
        mapped = [row.pointer for row in rows if row.pointer and row.standard_field]
        for at, value in leaves(record):
            if value is not None and any(covers(each, at) for each in mapped):
                assert came.get(at) == value, at


XML1 = [
    "MA_LK",
    "STT",
    "MA_BN",
    "HO_TEN",
    "SO_CCCD",
    "NGAY_SINH",
    "GIOI_TINH",
    "NHOM_MAU",
    "MA_QUOCTICH",
    "MA_DANTOC",
    "MA_NGHE_NGHIEP",
    "DIA_CHI",
    "MATINH_CU_TRU",
    "MAHUYEN_CU_TRU",
    "MAXA_CU_TRU",
    "DIEN_THOAI",
    "MA_THE_BHYT",
    "MA_DKBD",
    "GT_THE_TU",
    "GT_THE_DEN",
    "NGAY_MIEN_CCT",
    "LY_DO_VV",
    "LY_DO_VNT",
    "MA_LY_DO_VNT",
    "CHAN_DOAN_VAO",
    "CHAN_DOAN_RV",
    "MA_BENH_CHINH",
    "MA_BENH_KT",
    "MA_BENH_YHCT",
    "MA_PTTT_QT",
    "MA_DOITUONG_KCB",
    "MA_NOI_DI",
    "MA_NOI_DEN",
    "MA_TAI_NAN",
    "NGAY_VAO",
    "NGAY_VAO_NOI_TRU",
    "NGAY_RA",
    "GIAY_CHUYEN_TUYEN",
    "SO_NGAY_DTRI",
    "PP_DIEU_TRI",
    "KET_QUA_DTRI",
    "MA_LOAI_RV",
    "GHI_CHU",
    "NGAY_TTOAN",
    "T_THUOC",
    "T_VTYT",
    "T_TONGCHI_BV",
    "T_TONGCHI_BH",
    "T_BNTT",
    "T_BNCCT",
    "T_BHTT",
    "T_NGUONKHAC",
    "T_BHTT_GDV",
    "NAM_QT",
    "THANG_QT",
    "MA_LOAI_KCB",
    "MA_KHOA",
    "MA_CSKCB",
    "MA_KHUVUC",
    "CAN_NANG",
    "CAN_NANG_CON",
    "NAM_NAM_LIEN_TUC",
    "NGAY_TAI_KHAM",
    "MA_HSBA",
    "MA_TTDV",
    "DU_PHONG",
]


@pytest.mark.parametrize("name", ["health.visit", "health.patient"])
def test_all_66_columns_of_xml1_are_mapped_or_left_out_with_the_reason(name: str) -> None:
    assert len(XML1) == 66
    (standard,) = (each for each in contract(name).standards if each.slug == "xml1")
    assert {row.standard_field for row in standard.rows if row.standard_field} == {f"/{column}" for column in XML1}


def test_of_a_visit_all_but_three_columns_of_xml1_are_mapped() -> None:
    (standard,) = contract("health.visit").standards
    assert [row.standard_field for row in standard.rows if not row.pointer] == ["/STT", "/MAHUYEN_CU_TRU", "/DU_PHONG"]


AIR = "environment.air-observation"


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("environment.")])
def test_of_a_value_in_another_unit_nothing_is_made(name: str) -> None:
    """NGSI-LD lets senders choose the unit: a value in mg/m³ that is read as µg/m³ is wrong by a thousand."""
    (standard,) = contract(name).standards
    model = standard.model.parts["event"]
    there = compile_mapping(model.from_standard)
    tried = 0
    for sample in model.samples:
        entity: Any = json.loads(sample.text or "")
        for named, value in entity.items():
            if "unitCode" in value:
                other = entity | {named: value | {"unitCode": "XXX"}}
                with pytest.raises(Rejected) as refused:
                    there(other, context())
                assert [(each.pointer, each.code) for each in refused.value.fields] == [
                    (f"/{named}/unitCode", "map_table")
                ]
                tried += 1
    assert tried > 0


def test_what_the_air_station_of_the_model_city_publishes_is_a_record_of_the_standard_contract() -> None:
    folder = Path(deploy.__file__).parent / "demo" / "workspace" / "contracts" / AIR
    published = parse_schema((folder / "v1" / "event.avsc").read_text("utf-8"))
    example = canonical(published, json.loads((folder / "examples" / "request.json").read_text("utf-8")))
    assert isinstance(example, dict)
    record = canonical(schema(AIR, "event"), {key: value for key, value in example.items() if value is not None})
    assert isinstance(record, dict)
    assert {key: record[key] for key in example} == example
