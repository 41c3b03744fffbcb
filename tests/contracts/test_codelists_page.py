"""What docs/codelists.md says is so."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import deploy
from contracts.codelists import CodeList, CodeProblem, read_code_list
from contracts.dates import span_of
from contracts.wording import Language, worded

PAGE = (Path(__file__).parents[2] / "docs" / "codelists.md").read_text("utf-8")
BLOCK = re.search(r"```csv\n(.+?)```", PAGE, re.DOTALL)
LOOK_UP = re.compile(r"^\| `(\d+)` \| `([\d-]+)` \| ([^|`]+|refused, `\w+`: [^|]+) \|$", re.MULTILINE)
CONVERT = re.compile(r"^\| `(\d+)` \| `([\d-]+)` \| `([\d-]+)` \| (.+) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def codes() -> CodeList:
    assert BLOCK is not None
    return read_code_list("wards", BLOCK[1])


def told(problem: CodeProblem) -> str:
    return f"refused, `{problem.code}`: {', '.join(problem.candidates) or '–'}"


@pytest.mark.parametrize(("code", "on", "answer"), LOOK_UP.findall(PAGE))
def test_a_look_up_answers_as_the_page_says(codes: CodeList, code: str, on: str, answer: str) -> None:
    """Or is refused with the candidates that stand there."""
    try:
        found = codes.look_up(code, span_of(on)).name
    except CodeProblem as problem:
        found = told(problem)
    assert found == answer


@pytest.mark.parametrize(("code", "on", "to", "answer"), CONVERT.findall(PAGE))
def test_a_conversion_answers_as_the_page_says(codes: CodeList, code: str, on: str, to: str, answer: str) -> None:
    """Or is refused with the candidates that stand there."""
    try:
        found = f"`{codes.code_of(codes.look_up(code, span_of(on)), date.fromisoformat(to))}`"
    except CodeProblem as problem:
        found = told(problem)
    assert found == answer


def test_the_tables_are_read_whole() -> None:
    """Else a row that is written otherwise would not be tried."""
    assert (len(LOOK_UP.findall(PAGE)), len(CONVERT.findall(PAGE))) == (10, 6)


def test_the_refusal_is_quoted_as_it_is_said(codes: CodeList) -> None:
    """In Vietnamese."""
    with pytest.raises(CodeProblem) as refused:
        codes.look_up("20404", span_of("2025-07-01"))
    words = worded(refused.value.at("/home_ward"), Language.VI)
    assert f"> {words.detail}\n> → {words.remedy}\n" in PAGE


def test_every_code_of_a_refusal_is_explained(codes: CodeList) -> None:
    """All that a code list can answer."""
    for code in (
        "unknown_code",
        "code_ended",
        "code_not_yet",
        "ambiguous_date",
        "ambiguous_code",
        "no_conversion",
        "no_code",
    ):
        assert f"`{code}`" in PAGE


def test_the_wards_on_the_page_are_the_citys(codes: CodeList) -> None:
    """Word for word, in the list that the demo runs on."""
    file = Path(deploy.__file__).parent / "demo" / "workspace" / "codelists" / "wards.csv"
    city = read_code_list("wards", file.read_text("utf-8"))
    for row in codes:
        known = city.row(row.id)
        assert (known.code, known.name, known.valid_from, known.valid_to) == (
            row.code,
            row.name,
            row.valid_from,
            row.valid_to,
        )
        assert (known.successors, known.attributes["province"]) == (row.successors, row.attributes["province"])
