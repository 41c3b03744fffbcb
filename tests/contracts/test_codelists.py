"""What a code means on a date, what it was and what it became: one answer, or all candidates and no answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codelists import CodeList, CodeProblem, CodeRow, read_code_list
from contracts.coderows import BrokenCodeList, LineError, read_rows
from contracts.dates import day, span_of
from contracts.wording import Language, worded
from tests.contracts.lists import HEADER, WARDS, wards

BEFORE, CHANGE = date(2025, 6, 30), date(2025, 7, 1)
CHAIN = read_code_list(
    "chain",
    f"""{HEADER}
a,1,Một,,2000-01-01,b c
b,1,Một mới,2000-01-01,2010-01-01,d
c,2,Hai,2000-01-01,2010-01-01,d e
d,3,Ba,2010-01-01,,
e,4,Bốn,2010-01-01,2020-01-01,
""",
)


def problem(code: str, on: str, codes: CodeList | None = None) -> CodeProblem:
    """Why a code has no one meaning then."""
    with pytest.raises(CodeProblem) as found:
        (wards() if codes is None else codes).look_up(code, span_of(on))
    return found.value


def attempt(ask: Callable[[], CodeRow]) -> tuple[CodeRow | None, str]:
    """The answer, or why there is none."""
    try:
        return ask(), ""
    except CodeProblem as refused:
        return None, refused.code


class TestLookUp:
    """The key of a meaning is (code, date)."""

    def test_one_code_two_meanings(self) -> None:
        """On the day before it changed, and on the day."""
        assert wards().look_up("20410", day(BEFORE)).name == "Phường Sơn Phong"
        assert wards().look_up("20410", day(CHANGE)).name == "Phường Hội An"

    def test_a_row_is_valid_until_the_day_before_its_end(self) -> None:
        """The interval is half-open; an open end has no last day."""
        row = wards().row("20410@2024")
        assert row.valid_on(date.min)
        assert row.valid_on(BEFORE)
        assert not row.valid_on(CHANGE)
        assert wards().row("20410@2025").valid_on(date.max)

    def test_a_code_that_ended_names_what_succeeded_it(self) -> None:
        """On the date that was asked for, over all changes in between."""
        assert problem("20404", "2025-07-01").candidates == ("20410",)
        found = problem("2", "2015", CHAIN)
        assert (found.code, found.candidates) == ("code_ended", ("3", "4"))

    def test_a_code_that_ended_without_anything_on_that_date_names_its_first_successors(self) -> None:
        """Bốn ended in 2020 and nothing took its place; Một's two successors stand for it in 2000."""
        found = problem("4", "2021", CHAIN)
        assert (found.code, found.candidates, dict(found.params)["successors"]) == ("code_ended", (), "—")

    def test_a_code_that_is_not_yet_names_what_was_in_its_place(self) -> None:
        """Liên Chiểu, in 2024: Hòa Liên."""
        found = problem("20197", "2024")
        assert (found.code, found.candidates) == ("code_not_yet", ("20296",))
        assert dict(found.params)["begins"] == "2025-07-01"

    def test_what_has_no_code_is_named_among_the_candidates(self) -> None:
        """Hoàng Sa, before it had one."""
        assert problem("20333", "2024").candidates == ("Huyện Hoàng Sa",)

    def test_a_code_between_two_of_its_lives_names_what_succeeded_the_first(self) -> None:
        """The newest row that had ended by then."""
        codes = read_code_list(
            "x", f"{HEADER}\na,1,Một,,2000-01-01,b\nb,2,Hai,2000-01-01,,\nc,1,Lại một,2010-01-01,,\n"
        )
        found = problem("1", "2005", codes)
        assert (found.code, found.candidates) == ("code_ended", ("2",))
        assert codes.look_up("1", span_of("2011")).name == "Lại một"

    def test_an_unknown_code_is_unknown_on_every_date(self) -> None:
        """Codes are text: 00634 is not 634."""
        codes = read_code_list("x", f"{HEADER}\na,00634,Đại Mỗ,,,\n")
        assert codes.look_up("00634", span_of("2025")).name == "Đại Mỗ"
        assert problem("634", "2025", codes).code == "unknown_code"

    @pytest.mark.parametrize("language", Language)
    def test_every_refusal_has_words(self, language: Language) -> None:
        """With the unit, its dates and what to choose."""
        refusals = [
            problem("20404", "2025-07-01"),
            problem("20197", "2024"),
            problem("20410", "2025"),
            problem("x", "2025"),
        ]
        for refusal in refusals:
            said = worded(refusal.at("/ward"), language)
            assert said.detail
            assert said.remedy
            assert "<" not in said.detail + said.remedy, "every parameter of the wording is given"


