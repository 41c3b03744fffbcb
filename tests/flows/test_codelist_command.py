"""`lienthong codelist` answers from the files at hand, as the gateway does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.commands import build
from tests.flows.test_codelists import with_wards


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with_wards(tmp_path)
    return tmp_path


def run(root: Path, *words: str) -> tuple[int, str]:
    told = CliRunner().invoke(build(), ["codelist", *words, "-C", str(root)], env={"LIENTHONG_LANG": "en"})
    return told.exit_code, told.output


def in_json(root: Path, *words: str) -> Any:
    return json.loads(run(root, *words, "--json")[1])


def test_what_a_code_means_depends_on_the_day(root: Path) -> None:
    assert in_json(root, "show", "wards", "20410", "--on", "2025-06-30")["name"] == "Phường Sơn Phong"
    assert in_json(root, "show", "wards", "20410", "--on", "2025-07-01")["name"] == "Phường Hội An"


def test_a_merger_is_converted(root: Path) -> None:
    assert run(root, "convert", "wards", "20404", "--from", "2025-06-30", "--to", "2025-07-01") == (
        0,
        "20410 Phường Hội An\n",
    )


def test_the_way_back_is_refused_with_the_candidates(root: Path) -> None:
    words = ("convert", "wards", "20410", "--from", "2025-09-01", "--to", "2024-12-31")
    code, told = run(root, *words)
    assert code == 1
    assert "the bus never picks" in told
    answer = in_json(root, *words)
    assert answer["code"] == "ambiguous_code"
    assert [each["code"] for each in answer["candidates"]] == ["20398", "20404", "20410", "20425", "20428"]


def test_rows_are_found_without_accents(root: Path) -> None:
    found = in_json(root, "show", "wards", "--q", "hoang sa", "--on", "2024-12-31")
    assert [(row["id"], row["code"]) for row in found["rows"]] == [("d498@2024", None)]


def test_what_has_no_code_is_converted_by_its_id(root: Path) -> None:
    answer = in_json(root, "convert", "wards", "d498@2024", "--id", "--to", "2025-07-01")
    assert answer["code"] == "20333"


def test_a_day_is_told_by_what_it_changed(root: Path) -> None:
    code, _ = run(root, "diff", "wards", "2025-06-30", "2025-07-01")
    assert code == 1
    found = {(each["change"], each["before"][0]["name"]) for each in in_json(root, "diff", "wards", "2025-06-30")}
    assert ("split", "Xã Hòa Liên") in found


def test_a_list_that_is_not_there_is_answered_with_those_that_are(root: Path) -> None:
    code, told = run(root, "show", "ward")
    assert code == 4
    assert "wards" in told
