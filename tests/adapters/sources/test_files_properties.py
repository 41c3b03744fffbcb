"""Whatever the bytes are: a file becomes rows or is refused, and no row comes out other than it went in."""

from __future__ import annotations

import csv
import io
import tempfile
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.sources.files.model import FilesConnection
from adapters.sources.files.opening import open_rows
from adapters.sources.files.rejects import RejectFile
from adapters.sources.files.rows import FileRefused, Row
from adapters.sources.files.window import End, Place

quick = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
CELL = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\r\n", exclude_characters="\ufffd"), max_size=8
)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3).filter(lambda cells: "".join(cells).strip()), max_size=8)


def read(content: bytes, **options: Any) -> list[Row]:
    """The rows of a file with that content."""
    form = FilesConnection.model_validate(
        {"folder": "/x", "pattern": "*", "complete": "renamed", "format": "csv", **options}
    )
    with tempfile.NamedTemporaryFile() as named:
        named.write(content)
        named.flush()
        with io.FileIO(named.name) as file:
            return list(open_rows(file, len(content), form, frozenset()).rows)


def refusal(content: bytes, form: str) -> str:
    """Why a file was refused; "none" where it was not."""
    try:
        read(content, format=form)
    except FileRefused as refused:
        return refused.fault.code
    return "none"


@quick
@given(
    ROWS, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["utf-8", "utf-16"]), st.sampled_from(["\n", "\r\n"])
)
def test_what_a_csv_writer_wrote_comes_back(rows: list[list[str]], delimiter: str, encoding: str, end: str) -> None:
    """Cell by cell, in Unicode NFC, whatever delimiters, quotes and ends of lines stand in them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b", "c"], *rows])
    found = read(text.getvalue().encode(encoding), csv={"delimiter": delimiter, "encoding": encoding})
    assert [list(row.cells) for row in found] == [[_nfc(cell) for cell in cells] for cells in rows]
    assert [row.number for row in found] == list(range(1, len(rows) + 1))
    assert all(row.fault is None for row in found)


@quick
@given(
    st.lists(st.sampled_from([b"a", b"1", b",", b'"', b"\n", b"\r\n", b"\0", b"\xff", b"\xc3\xb2", b'""', b"{", b"}"]))
)
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_no_bytes_stop_the_reader(form: str, parts: list[bytes]) -> None:
    """Good rows have a value for each column; the others say what is wrong; numbers have no gaps."""
    content = b"".join(parts) if form == "jsonl" else b"a,b\n" + b"".join(parts)
    found = read(content, format=form)
    assert [row.number for row in found] == list(range(1, len(found) + 1))
    for row in found:
        assert (row.fault is None) == isinstance(row.record, dict)


@quick
@given(st.binary(max_size=300))
@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_a_file_of_anything_is_rows_or_refused(form: str, content: bytes) -> None:
    """Nothing else comes of it."""
    assert refusal(content, form).startswith(("file_", "row_", "none"))


@quick
@given(st.integers(0, 200), st.binary(max_size=20))
def test_a_broken_workbook_is_rows_or_refused(at: int, noise: bytes) -> None:
    """With noise anywhere in its sheet."""
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
        b"</sheetData></worksheet>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in _BOOK.items():
            archive.writestr(name, content)
        archive.writestr("xl/worksheets/sheet1.xml", sheet[:at] + noise + sheet[at:])
    assert refusal(made.getvalue(), "xlsx").startswith(("file_", "none"))


@quick
@given(st.lists(st.integers(1, 60), unique=True, max_size=20).map(sorted), st.integers(0, 70), st.integers(0, 4000))
def test_a_reject_file_that_was_torn_holds_each_row_once(
    tmp_path: Path, numbers: list[int], upto: int, cut: int
) -> None:
    """Wherever a crash cut it, and wherever reading goes on from: at or before what was safely on the disk."""
    path = tmp_path / "rejected.csv"
    path.unlink(missing_ok=True)

    def places(given: list[int]) -> list[Place]:
        return [Place(Row(number, ("x,\n", f'"{number}"'), None), End.REJECTED, "/a", "bad, very") for number in given]

    first = RejectFile(path, ("a", "b"), upto=0)
    first.write(places([number for number in numbers if number <= upto]))
    first.sync()
    safe = path.stat().st_size if path.exists() else 0
    first.write(places([number for number in numbers if number > upto]))
    first.close()
    if path.exists():
        with path.open("r+b") as file:
            file.truncate(min(path.stat().st_size, safe + cut))
    second = RejectFile(path, ("a", "b"), upto=upto)
    second.write(places([number for number in numbers if number > upto]))
    second.close()
    if numbers:
        with path.open(encoding="utf-8-sig", newline="") as written:
            found = list(csv.reader(written))
        assert found[0] == ["row", "field", "reason", "a", "b"]
        assert found[1:] == [[str(number), "/a", "bad, very", "x,\n", f'"{number}"'] for number in numbers]


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


_BOOK = {
    "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    b'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    b'Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    b'Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    b'<sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
}