class TestConvert:
    """To what was, or to what is."""

    def test_forward_to_the_one_successor(self) -> None:
        """Cẩm Phô is Hội An now."""
        codes = wards()
        assert codes.code_of(codes.row("20404@2024"), CHANGE) == "20410"

    def test_backward_only_where_one_stood_there(self) -> None:
        """Tân Hiệp; not Hội An."""
        codes = wards()
        assert codes.code_of(codes.row("20434@2025"), BEFORE) == "20434"
        with pytest.raises(CodeProblem) as refused:
            codes.convert(codes.row("20410@2025"), BEFORE)
        assert (refused.value.code, refused.value.candidates) == ("ambiguous_code", ("20398", "20404", "20410"))

    def test_a_row_valid_on_the_day_is_itself(self) -> None:
        """No edge is followed."""
        codes = wards()
        row = codes.row("20410@2024")
        assert codes.convert(row, BEFORE) is row
        assert codes.candidates(row, BEFORE) == (row,)

    def test_over_several_changes(self) -> None:
        """Một of 1999 in 2010: Ba by one way and Ba or Bốn by the other; in 2021 Ba, and a part of which nothing is known."""
        start = CHAIN.row("a")
        assert [row.id for row in CHAIN.candidates(start, date(2005, 1, 1))] == ["b", "c"]
        assert [row.id for row in CHAIN.candidates(start, date(2015, 1, 1))] == ["d", "e"]
        with pytest.raises(CodeProblem) as refused:
            CHAIN.convert(start, date(2021, 1, 1))
        assert (refused.value.code, refused.value.candidates) == ("ambiguous_code", ("3",))
        assert "4 Bốn (2010-01-01 – 2019-12-31)" in dict(refused.value.params)["meanings"]
        assert CHAIN.convert(CHAIN.row("b"), date(2021, 1, 1)).id == "d"
        assert [row.id for row in CHAIN.candidates(CHAIN.row("d"), date(1999, 1, 1))] == ["a"]
        assert CHAIN.convert(CHAIN.row("e"), date(1999, 1, 1)).id == "a"

    def test_to_nothing(self) -> None:
        """What ended without a successor, and what began without a predecessor."""
        codes = read_code_list("x", f"{HEADER}\na,1,Một,,2000-01-01,\nb,2,Hai,2010-01-01,,\n")
        for row_id, on in (("a", "2005-01-01"), ("b", "2005-01-01")):
            with pytest.raises(CodeProblem) as refused:
                codes.convert(codes.row(row_id), date.fromisoformat(on))
            assert refused.value.code == "no_conversion"

    def test_to_what_has_no_code(self) -> None:
        """Hoàng Sa had none in 2024: the conversion finds the district, its code cannot be given."""
        codes = wards()
        assert codes.convert(codes.row("20333@2025"), BEFORE).name == "Huyện Hoàng Sa"
        with pytest.raises(CodeProblem) as refused:
            codes.code_of(codes.row("20333@2025"), BEFORE)
        assert refused.value.code == "no_code"
        assert codes.code_of(codes.row("d498@2024"), CHANGE) == "20333"

    def test_a_circle_in_bad_data_comes_to_an_end(self) -> None:
        """Rows that did not come through the reader."""
        rows = [
            CodeRow("a", "1", "Một", None, date(2000, 1, 1), ("b",)),
            CodeRow("b", "2", "Hai", None, date(2000, 1, 1), ("a",)),
        ]
        with pytest.raises(CodeProblem) as refused:
            CodeList("x", rows).convert(rows[0], date(2010, 1, 1))
        assert refused.value.code == "no_conversion"


