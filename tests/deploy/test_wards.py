"""The model city's wards: the real ones, on both sides of 1 July 2025, with the traps that lie in them."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

import deploy
from contracts.codelists import CodeList, CodeProblem, CodeRow, read_code_list
from contracts.dates import day, span_of
from contracts.wording import Language, Wording, worded

FILE = Path(deploy.__file__).parent / "demo" / "workspace" / "codelists" / "wards.csv"
BEFORE, CHANGE, AFTER = date(2025, 6, 30), date(2025, 7, 1), date(2025, 7, 2)

# The former city of Hội An, by hand: its 13 wards of 2024, and which of the four of today each went to.
HOI_AN = {
    "20398": ("Phường Minh An", "20410"),
    "20401": ("Phường Tân An", "20401"),
    "20404": ("Phường Cẩm Phô", "20410"),
    "20407": ("Phường Thanh Hà", "20401"),
    "20410": ("Phường Sơn Phong", "20410"),
    "20413": ("Phường Cẩm Châu", "20413"),
    "20416": ("Phường Cửa Đại", "20413"),
    "20419": ("Phường Cẩm An", "20401"),
    "20422": ("Xã Cẩm Hà", "20401"),
    "20425": ("Xã Cẩm Kim", "20410"),
    "20428": ("Phường Cẩm Nam", "20410"),
    "20431": ("Xã Cẩm Thanh", "20413"),
    "20434": ("Xã Tân Hiệp", "20434"),
}
HOI_AN_TODAY = {
    "20401": "Phường Hội An Tây",
    "20410": "Phường Hội An",
    "20413": "Phường Hội An Đông",
    "20434": "Xã Tân Hiệp",
}
ISLANDS = {
    "Bạch Long Vĩ": "11948",
    "Cồn Cỏ": "19742",
    "Hoàng Sa": "20333",
    "Lý Sơn": "21548",
    "Côn Đảo": "26732",
}


class Line(NamedTuple):
    """A line of the file as the csv module reads it: nothing of the product stands between."""

    code: str
    name: str
    old: bool
    successors: tuple[str, ...]
    province: str
    district: str

    @property
    def label(self) -> str:
        return f"{self.code} {self.name}"


def _lines() -> Iterator[tuple[str, Line]]:
    with FILE.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            successors = tuple(row["successors"].split())
            old = row["valid_to"] != ""
            yield row["id"], Line(row["code"], row["name"], old, successors, row["province"], row["district"])


LINES = dict(_lines())
OLD = {line.code: line for line in LINES.values() if line.old and line.code}
NEW = {line.code: line for line in LINES.values() if not line.old}
BEFORE_IT: dict[str, list[Line]] = {code: [] for code in NEW}
for _line in LINES.values():
    for _successor in _line.successors:
        BEFORE_IT[LINES[_successor].code].append(_line)
DRAWN = random.Random(1_7_2025).sample(sorted(OLD.keys() | NEW.keys()), 50)


@pytest.fixture(scope="module")
def wards() -> CodeList:
    return read_code_list("wards", FILE.read_text("utf-8"))


def refusal(wards: CodeList, code: str, on: date) -> CodeProblem:
    """Why `code` means nothing on that day."""
    with pytest.raises(CodeProblem) as refused:
        wards.look_up(code, day(on))
    return refused.value


def in_both_languages(problem: CodeProblem) -> list[str]:
    """What a sender reads, remedy included."""
    return [" ".join(worded(problem.at("/ward"), language)) for language in Language]


class TestWhole:
    """The list as a whole."""

    def test_every_ward_of_both_lists_is_there(self, wards: CodeList) -> None:
        """10,035 old ones with a code, five island districts without one, 3,321 new ones."""
        old = [row for row in wards if row.valid_to is not None]
        assert sum(row.code is not None for row in old) == 10_035
        assert sum(row.code is None for row in old) == 5
        assert len(wards) - len(old) == 3_321
        assert list(wards.rows_on(BEFORE)) == old
        assert len(list(wards.rows_on(CHANGE))) == 3_321

    def test_codes_are_five_digits_with_their_leading_zeros(self, wards: CodeList) -> None:
        """Nothing on the way made numbers of them."""
        assert all(row.code is None or (len(row.code) == 5 and row.code.isdigit()) for row in wards)
        assert wards.look_up("00001", day(BEFORE)).name == "Phường Phúc Xá"

    def test_every_old_ward_became_something_and_every_new_one_was_something(self, wards: CodeList) -> None:
        """Each successor is in the list and in force the day after."""
        for row in wards.rows_on(BEFORE):
            assert wards.successors(row)
            assert all(successor.valid_on(CHANGE) for successor in wards.successors(row))
        assert all(wards.predecessors(row) for row in wards.rows_on(CHANGE))

    def test_old_wards_have_their_district_and_new_ones_have_none(self) -> None:
        """Districts are abolished; provinces are 63 before and 34 after."""
        assert all(line.district for line in LINES.values() if line.old)
        assert not any(line.district for line in NEW.values())
        assert len({line.province for line in OLD.values()}) == 63
        assert len({line.province for line in NEW.values()}) == 34

    def test_the_wards_of_da_nang_are_found_by_the_province_that_the_adapters_name(self) -> None:
        """`where: {province: "48"}` on the list of today: with Hội An, which came from province 49, and Hoàng Sa."""
        da_nang = {line.code for line in NEW.values() if line.province == "48"}
        assert len(da_nang) == 94
        assert da_nang >= {*HOI_AN_TODAY, "20194", "20197", "20200", "20333"}
        assert {OLD[code].province for code in HOI_AN} == {"49"}


class TestTraps:
    """What breaks programs that take a code for a place."""

    def test_codes_were_given_to_other_wards(self) -> None:
        """6,719 ended, 3,316 live on, 2,145 of them under another name; 121 kept code, name and extent."""
        alive = OLD.keys() & NEW.keys()
        unchanged = [
            code
            for code in alive
            if OLD[code].name == NEW[code].name and len(OLD[code].successors) == len(BEFORE_IT[code]) == 1
        ]
        renamed = [code for code in alive if OLD[code].name != NEW[code].name]
        assert (len(OLD) - len(alive), len(alive), len(renamed), len(unchanged)) == (6_719, 3_316, 2_145, 121)

    def test_in_the_former_da_nang_and_quang_nam_two_islands_alone_stayed_as_they_were(self) -> None:
        """Of 280 wards 187 codes ended, 77 got another name, 16 kept it."""
        here = {code: line for code, line in OLD.items() if line.province in {"48", "49"}}
        kept = {code for code, line in here.items() if code in NEW and NEW[code].name == line.name}
        unchanged = {code for code in kept if len(here[code].successors) == len(BEFORE_IT[code]) == 1}
        ended = here.keys() - NEW.keys()
        assert (len(here), len(ended), len(here) - len(ended) - len(kept), len(kept)) == (280, 187, 77, 16)
        assert {here[code].name for code in unchanged} == {"Xã Tân Hiệp", "Xã Tam Hải"}

    def test_a_split_ward_keeps_all_of_its_parts(self) -> None:
        """151 codes live on in one part of their ward; no ward went to more than five."""
        kept = [code for code, line in OLD.items() if len(line.successors) > 1 and f"{code}@2025" in line.successors]
        assert len(kept) == 151
        assert max(len(line.successors) for line in OLD.values()) == 5

    def test_names_and_codes_cross(self, wards: CodeList) -> None:
        """00634 was Đại Mỗ and is Tây Mỗ; today's Đại Mỗ is 00637, which was Trung Văn."""
        names = [wards.look_up(code, day(on)).name for code in ("00634", "00637") for on in (BEFORE, CHANGE)]
        assert names == ["Phường Đại Mỗ", "Phường Tây Mỗ", "Phường Trung Văn", "Phường Đại Mỗ"]

    def test_a_split_is_answered_with_its_parts(self, wards: CodeList) -> None:
        """Hòa Liên is Hải Vân or Liên Chiểu: nothing picks."""
        hoa_lien = wards.look_up("20296", day(BEFORE))
        with pytest.raises(CodeProblem) as refused:
            wards.code_of(hoa_lien, CHANGE)
        assert (refused.value.code, refused.value.candidates) == ("ambiguous_code", ("20194", "20197"))
        assert all("Hải Vân" in said and "Liên Chiểu" in said for said in in_both_languages(refused.value))

    def test_names_alone_do_not_tell_wards_apart(self) -> None:
        """Ten wards of today are called Tân An, and two Hội An."""
        names = Counter(line.name.split(" ", 1)[1] for line in NEW.values())
        assert (names["Tân An"], names["Hội An"]) == (10, 2)

    @pytest.mark.parametrize(("name", "code"), ISLANDS.items())
    def test_the_island_districts_that_never_had_a_ward_are_there(self, wards: CodeList, name: str, code: str) -> None:
        """They had no ward code until 30 June 2025: converting back says so and names them, and loses nobody."""
        island = wards.look_up(code, day(CHANGE))
        assert island.name == f"Đặc khu {name}"
        (district,) = wards.predecessors(island)
        assert (district.code, district.name) == (None, f"Huyện {name}")
        assert wards.convert(district, CHANGE) == island
        assert wards.convert(island, BEFORE) == district
        with pytest.raises(CodeProblem) as refused:
            wards.code_of(island, BEFORE)
        assert refused.value.code == "no_code"
        assert all(name in said for said in in_both_languages(refused.value))

    def test_truong_sa_has_its_code_on_both_sides(self, wards: CodeList) -> None:
        """22736, once a township and two communes beside it."""
        assert wards.look_up("22736", day(BEFORE)).name == "Thị trấn Trường Sa"
        assert wards.look_up("22736", day(CHANGE)).name == "Đặc khu Trường Sa"


