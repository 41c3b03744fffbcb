"""Bytes to rows: what is good comes through, what is bad is told, and nothing takes more memory than it may."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from adapters.sources.files.model import FilesConnection
from adapters.sources.files.opening import open_rows
from adapters.sources.files.rows import FileRefused, Row


def rows_of(path: Path, content: bytes, **options: Any) -> list[Row]:
    """The rows of a file with that content."""
    path.write_bytes(content)
    given = {"folder": "/x", "pattern": "*", "complete": "renamed", "format": "csv", **options}
    with io.FileIO(str(path)) as file:
        return list(open_rows(file, len(content), FilesConnection.model_validate(given), frozenset()).rows)


def refusal(path: Path, content: bytes, **options: Any) -> str:
    """Why the file as a whole is refused."""
    with pytest.raises(FileRefused) as refused:
        rows_of(path, content, **options)
    return refused.value.fault.code


def good(rows: list[Row]) -> list[Any]:
    """The records of rows that can be used."""
    return [row.record for row in rows if row.fault is None]


def bad(rows: list[Row]) -> list[tuple[int, str]]:
    """Number and fault of those that cannot."""
    return [(row.number, row.fault.code) for row in rows if row.fault is not None]


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("utf-8", "tên,số\nĐà Nẵng,1\n".encode()),
        ("utf-8", "\ufefftên,số\nĐà Nẵng,1\n".encode()),
        ("utf-16", "tên,số\nĐà Nẵng,1\n".encode("utf-16")),
        (
            "windows-1258",
            "tên,sô\u0301\nĐa\u0300 Nã\u0306\u0303ng,1\n".replace("ã\u0306\u0303", "ă\u0303").encode("cp1258"),
        ),
    ],
)
def test_letters_come_out_as_nfc_whatever_they_were_written_in(tmp_path: Path, encoding: str, content: bytes) -> None:
    """Also the names of the columns, and without the mark that some programs put before them."""
    assert good(rows_of(tmp_path / "f", content, csv={"encoding": encoding})) == [{"tên": "Đà Nẵng", "số": "1"}]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_like(tmp_path: Path, end: str) -> None:
    """Unix, Windows, and what was there before."""
    rows = rows_of(tmp_path / "f", end.join(["a,b", "1,2", "", "3,4", "", ","]).encode())
    assert good(rows) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
    assert [row.number for row in rows] == [1, 2]


def test_quoted_cells_hold_delimiters_quotes_and_ends_of_lines(tmp_path: Path) -> None:
    """As spreadsheet programs write them."""
    rows = rows_of(tmp_path / "f", b'a;b\n"x;y";"say ""hi"""\n"two\nlines";z\n', csv={"delimiter": ";"})
    assert good(rows) == [{"a": "x;y", "b": 'say "hi"'}, {"a": "two\nlines", "b": "z"}]


def test_a_quote_that_is_never_closed_costs_its_own_row_only(tmp_path: Path) -> None:
    """The rows behind it are read as if nothing had been."""
    lines = ['"open,1', *(f"r{number},{number}" for number in range(5000)), 'good"quote,7', '"also open,8']
    rows = rows_of(tmp_path / "f", ("a,b\n" + "\n".join(lines) + "\n").encode())
    assert bad(rows) == [(1, "row_quote"), (5003, "row_quote")]
    assert len(good(rows)) == 5001


def test_a_row_may_run_over_a_hundred_lines_and_no_more(tmp_path: Path) -> None:
    """A longer one is told with the bound, and its lines are read as rows of their own."""
    runs = ["\n".join(["x"] * lines) for lines in (100, 101)]
    rows = rows_of(tmp_path / "f", "".join(["a\n", *(f'"{run}"\n' for run in runs)]).encode())
    assert rows[0].record == {"a": runs[0]}
    assert rows[1].fault is not None
    assert (rows[1].number, rows[1].fault.code, dict(rows[1].fault.params)["lines"]) == (2, "row_quote", "100")


def test_a_row_with_more_or_fewer_cells_is_told(tmp_path: Path) -> None:
    """Also where one too many is empty: a comma within a number shifts cells, and may have shifted it there."""
    rows = rows_of(tmp_path / "f", b"a,b\n1,5,\n1\n1,2,3\n1,2\n")
    assert bad(rows) == [(1, "row_cells"), (2, "row_cells"), (3, "row_cells")]
    assert rows[2].cells == ("1", "2", "3")


def test_a_file_whose_lines_all_end_in_a_delimiter_is_in_order(tmp_path: Path) -> None:
    """Its header does so too."""
    rows = rows_of(tmp_path / "f", b"a,b,,\n1,2,,\n1,2\n1,2,3,\n1,2,\n")
    assert good(rows) == [{"a": "1", "b": "2"}] * 2
    assert bad(rows) == [(3, "row_cells"), (4, "row_cells")]


def test_bytes_of_another_encoding_cost_their_own_row_only(tmp_path: Path) -> None:
    """In the middle of a file that is otherwise in order."""
    content = b"a,b\nx,1\n\xc3\x28,2\ny,3\n\0z,4\nw,5\n"
    rows = rows_of(tmp_path / "f", content)
    assert bad(rows) == [(2, "row_encoding"), (4, "row_nul")]
    assert len(good(rows)) == 3


def test_a_line_of_a_hundred_megabytes_costs_its_own_row_and_little_memory(tmp_path: Path) -> None:
    """It is passed over piece by piece."""
    path = tmp_path / "f"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\n3,4\n")
    given = {"folder": "/x", "pattern": "*", "complete": "renamed", "format": "csv"}
    tracemalloc.start()
    with io.FileIO(str(path)) as file:
        opened = open_rows(file, path.stat().st_size, FilesConnection.model_validate(given), frozenset())
        rows = list(opened.rows)
        _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert bad(rows) == [(2, "row_long")]
    assert len(good(rows)) == 2
    assert peak < 20_000_000