class TestProperties:
    """Whatever lists there may be."""

    @st.composite
    @staticmethod
    def lists(draw: st.DrawFn) -> CodeList:
        """Three generations of units with few codes, so that codes are given again."""
        ends = [date(2000, 1, 1), date(2010, 1, 1)]
        rows: list[CodeRow] = []
        for generation in (2, 1, 0):
            codes = draw(st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=4, unique=True))
            later = [row.id for row in rows if row.valid_from == (ends[generation] if generation < 2 else None)]
            for code in codes:
                begin = None if generation == 0 else ends[generation - 1]
                end = None if generation == 2 else ends[generation]
                chosen = draw(st.lists(st.sampled_from(later), unique=True)) if end and later else []
                rows.append(CodeRow(f"{code}{generation}", code, f"Đơn vị {code}", begin, end, tuple(chosen)))
        return CodeList("x", rows)

    @settings(max_examples=150, deadline=None, derandomize=True, database=None)
    @given(lists(), st.sampled_from([date(1990, 1, 1), date(2005, 1, 1), date(2015, 1, 1)]))
    def test_a_conversion_is_one_row_in_force_or_says_why_not(self, codes: CodeList, on: date) -> None:
        """And there and back again is possible only where nothing else went there."""
        for row in codes:
            candidates = codes.candidates(row, on)
            assert all(candidate.valid_on(on) for candidate in candidates)
            converted, refusal = attempt(partial(codes.convert, row, on))
            if converted is None:
                assert refusal == ("ambiguous_code" if candidates else "no_conversion")
                continue
            assert candidates == (converted,)
            if row.valid_from is not None:
                assert row in codes.candidates(converted, row.valid_from)

    @settings(max_examples=100, deadline=None, derandomize=True, database=None)
    @given(
        lists(),
        st.sampled_from("ABCDEF"),
        st.sampled_from(["1990", "1999-12", "2000", "2005-06-01", "2010-01-01", "2020"]),
    )
    def test_a_look_up_is_right_on_every_day_or_says_why_not(self, codes: CodeList, code: str, text: str) -> None:
        """A row that is valid throughout; never an exception but its own."""
        when = span_of(text)
        meanings = {row.id for row in codes if row.code == code and row.touches(when)}
        found, refusal = attempt(partial(codes.look_up, code, when))
        if found is None:
            assert refusal in ({"ambiguous_date"} if meanings else {"unknown_code", "code_ended", "code_not_yet"})
            return
        assert meanings == {found.id}
        assert found.covers(when)


