"""`lienthong test`: what the examples beside a mapping say when it is right, and when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.workspace.examples import ExampleResult, run_examples
from adapters.workspace.reading import load
from tests.adapters.workspace.support import FILES, write

NORTH = "systems/north.yaml"
LAST = """      - name: a year stays a year
        reply: {ten: A, sinh: "2014"}
        record: {name: A, born: "2014"}
"""
NOTE = """    examples:
      - name: as the system wants it
        request: {text: xin, number: 6, ward: "2", ward_on: 2025-08-01}
        body: {noiDung: xin, phuong: "2"}
        parts: {so: "6"}
  - contract: test.lookup
"""


def _run(root: Path, old: str, new: str) -> list[ExampleResult]:
    assert old in FILES[NORTH]
    loaded = load(write(root, {NORTH: FILES[NORTH].replace(old, new)}))
    assert loaded.workspace is not None, "\n".join(map(str, loaded.findings))
    return list(run_examples(loaded.workspace))


def test_an_example_that_comes_out_says_nothing(tmp_path: Path) -> None:
    assert _run(tmp_path, LAST, LAST) == [ExampleResult("north", "a year stays a year", ok=True, detail="")]


def test_a_request_is_tried_with_the_values_for_its_path(tmp_path: Path) -> None:
    first, _ = _run(tmp_path, "  - contract: test.lookup\n", NOTE)
    assert first == ExampleResult("north", "as the system wants it", ok=True, detail="")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('born: "2014"}', 'born: "2015"}', '/born: expected "2015", got "2014"'),
        ('{ten: A, sinh: "2014"}', '{ten: A, sinh: "14"}', "map_format"),
        ('record: {name: A, born: "2014"}', "error: {pointer: /sinh, code: map_format}", "and was not"),
        ('record: {name: A, born: "2014"}', 'record: {name: A, borned: "2014"}', "/borned"),
    ],
)
def test_what_came_instead_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    (result,) = _run(tmp_path, LAST, LAST.replace(old, new))
    assert not result.ok
    assert words in result.detail


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('phuong: "2"}', "phuong: 2}", '/phuong: expected 2, got "2"'),
        ('phuong: "2"}', 'phuong: "2", them: x}', '/them: expected "x", got nothing'),
        ('body: {noiDung: xin, phuong: "2"}', "body: {noiDung: xin}", '/phuong: expected nothing, got "2"'),
        ('{so: "6"}', '{so: "7"}', '/parts/so: expected "7", got "6"'),
        ("number: 6", 'number: "6"', "/number"),
        ('ward: "2"', 'ward: "1"', "code_ended"),
    ],
)
def test_differences_are_named_place_by_place(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in NOTE
    first, _ = _run(tmp_path, "  - contract: test.lookup\n", NOTE.replace(old, new))
    assert not first.ok
    assert words in first.detail


def test_a_refusal_that_was_expected_is_no_failure(tmp_path: Path) -> None:
    refused = LAST.replace('sinh: "2014"', 'sinh: "14"').replace(
        'record: {name: A, born: "2014"}', "error: {pointer: /sinh, code: map_format}"
    )
    (result,) = _run(tmp_path, LAST, refused)
    assert result.ok


def test_an_example_may_have_a_day_of_its_own(tmp_path: Path) -> None:
    changed = (
        FILES[NORTH]
        .replace("phuong: /ward", "phuong: $accepted_on")
        .replace(
            "  - contract: test.lookup\n",
            NOTE.replace('phuong: "2"}', "phuong: 2025-06-30}\n        context: {accepted_on: 2025-06-30}"),
        )
    )
    loaded = load(write(tmp_path, {NORTH: changed}))
    assert loaded.workspace is not None, "\n".join(map(str, loaded.findings))
    assert [result.detail for result in run_examples(loaded.workspace)] == ["", ""]