class TestHoiAn:
    """Against the table written by hand above."""

    def test_the_list_knows_exactly_these_wards(self) -> None:
        """All wards of district 503, and where they went."""
        listed = {code: line for code, line in OLD.items() if line.district == "503"}
        assert {code: (line.name, line.successors) for code, line in listed.items()} == {
            code: (name, (f"{today}@2025",)) for code, (name, today) in HOI_AN.items()
        }
        assert {code: NEW[code].name for code in HOI_AN_TODAY} == HOI_AN_TODAY

    @pytest.mark.parametrize("code", HOI_AN)
    def test_an_old_code_is_its_ward_until_the_last_day_and_converts_forward(self, wards: CodeList, code: str) -> None:
        """Every old ward of Hội An went whole into one of today's."""
        name, today = HOI_AN[code]
        ward = wards.look_up(code, day(BEFORE))
        assert ward.name == name
        for on in (CHANGE, AFTER):
            became = wards.convert(ward, on)
            assert (became.code, became.name) == (today, HOI_AN_TODAY[today])
            if code in HOI_AN_TODAY:
                assert wards.look_up(code, day(on)).name == HOI_AN_TODAY[code]
            else:
                problem = refusal(wards, code, on)
                assert (problem.code, problem.candidates) == ("code_ended", (today,))
                for said in in_both_languages(problem):
                    assert all(part in said for part in (code, name, "2025-07-01", today, HOI_AN_TODAY[today]))

    @pytest.mark.parametrize("code", HOI_AN_TODAY)
    def test_a_code_of_today_converts_back_only_where_one_ward_stood_there(self, wards: CodeList, code: str) -> None:
        """Tân Hiệp alone; the others answer with the wards that they were."""
        ward = wards.look_up(code, day(AFTER))
        were = sorted(old for old, (_, today) in HOI_AN.items() if today == code)
        if len(were) == 1:
            assert wards.code_of(ward, BEFORE) == were[0]
            return
        with pytest.raises(CodeProblem) as refused:
            wards.convert(ward, BEFORE)
        assert (refused.value.code, refused.value.candidates) == ("ambiguous_code", tuple(were))
        for said in in_both_languages(refused.value):
            assert all(old in said and HOI_AN[old][0] in said for old in were)

    def test_20410_has_five_predecessors(self, wards: CodeList) -> None:
        """Cẩm Phô, 20404, is one: whoever reads 20410 as Sơn Phong is wrong four times in five, and no program says."""
        were = wards.predecessors(wards.look_up("20410", day(CHANGE)))
        assert sorted(row.code or "" for row in were) == ["20398", "20404", "20410", "20425", "20428"]
        assert wards.row("20404@2024").name == "Phường Cẩm Phô"

    def test_a_date_known_to_the_year_does_not_decide_for_a_code_that_changed(self, wards: CodeList) -> None:
        """20410 “in 2025” is Sơn Phong or Hội An; 20434 was the same island all along, yet in two rows."""
        with pytest.raises(CodeProblem) as refused:
            wards.look_up("20410", span_of("2025"))
        assert refused.value.code == "ambiguous_date"
        assert all("Sơn Phong" in said and "Phường Hội An" in said for said in in_both_languages(refused.value))
        assert wards.look_up("20410", span_of("2024")).name == "Phường Sơn Phong"