class TestFile:
    """The CSV: everything wrong in one run, with line and remedy."""

    def broken(self, text: str) -> list[tuple[int, str]]:
        with pytest.raises(BrokenCodeList) as found:
            read_rows(text)
        assert all(error.remedy for error in found.value.errors)
        return [(error.line, error.message) for error in found.value.errors]

    def test_a_good_file_is_read_in_order(self) -> None:
        """Names in NFC, codes as text, further columns as attributes."""
        rows = read_rows(WARDS.replace("Cẩm Phô", "Cẩm Pho\u0302"))
        assert [row.id for row in rows][:3] == ["20398@2024", "20404@2024", "20410@2024"]
        assert rows[1].name == "Phường Cẩm Phô"
        assert (rows[4].successors, rows[4].attributes) == (("20194@2025", "20197@2025"), {"province": "48"})
        assert rows[5].code is None
        assert (rows[6].valid_from, rows[6].valid_to) == (CHANGE, None)

    def test_what_spreadsheets_write_is_read(self) -> None:
        """A byte order mark, CRLF, quotes, spaces around values, empty lines at the end."""
        text = '\ufeffcode,id,name,valid_from,valid_to,successors\r\n 1 ,a,"Một, hai",2025-07-01,,\r\n\r\n'
        (row,) = read_rows(text)
        assert (row.id, row.code, row.name, row.valid_from) == ("a", "1", "Một, hai", CHANGE)

    @pytest.mark.parametrize(
        ("rows", "line", "part"),
        [
            ("a,1,Một,01/07/2025,,", 2, "valid_from “01/07/2025” is not a date"),
            ("a,1,Một,,2025-02-30,", 2, "valid_to “2025-02-30” is not a date"),
            ("a,1,Một,2025-07,,", 2, "valid_from “2025-07” is not a date"),
            ("a,1,Một,2025-07-01,2025-07-01,", 2, "ends on 2025-07-01"),
            ("a,1,,,,", 2, "the row has no name"),
            (",1,Một,,,", 2, "“” is no row id"),
            ("a b,1,Một,,,", 2, "“a b” is no row id"),
            ("a,1,Một,,,\na,2,Hai,,,", 3, "the id “a” is on line 2 already"),
            ("a,1,Một,,", 2, "the line has 5 values, the header 6 columns"),
            ('a,1,"Một,,,', 2, "this is not CSV"),
            ("a,1,Một,,,\nb,1,Hai,,,", 3, "the code “1” means a and b on the same days"),
            ("a,1,Một,,2025-07-01,\nb,1,Hai,2025-06-30,,", 3, "the code “1” means a and b on the same days"),
            ("a,1,Một,,2025-07-01,zz", 2, "the successor “zz” of a is not in the list"),
            ("a,1,Một,,,b\nb,2,Hai,,,", 2, "a has successors but no end"),
            ("a,1,Một,,2025-07-01,b\nb,2,Hai,2025-06-01,,", 2, "begins on 2025-06-01, before a ended on 2025-07-01"),
            ("a,1,Một,,2025-07-01,b\nb,2,Hai,,,", 2, "the successor b has no beginning"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_said_with_its_line(self, rows: str, line: int, part: str) -> None:
        """Lines count as an editor counts them."""
        ((found, message),) = self.broken(f"{HEADER}\n{rows}\n")
        assert found == line
        assert part in message

    def test_a_circle_of_successors_is_named(self) -> None:
        """Beside the dates that make it impossible."""
        found = self.broken(f"{HEADER}\na,1,Một,,2000-01-01,b\nb,2,Hai,2000-01-01,2010-01-01,a\n")
        assert any("in a circle" in message for _, message in found)

    def test_a_header_without_its_columns_is_named_once(self) -> None:
        """Not once a line."""
        ((line, message),) = self.broken("id;code;name\na;1;Một\n")
        assert line == 1
        assert "the header lacks" in message
        ((_, doubled),) = self.broken("id,code,name,valid_from,valid_to,successors,name\n")
        assert "named twice: name" in doubled
        ((_, empty),) = self.broken("")
        assert "the header lacks" in empty

    def test_a_value_with_a_line_break_does_not_shift_the_lines_after_it(self) -> None:
        """The line is where the row begins."""
        ((line, _),) = self.broken(f'{HEADER}\na,1,"Một\nhai",,,\nb,2,,,,\n')
        assert line == 4

    def test_all_errors_come_in_one_run_in_order(self) -> None:
        """And as one text for a terminal."""
        with pytest.raises(BrokenCodeList) as found:
            read_code_list("x", f"{HEADER}\na,1,,x,,\nb,1\nc,1,Ba,,2000-01-01,zz\n")
        assert [error.line for error in found.value.errors] == sorted(error.line for error in found.value.errors)
        assert len(found.value.errors) == 4
        assert isinstance(found.value.errors[0], LineError)
        assert str(found.value).startswith("line 2: ")

    def test_rows_made_by_a_program_must_fit_together_too(self) -> None:
        """The list itself insists on ids and successors."""
        row = CodeRow("a", "1", "Một", None, None)
        with pytest.raises(ValueError, match="two rows have the id a"):
            CodeList("x", [row, CodeRow("a", "2", "Hai", None, None)])
        with pytest.raises(ValueError, match="the successor b of a is not in the list"):
            CodeList("x", [CodeRow("a", "1", "Một", None, CHANGE, ("b",))])
