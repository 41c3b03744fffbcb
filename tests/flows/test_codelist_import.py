"""`lienthong codelist import`: what would change is said first; the file changes where it has to, and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.commands import build

OURS = """\
id,code,name,valid_from,valid_to,successors,province
20404@2024,20404,"Phường Cẩm Phô, Hội An",,,,49\r
20410@2024,20410,Phường Sơn Phong,,,,49
00001@2024,00001,Phường Phúc Xá,,,,01
sa@2024,,Huyện Hoàng Sa,,,,48
"""
THEIRS = "ma;ten;tinh\n20410;Phường Hội An;48\n00001;Phường Phúc Xá;01\n20333;Đặc khu Hoàng Sa;48\n"
HOW = ("--code", "ma", "--name", "ten", "--column", "province=tinh", "--delimiter", ";", "--as-of", "2025-07-01")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "codelists").mkdir()
    (tmp_path / "codelists/wards.csv").write_text(OURS.replace("\r\n", "\n"), "utf-8")
    (tmp_path / "theirs.csv").write_text(THEIRS, "utf-8")
    return tmp_path


def run(root: Path, *words: str, table: str = "theirs.csv") -> tuple[int, str]:
    arguments = ["codelist", "import", "wards", str(root / table), *HOW, *words, "-C", str(root)]
    told = CliRunner().invoke(build(), arguments, env={"LIENTHONG_LANG": "en", "COLUMNS": "200"})
    return told.exit_code, told.output


def text(root: Path) -> str:
    return (root / "codelists/wards.csv").read_text("utf-8")


def test_a_dry_run_says_what_would_change_and_changes_nothing(root: Path) -> None:
    before = text(root)
    code, told = run(root)
    assert code == 1
    assert "new 1, ended 1, reused 1, kept 1" in " ".join(told.split())
    assert "without successor: 20404 Phường Cẩm Phô, Hội An" in told
    assert "nothing was written" in told
    assert text(root) == before


def test_only_the_lines_that_change_are_written(root: Path) -> None:
    before = text(root).splitlines()
    code, _ = run(root, "--write")
    after = text(root).splitlines()
    assert code == 0
    assert after[0] == before[0]
    assert after[3:5] == before[3:5]
    assert after[2] == "20410@2024,20410,Phường Sơn Phong,,2025-07-01,,49"
    assert after[5:] == [
        "20410@2025,20410,Phường Hội An,2025-07-01,,,48",
        "20333@2025,20333,Đặc khu Hoàng Sa,2025-07-01,,,48",
    ]


def test_hoang_sa_stays_until_a_person_says_what_took_its_place(root: Path) -> None:
    run(root, "--write")
    assert "sa@2024,,Huyện Hoàng Sa,,,,48\n" in text(root)


def test_what_a_person_states_is_written(root: Path) -> None:
    stated = "old,new\n20404,20410\n20410,20410\nsa@2024,20333\n"
    (root / "stated.csv").write_text(stated, "utf-8")
    code, told = run(root, "--successors", str(root / "stated.csv"), "--write")
    assert (code, "without successor" in told) == (0, False)
    assert "sa@2024,,Huyện Hoàng Sa,,2025-07-01,20333@2025,48\n" in text(root)


def test_the_same_list_again_is_no_change(root: Path) -> None:
    run(root, "--write")
    written = text(root)
    code, told = run(root, "--write")
    assert (code, text(root)) == (0, written)
    assert "kept" in told


@pytest.mark.parametrize(
    ("theirs", "why"),
    [
        ("ma;ten;tinh\n", "the list is empty"),
        ("ma;ten;tinh\n1;Phường Phúc Xá;01\n", "shorter than the 5 digits"),
        ("ma;ten\n", "lacks the columns tinh"),
        ("ma;ten;tinh\n20410;;48\n", "line 2: the entry has no name"),
    ],
)
def test_a_table_that_cannot_be_is_refused_and_nothing_is_written(root: Path, theirs: str, why: str) -> None:
    before = text(root)
    (root / "theirs.csv").write_text(theirs, "utf-8")
    code, told = run(root, "--write")
    assert code == 3
    assert why in told
    assert text(root) == before


def test_programs_are_told_in_json(root: Path) -> None:
    told: dict[str, Any] = json.loads(run(root, "--json")[1])
    assert (told["counts"]["reused"], told["written"]) == (1, False)
    assert [row["id"] for row in told["without_successor"]] == ["20404@2024", "20410@2024"]


def test_a_list_that_is_new_is_begun(root: Path) -> None:
    (root / "codelists/wards.csv").unlink()
    assert run(root, "--write")[0] == 0
    assert text(root).splitlines()[:2] == [
        "id,code,name,valid_from,valid_to,successors,province",
        "20410@2025,20410,Phường Hội An,2025-07-01,,,48",
    ]