class TestDrawn:
    """Fifty codes drawn at random, on the three days, against the lines of the file."""

    @pytest.mark.parametrize("code", DRAWN)
    def test_before_the_change(self, wards: CodeList, code: str) -> None:
        """The old ward; a code that was not there yet is refused with the day on which it begins, and what was."""
        if code in OLD:
            assert wards.look_up(code, day(BEFORE)).name == OLD[code].name
            return
        problem = refusal(wards, code, BEFORE)
        assert problem.code == "code_not_yet"
        self._names(problem, NEW[code], BEFORE_IT[code])

    @pytest.mark.parametrize("on", [CHANGE, AFTER])
    @pytest.mark.parametrize("code", DRAWN)
    def test_on_and_after_the_change(self, wards: CodeList, code: str, on: date) -> None:
        """The new ward; a code that ended is refused with the old ward, its end and its successors."""
        if code in NEW:
            assert wards.look_up(code, day(on)).name == NEW[code].name
            return
        problem = refusal(wards, code, on)
        assert problem.code == "code_ended"
        self._names(problem, OLD[code], [LINES[successor] for successor in OLD[code].successors])

    @pytest.mark.parametrize("code", DRAWN)
    def test_converted_to_every_day(self, wards: CodeList, code: str) -> None:
        """Forward and backward: the one counterpart, or all of them and no answer."""
        for on in (BEFORE, CHANGE, AFTER):
            if code in OLD:
                successors = [LINES[successor] for successor in OLD[code].successors]
                self._converts(wards, wards.row(f"{code}@2024"), on, [OLD[code]] if on == BEFORE else successors)
            if code in NEW:
                self._converts(wards, wards.row(f"{code}@2025"), on, BEFORE_IT[code] if on == BEFORE else [NEW[code]])

    def _converts(self, wards: CodeList, row: CodeRow, on: date, counterparts: list[Line]) -> None:
        if len(counterparts) == 1:
            assert wards.convert(row, on).name == counterparts[0].name
            return
        with pytest.raises(CodeProblem) as refused:
            wards.convert(row, on)
        assert refused.value.code == "ambiguous_code"
        assert sorted(refused.value.candidates) == sorted(line.code for line in counterparts)

    def _names(self, problem: CodeProblem, unit: Line, others: list[Line]) -> None:
        for said in in_both_languages(problem):
            assert unit.code in said
            assert unit.name in said
            assert "2025-07-01" in said
            assert all(other.code in said and other.name in said for other in others)


def test_the_drawn_codes_are_of_all_sorts() -> None:
    """Ended, alive and split ones are among them: else the fifty would show little."""
    assert any(code not in NEW for code in DRAWN)
    assert any(code in NEW and code in OLD for code in DRAWN)
    assert any(len(OLD[code].successors) > 1 for code in DRAWN if code in OLD)


def test_a_refusal_can_be_read_as_a_sentence(wards: CodeList) -> None:
    """In full, once, in each language."""
    error = refusal(wards, "20404", AFTER).at("/home_ward")
    assert worded(error, Language.VI) == Wording(
        "Mã “20404” (Phường Cẩm Phô) trong danh mục wards đã hết hiệu lực từ 2025-07-01; ngày xét là 2025-07-02.",
        "Dùng đơn vị kế thừa: 20410 Phường Hội An; hoặc sửa ngày.",
    )
    assert worded(error, Language.EN) == Wording(
        "The code “20404” (Phường Cẩm Phô) of wards ended on 2025-07-01; the date that governs it is 2025-07-02.",
        "Use what succeeded it: 20410 Phường Hội An; or correct the date.",
    )
