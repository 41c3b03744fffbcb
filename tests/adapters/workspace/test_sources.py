"""The sources of a system: read, checked against their contract, and told with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sources.files.model import FilesConnection
from adapters.workspace.examples import run_examples
from adapters.workspace.reading import load
from adapters.workspace.schemas import json_schema
from tests.adapters.workspace.support import errors_of, write

AGENCIES = """agencies:
  - code: H17
    name: Một cơ quan
    kind: state
    systems:
      - {id: station, name: Station}
      - {id: south, name: South}
"""
CONTRACT = {
    "contracts/test.reading/contract.yaml": "title: Reading\npattern: submission\n",
    "contracts/test.reading/v1/request.avsc": """{
  "type": "record", "name": "Reading", "namespace": "test",
  "fields": [{"name": "station", "type": "string"}, {"name": "wind", "type": "double"}]
}
""",
    "contracts/test.reading/examples/request.json": '{"station": "a", "wind": 1.5}',
}
STATION = "systems/station.yaml"
GOOD = """sources:
  - kind: files
    contract: test.reading
    connection:
      folder: /srv/station/out
      pattern: "*.csv"
      complete: {quiet_s: 30}
      format: csv
      csv: {encoding: windows-1258, delimiter: ";"}
    key: [time]
    record:
      map:
        station: /trạm
        wind: {from: /gió, through: [{unit: km/h}, number]}
    examples:
      - name: a unit is taken off
        row: {trạm: a, gió: "4.0 km/h"}
        record: {station: a, wind: 4}
      - name: a unit that is missing is no number
        row: {trạm: a, gió: "4.0"}
        error: {pointer: /gió, code: map_format}
"""
LEFT_OUT = dict.fromkeys(("systems/north.yaml", "systems/south.yaml", "grants/g.yaml", "agencies/a.yaml"))


def with_source(root: Path, text: str) -> Path:
    """A workspace with a system that only brings records in."""
    return write(root, {**LEFT_OUT, **CONTRACT, "agencies/station.yaml": AGENCIES, STATION: text})


def test_a_system_may_bring_records_in_and_provide_nothing(tmp_path: Path) -> None:
    """It has no adapter, and no inbox."""
    loaded = load(with_source(tmp_path, GOOD))
    assert errors_of(list(loaded.findings)) == []
    assert loaded.workspace is not None
    assert not loaded.workspace.adapters
    (source,) = loaded.workspace.sources
    assert (source.id, source.contract, source.major, source.key) == (
        "station/test.reading",
        "test.reading",
        1,
        ("time",),
    )
    form = source.connection
    assert isinstance(form, FilesConnection)
    assert form.done_path.as_posix() == "/srv/station/out/done"
    assert form.csv is not None
    assert (form.csv.encoding, form.csv.header) == ("cp1258", 1)


def test_its_examples_are_tried(tmp_path: Path) -> None:
    """Rows that become records, and rows that are refused."""
    workspace = load(with_source(tmp_path, GOOD.replace("wind: 4}", "wind: 5}"))).workspace
    assert workspace is not None
    results = run_examples(workspace)
    assert [(result.system, result.ok) for result in results] == [("station", False), ("station", True)]
    assert "/wind: expected 5" in results[0].detail


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "remedy"),
    [
        ("kind: files", "kind: file", 2, "there is no kind of source “file”", "did you mean “files”?"),
        ("test.reading\n", "test.readings\n", 3, "there is no contract test.readings", "test.reading"),
        ("test.reading\n", "test.reading@2\n", 3, "test.reading has no version 2", "test.reading@1"),
        ("test.reading\n", "test.lookup\n", 3, "test.lookup is a query", "name another contract"),
        ("/srv/station/out", "../out", 5, "cannot be told for certain", "absolute path"),
        ("/srv/station/out", "~/out", 5, "cannot be told for certain", "absolute path"),
        ('"*.csv"', '"in/*.csv"', 6, "a pattern names files of the folder itself", '"*.csv"'),
        ("{quiet_s: 30}", "soon", 7, "when a file is complete must be certain", "renamed"),
        ("{quiet_s: 30}", "{quiet_s: 0}", 7, "quiet_s", "seconds without a change"),
        ("      complete: {quiet_s: 30}\n", "", 4, "complete is missing", "when a file is complete"),
        ("format: csv", "format: xls", 8, "format cannot be this", "xlsx"),
        ("format: csv", "format: xlsx", 4, "csv says how csv is read, but the format is xlsx", "remove csv"),
        ("windows-1258", "tcvn3", 9, "there is no encoding “tcvn3”", "windows-1258"),
        ("windows-1258", "base64", 9, "there is no encoding “base64”", "utf-8"),
        ('delimiter: ";"', 'delimiter: ";;"', 9, "cells are parted by one sign", "tab"),
        ('delimiter: ";"', "columns: [a, a]", 9, "the column “a” is there twice", "a name of its own"),
        ('delimiter: ";"', "columns: [trạm, gió, giờ]", 2, "there is no column “time”", "columns that there are"),
        ('delimiter: ";"', "delimeter: x", 9, "unknown key “delimeter”", "delimiter"),
        ("      format: csv", "      done: .\n      format: csv", 4, "are three places", "a folder of its own"),
        ("wind: {", "winds: {", 13, "wind", "wind"),
        (", number]", "]", 14, "the field is number, and this is string", "number"),
        ("record: {station: a, wind: 4}", "{}", 16, "", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_remedy(
    tmp_path: Path, old: str, new: str, line: int, message: str, remedy: str
) -> None:
    """One fault at a time."""
    assert old in GOOD
    if new == "{}":
        old, new, message, remedy = old + "\n", "\n", "does not say what is to come of it", "give record or error"
        old = "        " + old
    found = errors_of(list(load(with_source(tmp_path, GOOD.replace(old, new, 1))).findings))
    assert [each for each in found if message in each.message and remedy in each.remedy], found
    assert any(each.file == STATION and each.line >= line for each in found), found


def test_two_sources_never_read_the_same_files(tmp_path: Path) -> None:
    """Nor do two of one system have one name."""
    twice = GOOD + GOOD.removeprefix("sources:\n")
    messages = [each.message for each in errors_of(list(load(with_source(tmp_path, twice)).findings))]
    assert messages == ["station has another source called test.reading"]
    named = GOOD + GOOD.removeprefix("sources:\n").replace("kind: files", "kind: files\n    name: other")
    messages = [each.message for each in errors_of(list(load(with_source(tmp_path, named)).findings))]
    assert messages == ["station/test.reading reads the same files"]


def test_a_system_of_which_nothing_is_said_is_told_what_is_missing(tmp_path: Path) -> None:
    """Half an adapter is not taken for a source."""
    found = errors_of(list(load(with_source(tmp_path, GOOD + "kind: rest\n")).findings))
    assert [each.message for each in found] == ["connection is missing", "services is missing"]
    found = errors_of(list(load(with_source(tmp_path, "concurrency: 1\n")).findings))
    assert [each.message for each in found] == ["connection is missing", "kind is missing", "services is missing"]


def test_editors_know_a_sources_keys() -> None:
    """By its kind."""
    schema = json_schema("system")
    source = schema["$defs"]["SourceModel"]
    assert source["properties"]["kind"]["enum"] == ["files"]
    (rule,) = source["allOf"]
    named = rule["then"]["properties"]["connection"]["$ref"].rpartition("/")[2]
    assert {"folder", "pattern", "complete", "csv"} <= set(schema["$defs"][named]["properties"])
    assert {"required": ["sources"]} in schema["anyOf"]