def test_a_million_columns_are_refused(tmp_path: Path) -> None:
    """In the header the file, in a row the row."""
    wide = b",".join([b"1"] * 499_000)
    assert refusal(tmp_path / "f", wide + b"\n1,2\n") == "file_columns"
    assert bad(rows_of(tmp_path / "f", b"a,b\n" + wide + b"\n1,2\n" + b"1," * 1_000_000 + b"\n")) == [
        (1, "row_cells"),
        (3, "row_long"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n\n", "file_no_header"),
        (b"a,b,a\n1,2,3\n", "file_repeated_column"),
        (b"a,,b\n1,2,3\n", "file_nameless_column"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "file_not_text"),
        ("a,b\n1,2\n".encode("utf-16"), "file_not_text"),
    ],
)
def test_a_file_that_cannot_be_told_is_refused_as_a_whole(tmp_path: Path, content: bytes, code: str) -> None:
    """Nothing of it is sent."""
    if code == "file_not_text" and len(content) < 100:
        content = ("a,b\n" + "1,2\n" * 20).encode("utf-16")
    assert refusal(tmp_path / "f", content) == code


def test_columns_are_named_by_the_configuration_where_files_have_no_header(tmp_path: Path) -> None:
    """Or by a line further down."""
    assert good(rows_of(tmp_path / "f", b"1,2\n", csv={"columns": ["a", "b"]})) == [{"a": "1", "b": "2"}]
    assert good(rows_of(tmp_path / "f", b"Report of May\n\na,b\n1,2\n", csv={"header": "3"})) == [{"a": "1", "b": "2"}]


def test_json_lines_are_objects_without_repeated_names(tmp_path: Path) -> None:
    """Every other line is told."""
    content = b'{"a": 1}\n\n[1]\n{"a": 1, "a": 2}\n{"a": \n{"b": "x"}'
    rows = rows_of(tmp_path / "f", content, format="jsonl")
    assert good(rows) == [{"a": 1}, {"b": "x"}]
    assert bad(rows) == [(2, "wrong_type"), (3, "duplicate_key"), (4, "not_json")]


def book(path: Path, *rows: list[Any], sheet: str = "Sheet") -> bytes:
    """A workbook."""
    made = openpyxl.Workbook()
    active = made.active
    assert active is not None
    active.title = sheet
    for row in rows:
        active.append(row)
    made.save(path)
    return path.read_bytes()


def test_a_workbooks_cells_come_as_text(tmp_path: Path) -> None:
    """Days and moments in ISO 8601, numbers in their shortest form, nothing as empty text."""
    moment = datetime(2025, 4, 1, 8, 30)  # noqa: DTZ001 - a workbook knows no zones
    content = book(
        tmp_path / "b.xlsx",
        ["day", "at", "hour", "n", "x", "ok", "none"],
        [date(2025, 4, 1), moment, time(7, 5), 20, 8.5, True, None],
        [None] * 7,
        ["00634", "", "", 20.0, "", "", ""],
    )
    rows = good(rows_of(tmp_path / "f", content, format="xlsx"))
    assert rows[0] == {
        "day": "2025-04-01",
        "at": "2025-04-01T08:30:00",
        "hour": "07:05:00",
        "n": "20",
        "x": "8.5",
        "ok": "true",
        "none": "",
    }
    assert rows[1]["day"] == "00634"
    assert len(rows) == 2


def test_a_sheet_is_chosen_by_its_name(tmp_path: Path) -> None:
    """One that is not there is refused, with those that are."""
    content = book(tmp_path / "b.xlsx", ["a"], [1], sheet="Tháng 5")
    assert good(rows_of(tmp_path / "f", content, format="xlsx", xlsx={"sheet": "Tháng 5"})) == [{"a": "1"}]
    assert refusal(tmp_path / "f", content, format="xlsx", xlsx={"sheet": "Tháng 6"}) == "file_sheet"


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    """Text, half a workbook, one that would fill the memory, one with entities."""
    content = book(tmp_path / "b.xlsx", ["a"], [1])
    assert refusal(tmp_path / "f", b"a,b\n1,2\n", format="xlsx") == "file_workbook"
    assert refusal(tmp_path / "f", content[: len(content) // 2], format="xlsx") == "file_workbook"
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/sharedStrings.xml", "w") as part:
        for _ in range(101):
            part.write(b" " * 1_000_000)
    assert refusal(tmp_path / "f", bomb.read_bytes(), format="xlsx") == "file_bomb"
    laughs = tmp_path / "laughs.xlsx"
    with zipfile.ZipFile(tmp_path / "b.xlsx") as old, zipfile.ZipFile(laughs, "w") as new:
        for part_name in old.namelist():
            text = old.read(part_name)
            if part_name.endswith("sheet1.xml"):
                text = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>' + text.split(b"?>", 1)[-1]
            new.writestr(part_name, text)
    assert refusal(tmp_path / "f", laughs.read_bytes(), format="xlsx") == "file_workbook"


def test_a_workbook_that_breaks_off_says_so_after_its_good_rows(tmp_path: Path) -> None:
    """What could be read is not thrown away."""
    path = tmp_path / "b.xlsx"
    book(path, ["a"], *([number] for number in range(2000)))
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[: len(content) // 2] if name.endswith("sheet1.xml") else content)
    rows = rows_of(tmp_path / "f", broken.read_bytes(), format="xlsx")
    assert 100 < len(good(rows)) < 2000
    assert [code for _, code in bad(rows)] == ["file_workbook"]
